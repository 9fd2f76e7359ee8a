"""Asking through psql ends: with an answer, or with an error that says why there is none."""

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
    """As much of an installation as reading its databases takes."""

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
        """A program that came with the embedded server."""
        return [str(postgres.binary(program)), *arguments]


@pytest.fixture(scope="module")
def superuser_url() -> Iterator[str]:
    """A server of its own, as databases are made that bear a service's name."""
    with embedded_postgres.temporary() as running:
        yield running.superuser_url


@pytest.fixture(scope="module")
def server(superuser_url: str) -> Installation:
    """The server as backup sees it."""
    return cast("Installation", Server(superuser_url))


@pytest.fixture
def asked(server: Installation) -> Iterator[Psql]:
    """A connection to the database that is always there, which has five seconds for an answer."""
    with Psql(server, "postgres", patience=5) as connection:
        yield connection


def test_every_answer_belongs_to_its_question(asked: Psql) -> None:
    asked.send("SELECT 'first'")
    asked.send("SELECT generate_series(1, 2)")
    assert asked.answer() == ["first"]
    assert asked.answer() == ["1", "2"]
    assert asked.ask("SELECT repeat('x', 1000000)") == "x" * 1_000_000
    assert asked.ask_json("""SELECT '{"name": "客户"}'""") == {"name": "客户"}


def test_a_query_without_an_answer_is_not_waited_for(asked: Psql) -> None:
    assert asked.execute("SELECT 1 WHERE false") == []
    with pytest.raises(ServerError, match="answers 0 lines"):
        asked.ask("SELECT 1 WHERE false")


def test_what_the_server_refuses_is_told_in_its_words(asked: Psql) -> None:
    with pytest.raises(ServerError, match='relation "alembic_version" does not exist'):
        asked.ask("SELECT version_num FROM alembic_version")


def test_a_database_that_is_not_there_is_told(server: Installation) -> None:
    with pytest.raises(ServerError, match='"nowhere" does not exist'), Psql(server, "nowhere"):
        pass


def test_a_server_that_does_not_answer_is_given_up(server: Installation) -> None:
    started = time.monotonic()
    with (
        pytest.raises(ServerError, match="did not answer within 1 s"),
        Psql(server, "postgres", patience=1) as asked,
    ):
        asked.ask("SELECT pg_sleep(5)")
    assert time.monotonic() - started < 20


def test_a_notice_is_no_news(asked: Psql, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither on the terminal, nor among the reasons of an error that follows."""
    asked.execute("DROP DATABASE IF EXISTS nowhere")
    with pytest.raises(ServerError) as raised:
        asked.ask("SELECT nothing")
    assert 'column "nothing" does not exist' in str(raised.value)
    assert "skipping" not in str(raised.value)
    assert capfd.readouterr() == ("", "")


def test_a_lock_of_others_is_not_waited_for_without_end(asked: Psql) -> None:
    assert asked.ask("SHOW lock_timeout") == "1min"


@contextmanager
def _nothing(_database: psycopg.Connection[Any]) -> Iterator[None]:
    yield


@contextmanager
def _empty_table(database: psycopg.Connection[Any]) -> Iterator[None]:
    """As a migration leaves it that was broken off before its first script."""
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
    assert not list((tmp_path / "backup").iterdir()), "the same folder can be named again"


class Late(Psql):
    """Is late with the first snapshots that it is asked for, as on a busy machine."""

    times = 3

    def send(self, statement: str) -> None:
        if statement == backup.SNAPSHOT and self.times:
            self.times -= 1
            statement = f"DO $$ BEGIN PERFORM pg_sleep(0.1); END $$; {statement}"
        super().send(statement)


def test_snapshots_are_taken_again_until_they_are_of_one_moment(server: Installation) -> None:
    with Psql(server, "postgres") as view, Late(server, "postgres") as late:
        names = backup.snapshots_of_one_moment({"auth": view, "customer": late})
        assert late.times == 0 and set(names) == {"auth", "customer"}
        for each in (view, late):
            assert each.ask("SHOW transaction_isolation") == "repeatable read"


def test_a_machine_that_is_always_late_is_told(
    server: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "MOST_TRIES", 2)
    with (
        Psql(server, "postgres") as view,
        Late(server, "postgres") as late,
        pytest.raises(ServerError, match="too busy"),
    ):
        backup.snapshots_of_one_moment({"auth": view, "customer": late})
