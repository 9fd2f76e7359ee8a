"""Fixtures of the chassis's tests: a small test service and its servers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

# The test service and the helpers are packages, also for processes that tests start.
SOURCES = Path(__file__).parent / "support/src"
sys.path.insert(0, str(SOURCES))

from chassis_support import amqp, contracts  # noqa: E402
from chassis_support.program import Program  # noqa: E402
from chassis_support.proxy import Proxy  # noqa: E402
from chassis_support.server import Process  # noqa: E402
from kehu_sample.app import service as notes  # noqa: E402

from kehu_chassis.data.database import Database  # noqa: E402
from kehu_chassis.runtime.service import Service  # noqa: E402
from kehu_chassis.testing import Harness, User  # noqa: E402
from tests.support.servers import Broker  # noqa: E402


@pytest.fixture
def vhost(broker: Broker) -> Iterator[amqp.Vhost]:
    """A virtual host with the exchanges and no queue but the one for unrouted messages."""
    with amqp.new_vhost(broker) as vhost:
        yield vhost


@pytest.fixture(scope="session")
def contracts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contracts of the notes service."""
    return contracts.write(tmp_path_factory.mktemp("contracts"))


@pytest.fixture
def harness(database_url: Callable[[Service], str], contracts_folder: Path) -> Iterator[Harness]:
    """The notes service on a fresh database."""
    running = Harness(notes, database_url(notes), contracts_folder)
    yield running
    running.close()


@pytest.fixture
def boss(harness: Harness) -> User:
    """A user with all permissions."""
    return harness.user("boss")


@pytest.fixture
def program(harness: Harness, tmp_path: Path, contracts_folder: Path) -> Iterator[Program]:
    """The notes service as processes; a test that needs the broker adds KEHU_AMQP_URL."""
    running = Program(
        tmp_path,
        {
            "KEHU_DATABASE_URL": harness.settings.database_url,
            "KEHU_AUTH_URL": "http://127.0.0.1:1",
            "KEHU_CONTRACTS": str(contracts_folder),
            "KEHU_DRAIN_SECONDS": "0",
        },
    )
    yield running
    running.end()


@pytest.fixture
def cable(postgres_url: str) -> Iterator[Proxy]:
    """A connection to PostgreSQL that can be cut."""
    port = urlsplit(postgres_url).port
    assert port is not None
    proxy = Proxy(port)
    yield proxy
    proxy.cut()


@pytest.fixture
def fragile(harness: Harness, cable: Proxy) -> Iterator[Database]:
    """The database of the harness, reached through the cable."""
    parts = urlsplit(harness.settings.database_url)
    netloc = parts.netloc.rsplit(":", 1)[0] + f":{cable.port}"
    url = urlunsplit(parts._replace(netloc=netloc))
    database = harness.another_database(pool=4, url=url)
    yield database
    database.dispose()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts an HTTP server for one test; see `Process` for the options."""
    made: list[Process] = []

    def start(**options: str | int) -> Process:
        made.append(Process(tmp_path / f"server-{len(made)}.log", **options))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for process in made:
        process.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """An HTTP server for the tests of a file that change nothing of it."""
    process = Process(tmp_path_factory.mktemp("server") / "log")
    yield process
    process.stop()
