"""Fixtures of all tests: one PostgreSQL and one RabbitMQ per run, a fresh database per test.

Where the two come from is chosen by `tests.support.servers` and shown in pytest's header.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kehu_chassis.runtime.service import Service
from kehu_chassis.testing import Harness
from kehu_chassis.testing.databases import Databases, databases_on
from kehu_cli.catalogue import DEFINITIONS
from kehu_cli.ports import PRIVATE_RANGE
from tests.support import servers
from tests.support.workers import ByFile, ports_of

ROOT = Path(__file__).parent
CONTRACTS = ROOT / "contracts"
pytest_plugins = ["tests.support.seconds"]


def pytest_configure() -> None:
    """Give each test process ports of its own."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        os.environ["KEHU_PORTS"] = ports_of(worker, count, PRIVATE_RANGE)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Spread tests over processes (`-n`) without taking those apart that share what is costly."""
    return ByFile(config, log)


def pytest_report_header() -> str:
    """Say on which servers the tests run."""
    return f"PostgreSQL and RabbitMQ: {servers.choice().words}"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The superuser's address of a PostgreSQL."""
    with servers.postgres_server() as superuser_url:
        yield superuser_url


@pytest.fixture(scope="session")
def broker() -> Iterator[servers.Broker]:
    """A RabbitMQ with all exchanges, queues and logins of the system."""
    with servers.broker(DEFINITIONS) as running:
        yield running


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> Iterator[Databases]:
    """Where the tests' databases are made."""
    with databases_on(postgres_url, CONTRACTS) as made:
        yield made


@pytest.fixture
def database_url(databases: Databases) -> Iterator[Callable[[Service], str]]:
    """Gives a service a fresh database, migrated as in production."""
    made: list[str] = []

    def create(service: Service) -> str:
        made.append(databases.fresh(service))
        return made[-1]

    yield create
    for url in made:
        databases.release(url)


@pytest.fixture
def harness(
    request: pytest.FixtureRequest, database_url: Callable[[Service], str]
) -> Iterator[Harness]:
    """The service in whose folder the test lies, on a fresh database."""
    service = _service_of(request.path)
    running = Harness(service, database_url(service), CONTRACTS)
    yield running
    running.close()


def _service_of(path: Path) -> Service:
    folder = path.relative_to(ROOT / "services").parts[0]
    module = importlib.import_module(f"kehu_{folder.replace('-', '_')}.app")
    service: Service = module.service
    return service
