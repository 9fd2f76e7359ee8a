"""PostgreSQL: engine, session and the base of all tables.

Nothing here opens a connection at import or before a fork: :func:`Database.session` does, lazily.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import psycopg
import uuid_utils
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Executable,
    MetaData,
    Numeric,
    Text,
    Uuid,
    create_engine,
    delete,
    event,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    declared_attr,
    mapped_column,
    sessionmaker,
)

from kehu_chassis.actor import Actor
from kehu_chassis.data.columns import person
from kehu_chassis.observability import metrics

NIL = UUID(int=0)
DELETED_AT_ONCE = 5000
_ATTEMPTS = 3
_OVERFLOW = 1  # above the pool, briefly; deploy/helm includes it in its budget
# serialization_failure, deadlock_detected, and the first use of a prepared statement after a
# migration has changed the type of a column that it returns.
_RETRIED = ("40001", "40P01", "0A000")
T = TypeVar("T")


def new_id() -> UUID:
    """A new UUIDv7: unique, and ordered by time, so that indexes grow at one end."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
TYPES: dict[Any, Any] = {
    UUID: Uuid(),
    datetime: DateTime(timezone=True),
    Decimal: Numeric(),  # exact, with the decimals that are stored
    str: Text(),
    dict[str, Any]: JSONB(),
}


def new_metadata() -> MetaData:
    """The metadata for one service's tables; the constraint names are predictable."""
    return MetaData(naming_convention=_NAMES)


class Base(DeclarativeBase):
    """Base of the chassis's own tables; every service has a Base of its own (``database.py``)."""

    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class Entity:
    """The columns of every record with a URL of its own. ``version`` counts its changes.

    ``created_*`` and ``updated_*`` are filled from the session's actor (`records.commit`);
    ``version`` by SQLAlchemy, which also refuses to overwrite a row that was changed concurrently.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = person()
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID] = person()
    version: Mapped[int]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class Database:
    """One service's database.  ``pool`` is the number of threads that may use it at once.

    ``session_class`` decides what happens at a commit: `records.commit.RecordSession` publishes
    events; a plain session does not. ``contracts`` validate the events that its sessions publish.
    """

    def __init__(
        self,
        url: str,
        *,
        service: str,
        pool: int,
        application: str,
        session_class: type[Session] = Session,
        contracts: Any = None,
    ) -> None:
        self._service = service
        self.contracts = contracts
        self.engine = create_engine(
            url,
            pool_size=pool,
            max_overflow=_OVERFLOW,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,  # error texts are logged, personal data must not be
            connect_args={
                "application_name": application,
                "connect_timeout": 3,
                # A host may vanish without closing connections: without these a thread waits until
                # the kernel gives up, 15 to 30 minutes.
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 15_000,
                # A stuck statement or lock must not hold a thread forever; gunicorn's timeout does
                # not limit requests of a threaded worker.
                "options": "-c statement_timeout=30s -c lock_timeout=5s"
                " -c idle_in_transaction_session_timeout=60s -c timezone=UTC",
            },
        )
        self.alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = sessionmaker(self.engine, class_=session_class, expire_on_commit=False)
        metrics.POOL_SIZE.set(pool)
        event.listen(self.engine, "checkout", lambda *_: self._count_in_use(0))
        event.listen(self.engine, "checkin", lambda *_: self._count_in_use(1))

    def _count_in_use(self, leaving: int) -> None:
        # Read from the pool, not counted: a broken connection is checked in without being checked
        # out. A connection being checked in still counts while the event is handled.
        metrics.POOL_IN_USE.set(self.engine.pool.checkedout() - leaving)  # type: ignore[attr-defined]

    def session(self, actor: Actor) -> Session:
        """A new session whose changes are signed by ``actor``; only this module commits."""
        session = self._sessions()
        session.info["actor"] = actor
        session.info["service"] = self._service
        session.info["contracts"] = self.contracts
        return session

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator[Session]:
        """One unit of work: commits at the end of the block, rolls back if it raises."""
        with self.session(actor) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def run(self, actor: Actor, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a transaction; retries it at most twice, after deadlocks or the like."""
        return retried(lambda: self._once(actor, work))

    def _once(self, actor: Actor, work: Callable[[Session], T]) -> T:
        with self.transaction(actor) as session:
            return work(session)

    def rows(self, statement: Executable, parameters: dict[str, Any]) -> Sequence[Any]:
        """The rows of one statement that commits by itself, at half the cost of a transaction."""
        with self.alone.connect() as connection:
            return connection.execute(statement, parameters).all()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def delete_some(session: Session, model: Any, condition: ColumnElement[bool]) -> int:
    """Delete at most ``DELETED_AT_ONCE`` rows; returns how many. Without a limit, the statement
    would time out after a busy week, and every night after that."""
    row: Any = literal_column("ctid")
    some = select(row).select_from(model).where(condition).limit(DELETED_AT_ONCE)
    result = session.execute(delete(model).where(row.in_(some)))
    return result.rowcount  # type: ignore[attr-defined, no-any-return]


def older(moment: Any, age: timedelta) -> ColumnElement[bool]:
    """Whether a moment is longer ago, by the database's clock: a process whose own clock is wrong
    must not delete what protects from repeats."""
    expired: ColumnElement[bool] = moment < func.now() - age
    return expired


def retried(work: Callable[[], T]) -> T:
    """Run ``work`` up to three times while PostgreSQL raises an error that may not come again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return work()
        except DBAPIError as error:
            if attempt == _ATTEMPTS or not is_retriable(error):
                raise
            time.sleep(0.01 * attempt)
    raise AssertionError("unreachable")


def is_retriable(error: BaseException) -> bool:
    """Whether the same work may succeed on a retry."""
    original = getattr(error, "orig", None)
    return getattr(original, "sqlstate", None) in _RETRIED


def is_unreachable(error: BaseException) -> bool:
    """Whether the database, not the statement, is at fault."""
    if isinstance(error, (InterfaceError, PoolExhausted)):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    # 57P0x: shutting down or starting up; 53xxx: out of connections or disk; 08xxx: connection.
    return (
        state is None
        or state.startswith(("57P", "53", "08"))
        or isinstance(error.orig, psycopg.errors.AdminShutdown)
    )


def actor_of(session: Session) -> Actor:
    """The actor that signs the changes of this session."""
    actor: Actor = session.info["actor"]
    return actor


_LOCK_ALL = text("""
    SELECT count(pg_advisory_xact_lock(hashtextextended(name, 0)))
    FROM unnest(CAST(:names AS text[])) AS name
""")


def advisory_lock(session: Session, *names: str) -> None:
    """Lock names until the end of the transaction; in sorted order, so that two transactions that
    lock the same names cannot deadlock."""
    if names:
        session.execute(_LOCK_ALL, {"names": sorted(set(names))})
