"""The embedded PostgreSQL: private, durable, and stopped with the process that started it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from kehu_cli.catalogue import ROOT
from kehu_cli.ports import accepts
from kehu_cli.stack import databases, postgres
from tests.support import embedded_postgres

OWNER_THAT_IS_KILLED = """
import sys, time
from pathlib import Path
from tests.support import embedded_postgres
server = embedded_postgres.start(Path(sys.argv[1]), durable=False)
print(server.port, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[embedded_postgres.PostgresServer]:
    """A temporary server."""
    with embedded_postgres.temporary() as running:
        yield running


@pytest.fixture(scope="module")
def urls(server: embedded_postgres.PostgresServer) -> dict[str, str]:
    """The addresses of two services' databases."""
    return databases.create(server.superuser_url, ["marketing", "service-desk"])


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.02)


def test_a_role_can_use_its_own_database(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["service-desk"]) as connection:
        connection.execute("CREATE TABLE note (text text)")
        assert connection.execute("SELECT current_user").fetchone() == ("kehu_service_desk",)


@pytest.mark.parametrize("other", ["kehu_service_desk", "postgres", "template1"])
def test_a_role_cannot_connect_to_any_other_database(urls: dict[str, str], other: str) -> None:
    address = urlsplit(urls["marketing"])._replace(path=f"/{other}").geturl()
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(address)


def test_a_wrong_password_is_refused(server: embedded_postgres.PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://postgres:wrong@127.0.0.1:{server.port}/postgres")


def test_creating_again_keeps_the_data_and_sets_the_given_passwords(tmp_path: Path) -> None:
    with embedded_postgres.start(tmp_path, durable=False) as server:
        first = databases.create(server.superuser_url, ["auth"], {"auth": "one"})
        with psycopg.connect(first["auth"]) as connection:
            connection.execute("CREATE TABLE kept ()")
        second = databases.create(server.superuser_url, ["auth"], {"auth": "two / ü %"})
        with psycopg.connect(second["auth"]) as connection:
            connection.execute("SELECT * FROM kept")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(first["auth"])


def test_a_crash_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    with embedded_postgres.start(tmp_path) as server:
        with psycopg.connect(server.superuser_url) as connection:
            connection.execute("CREATE TABLE kept ()")
        server.kill()
    with (
        embedded_postgres.start(tmp_path) as server,
        psycopg.connect(server.superuser_url) as connection,
    ):
        connection.execute("SELECT * FROM kept")


def test_only_the_owner_can_read_the_superuser_password(tmp_path: Path) -> None:
    postgres.prepare(tmp_path, durable=False)
    assert (tmp_path / "postgres.password").stat().st_mode & 0o777 == 0o600


def test_a_server_stops_when_its_owner_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER_THAT_IS_KILLED, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        assert accepts("127.0.0.1", port)
        owner.send_signal(signal.SIGKILL)
    wait_for(lambda: not accepts("127.0.0.1", port))
    wait_for(lambda: not (tmp_path / "postgres" / "postmaster.pid").exists())
