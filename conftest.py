"""Fixtures of all tests: one PostgreSQL and one RabbitMQ per run, a fresh database per test.

Where the two come from is chosen by `tests.support.servers` and shown in pytest's header.
"""

from __future__ import annotations

import importlib
import itertools
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from kehu_chassis.data.database import Database
from kehu_chassis.runtime import migrate
from kehu_chassis.runtime.service import Service
from kehu_chassis.testing import Harness
from kehu_cli.catalogue import DEFINITIONS
from tests.support import servers

ROOT = Path(__file__).parent
CONTRACTS = ROOT / "contracts"
_numbers = itertools.count(1)
# Given servers may know an earlier run.
_run = secrets.token_hex(3)


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
def _templates(postgres_url: str) -> Iterator[dict[str, str]]:
    made: dict[str, str] = {}
    yield made
    for name in made.values():
        _drop(postgres_url, name)


@pytest.fixture
def database_url(
    postgres_url: str, _templates: dict[str, str]
) -> Iterator[Callable[[Service], str]]:
    """Gives a service a fresh database, migrated as in production (a copy of one migrated once)."""
    made: list[str] = []

    def create(service: Service) -> str:
        if service.name not in _templates:
            name = f"template_{_run}_{service.name.replace('-', '_')}"
            _execute(postgres_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            database = Database(
                _address(postgres_url, name), service=service.name, pool=2, application="migrate"
            )
            migrate.upgrade(service, database)
            database.dispose()
            _templates[service.name] = name
        name = f"test_{_run}_{next(_numbers)}"
        _execute(
            postgres_url,
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(_templates[service.name])
            ),
        )
        made.append(name)
        return _address(postgres_url, name)

    yield create
    for name in made:
        _drop(postgres_url, name)


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


def _drop(url: str, name: str) -> None:
    _execute(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _address(url: str, database: str) -> str:
    return url.rsplit("/", 1)[0] + f"/{database}"
