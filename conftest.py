"""Fixtures of all tests: one PostgreSQL and one RabbitMQ per run, a fresh database per test.

`tests.support.servers` chooses where both come from; pytest's header shows the choice.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
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

# How long one example takes depends on what else the machine does.
hypothesis.settings.register_profile("kehu", deadline=None)
hypothesis.settings.load_profile("kehu")


def pytest_configure() -> None:
    """Give each test process ports of its own."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        os.environ["KEHU_PORTS"] = ports_of(worker, count, PRIVATE_RANGE)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Spread tests over processes (`-n`); tests that share a costly fixture stay together."""
    return ByFile(config, log)


def pytest_report_header() -> str:
    """Report which servers the tests run on."""
    return f"PostgreSQL and RabbitMQ: {servers.choice().description}"


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
    """Creates the databases of the tests."""
    with databases_on(postgres_url, CONTRACTS) as found:
        yield found


@pytest.fixture
def database_url(databases: Databases) -> Iterator[Callable[[Service], str]]:
    """Creates a fresh database for a service, migrated as in production."""
    urls: list[str] = []

    def create(service: Service) -> str:
        urls.append(databases.fresh(service))
        return urls[-1]

    yield create
    for url in urls:
        databases.release(url)


@pytest.fixture
def harness(
    request: pytest.FixtureRequest, database_url: Callable[[Service], str]
) -> Iterator[Harness]:
    """The service whose folder contains the test, on a fresh database."""
    service = _service_of(request.path)
    running = Harness(service, database_url(service), CONTRACTS)
    yield running
    running.close()


def _service_of(path: Path) -> Service:
    folder = path.relative_to(ROOT / "services").parts[0]
    module = importlib.import_module(f"kehu_{folder.replace('-', '_')}.app")
    service: Service = module.service
    return service
