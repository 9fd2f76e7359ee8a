"""Migrations: Alembic under an advisory lock, one head per service, short lock timeouts.

A service's ``migrations/env.py`` is one call of :func:`run_environment`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from kehu_chassis.actor import SYSTEM
from kehu_chassis.backoff import Backoff

# Imported for their tables: Alembic would drop unknown ones.
from kehu_chassis.data import idempotency as _idempotency
from kehu_chassis.data import numbers as _numbers
from kehu_chassis.data.database import Base, Database, is_unreachable
from kehu_chassis.messaging import claims as _claims
from kehu_chassis.messaging import failures as _failures
from kehu_chassis.messaging import inbox as _inbox
from kehu_chassis.messaging import outbox as _outbox
from kehu_chassis.observability import metrics
from kehu_chassis.runtime import jobs as _jobs
from kehu_chassis.runtime.service import Service

log = logging.getLogger(__name__)

_WITH_TABLES = (_claims, _failures, _idempotency, _inbox, _jobs, _numbers, _outbox)

_LOCK = 4_711_000  # arbitrary, the same for all migrators of a database
_WAIT_SECONDS = 60.0
OLDEST_POSTGRESQL = 15


class NotReady(Exception):
    """A process cannot start on this database; the message states why."""


def upgrade(service: Service, database: Database) -> None:
    """Migrate the database to the newest schema; waits for a late database, runs exclusively."""
    wait_for(database, threading.Event(), patience=_WAIT_SECONDS)
    with database.engine.connect() as connection:
        if reason := _reason_too_old(connection):
            raise NotReady(reason)
        # Another migrator, or filling a large table, may take longer than any request.
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text("SET lock_timeout = '2s'"))
        # Alembic would join the lock's transaction and roll it back at the end.
        connection.commit()
        try:
            command.upgrade(_config(service, connection), "head")
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.execute(text("RESET ALL"))
            connection.commit()
    if service.first_start is not None:
        database.run(SYSTEM, service.first_start)


def check(service: Service, database: Database) -> None:
    """Raise if models and migrations disagree (Alembic's ``check``)."""
    with database.engine.connect() as connection:
        command.check(_config(service, connection))


def revise(service: Service, database: Database, message: str) -> None:
    """Write a migration for the differences between models and database, if there are any."""
    number = len(_revisions(service.migrations)[1]) + 1
    with database.engine.connect() as connection:
        command.revision(
            _config(service, connection),
            message=message,
            autogenerate=True,
            rev_id=f"{number:04}",
            process_revision_directives=_drop_if_empty,
        )


def _drop_if_empty(
    _context: MigrationContext, _revision: object, scripts: list[MigrationScript]
) -> None:
    if all(script.upgrade_ops is None or script.upgrade_ops.is_empty() for script in scripts):
        scripts.clear()


def wait_for(
    database: Database,
    stop: threading.Event,
    *,
    patience: float = float("inf"),
    loops: Sequence[str] = (),
) -> None:
    """Wait for a database that starts late, logging its errors, until ``stop`` is set.

    ``loops`` are the waiting background loops, which count as alive meanwhile.
    """
    started, backoff = time.monotonic(), Backoff(stop)
    while not stop.is_set():
        try:
            with database.engine.connect():
                return
        except Exception as error:
            if not is_unreachable(error):
                raise
            reason = " ".join(str(getattr(error, "orig", error)).split())
            if time.monotonic() - started > patience:
                raise NotReady(f"the database cannot be reached: {reason}") from None
            log.warning("waiting for the database: %s", reason)
            for loop in loops:
                metrics.note_progress(loop)
            backoff.wait()


def require(service: Service, database: Database) -> None:
    """Raise NotReady, with the reason, unless the database fits this code."""
    if reason := reason_not_ready(service, database):
        raise NotReady(reason)


class Readiness:
    """Whether the database allows a process to be used; logs every change."""

    def __init__(self, service: Service, database: Database) -> None:
        self._service = service
        self._database = database
        self._logged: str | None = ""

    def reason(self) -> str | None:
        """Why the process may not be used; None if it may."""
        try:
            reason = reason_not_ready(self._service, self._database)
        except SQLAlchemyError:
            reason = "the database cannot be reached"
        if reason != self._logged:
            self._logged = reason
            if reason:
                log.error("not ready: %s", reason)
            else:
                log.info("ready")
        return reason


def run_environment(metadata: MetaData) -> None:
    """The body of every service's ``migrations/env.py``; ``metadata`` are the service's tables."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=[Base.metadata, metadata],
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def reason_not_ready(service: Service, database: Database) -> str | None:
    """Why the schema is too old for this code; None if it is not.

    A newer schema is fine: migrations keep the previous release working.
    """
    with database.engine.connect() as connection:
        if reason := _reason_too_old(connection):
            return reason
        if not inspect(connection).has_table("alembic_version"):
            return "the database is not migrated: run `migrate`"
        current = connection.scalar(text("SELECT version_num FROM alembic_version"))
    head, known = _revisions(service.migrations)
    if current is None:
        return "the database is not migrated: run `migrate`"
    if current == head or current not in known:
        return None
    return f"the schema is at {current} and older than {head}: run `migrate`"


def _reason_too_old(connection: Connection) -> str | None:
    major = int((connection.dialect.server_version_info or (0,))[0])
    if major >= OLDEST_POSTGRESQL:
        return None
    return f"PostgreSQL {major} is too old: {OLDEST_POSTGRESQL} or newer is required"


@cache
def _revisions(migrations: Path) -> tuple[str | None, frozenset[str]]:
    scripts = ScriptDirectory(str(migrations))
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return scripts.get_current_head(), known


def _config(service: Service, connection: Connection) -> Config:
    service.load_models()
    config = Config()
    config.set_main_option("script_location", str(service.migrations))
    config.attributes["connection"] = connection
    return config
