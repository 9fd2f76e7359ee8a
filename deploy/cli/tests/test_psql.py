"""Queries through psql end with a result, or with an error that gives the reason."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import psycopg
import pytest

from kehu_cli.catalogue import SERVICES
from kehu_cli.operations import backup
from kehu_cli.operations.installation import Installation
from kehu_cli.operations.psql import Psql
from kehu_cli.server import ServerError
from kehu_cli.stack import databases, postgres
from kehu_cli.stack.databases import database_name
from tests.support import embedded_postgres


class Server:
    """The part of an installation that queries need."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.environment = {
            **os.environ,
            "PGHOST": str(parts.hostname),
            "PGPORT": str(parts.port),
            "PGUSER": str(parts.username),
            "PGPASSWORD": str(parts.password),
        }

    def tool(self, program: str, *arguments: str) -> list[str]:
        """Return the command line of a program of the embedded server."""
        return [str(postgres.binary(program)), *arguments]


@pytest.fixture(scope="module")
def superuser_url() -> Iterator[str]:
    """A separate server, as the tests create databases with the services' names."""
    with embedded_postgres.temporary() as running:
        yield running.superuser_url


@pytest.fixture(scope="module")
def server(superuser_url: str) -> Installation:
    """The server as an installation for backups."""
    return cast("Installation", Server(superuser_url))


@pytest.fixture
def connection(server: Installation) -> Iterator[Psql]:
    """A connection to the maintenance database, with a time limit of five seconds."""
    with Psql(server, "postgres", patience=5) as connection:
        yield connection


def test_results_are_returned_in_the_order_of_the_statements(connection: Psql) -> None:
    connection.send("SELECT 'first'")
    connection.send("SELECT generate_series(1, 2)")
    assert connection.result() == ["first"]
    assert connection.result() == ["1", "2"]
    assert connection.scalar("SELECT repeat('x', 1000000)") == "x" * 1_000_000
    assert connection.scalar_json("""SELECT '{"name": "客户"}'""") == {"name": "客户"}


def test_an_empty_result_is_returned_at_once(connection: Psql) -> None:
    assert connection.execute("SELECT 1 WHERE false") == []
    with pytest.raises(ServerError, match="returned 0 lines"):
        connection.scalar("SELECT 1 WHERE false")


def test_an_error_of_the_server_is_reported_verbatim(connection: Psql) -> None:
    with pytest.raises(ServerError, match='relation "alembic_version" does not exist'):
        connection.scalar("SELECT version_num FROM alembic_version")


def test_a_missing_database_is_reported(server: Installation) -> None:
    with pytest.raises(ServerError, match='"nowhere" does not exist'), Psql(server, "nowhere"):
        pass


def test_a_query_that_takes_too_long_is_given_up(server: Installation) -> None:
    started = time.monotonic()
    with (
        pytest.raises(ServerError, match="did not respond within 1 s"),
        Psql(server, "postgres", patience=1) as connection,
    ):
        connection.scalar("SELECT pg_sleep(5)")
    assert time.monotonic() - started < 20


def test_notices_are_neither_printed_nor_part_of_a_later_error(
    connection: Psql, capfd: pytest.CaptureFixture[str]
) -> None:
    connection.execute("DROP DATABASE IF EXISTS nowhere")
    with pytest.raises(ServerError) as raised:
        connection.scalar("SELECT nothing")
    assert 'column "nothing" does not exist' in str(raised.value)
    assert "skipping" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


def test_waiting_for_locks_is_limited(connection: Psql) -> None:
    assert connection.scalar("SHOW lock_timeout") == "1min"


@contextmanager
def _nothing(_database: psycopg.Connection[Any]) -> Iterator[None]:
    yield


@contextmanager
def _empty_table(database: psycopg.Connection[Any]) -> Iterator[None]:
    """The state after a migration that was interrupted before its first script."""
    database.execute("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)")
    yield
    database.execute("DROP TABLE alembic_version")


@pytest.mark.parametrize("left", [_nothing, _empty_table])
def test_a_database_that_is_not_migrated_is_not_backed_up(
    server: Installation, superuser_url: str, tmp_path: Path, left: Callable[..., Any]
) -> None:
    databases.create(superuser_url, SERVICES)
    address = superuser_url.rsplit("/", 1)[0] + f"/{database_name(SERVICES[0])}"
    with (
        psycopg.connect(address, autocommit=True) as database,
        left(database),
        pytest.raises(ServerError, match=f"database of {SERVICES[0]} is not migrated yet"),
    ):
        backup.take(server, tmp_path / "backup", lambda _text: None)
    assert not list((tmp_path / "backup").iterdir()), "the same folder can be used again"


class Late(Psql):
    """Delays its first snapshots, as on a busy machine."""

    times = 3

    def send(self, statement: str) -> None:
        if statement == backup.SNAPSHOT and self.times:
            self.times -= 1
            statement = f"DO $$ BEGIN PERFORM pg_sleep(0.1); END $$; {statement}"
        super().send(statement)


def test_snapshots_are_retaken_until_they_are_simultaneous(server: Installation) -> None:
    with Psql(server, "postgres") as view, Late(server, "postgres") as late:
        names = backup.snapshots_of_one_moment({"auth": view, "customer": late})
        assert late.times == 0 and set(names) == {"auth", "customer"}
        for each in (view, late):
            assert each.scalar("SHOW transaction_isolation") == "repeatable read"


def test_a_machine_too_busy_for_snapshots_is_reported(
    server: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "MAX_ATTEMPTS", 2)
    with (
        Psql(server, "postgres") as view,
        Late(server, "postgres") as late,
        pytest.raises(ServerError, match="too busy"),
    ):
        backup.snapshots_of_one_moment({"auth": view, "customer": late})
