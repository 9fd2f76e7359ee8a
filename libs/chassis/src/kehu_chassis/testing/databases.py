"""A fresh database for each test, created cheaply."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from kehu_chassis.messaging.contracts import Contracts
from kehu_chassis.records.commit import open_database
from kehu_chassis.runtime import migrate
from kehu_chassis.runtime.service import Service


class Databases:
    """The databases of a test run on one server."""

    def __init__(self, superuser_url: str, contracts: Path) -> None:
        self._url = superuser_url
        self._contracts = Contracts(contracts)
        self._connection = psycopg.connect(superuser_url, autocommit=True)
        # A given server may have databases of an earlier run.
        self._run = secrets.token_hex(3)
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}
        self._returned: list[str] = []

    def fresh(self, service: Service) -> str:
        """The URL of a new database, migrated as in production: a copy of one migrated once."""
        if service.package not in self._templates:
            self._templates[service.package] = self._migrated(service)
        name = f"test_{self._run}_{next(self._numbers)}"
        # Copied as files: the default, through the write-ahead log, takes six times as long.
        self._execute(
            "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY",
            name,
            self._templates[service.package],
        )
        return self._url_of(name)

    def empty(self) -> str:
        """The URL of a new database without tables."""
        name = f"test_{self._run}_{next(self._numbers)}"
        self._execute("CREATE DATABASE {}", name)
        return self._url_of(name)

    def release(self, url: str) -> None:
        """Return a database.

        It is dropped after the next test, as PostgreSQL takes a while to notice closed connections,
        and a drop waits for them.
        """
        self._drop_returned()
        self._returned.append(url.rsplit("/", 1)[1])

    def close(self) -> None:
        """Drop everything."""
        self._returned += self._templates.values()
        self._drop_returned()
        self._connection.close()

    def _migrated(self, service: Service) -> str:
        name = f"template_{self._run}_{service.package}"
        self._execute("CREATE DATABASE {}", name)
        database = open_database(
            self._url_of(name),
            service=service.name,
            pool=2,
            application="migrate",
            contracts=self._contracts,
        )
        migrate.upgrade(service, database)
        database.dispose()
        return name

    def _drop_returned(self) -> None:
        while self._returned:
            self._execute("DROP DATABASE {} WITH (FORCE)", self._returned.pop())

    def _execute(self, statement: str, *names: str) -> None:
        identifiers = [sql.Identifier(name) for name in names]
        self._connection.execute(sql.SQL(statement).format(*identifiers))

    def _url_of(self, name: str) -> str:
        return self._url.rsplit("/", 1)[0] + f"/{name}"


@contextmanager
def databases_on(superuser_url: str, contracts: Path) -> Iterator[Databases]:
    """Create databases on this server and drop them."""
    databases = Databases(superuser_url, contracts)
    try:
        yield databases
    finally:
        databases.close()
