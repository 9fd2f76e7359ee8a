"""The transactional outbox: events are written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import Context, copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis import clock, jsontext
from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Base, Database, delete_some, older
from kehu_chassis.messaging import events, wakeup
from kehu_chassis.messaging.contracts import Contracts
from kehu_chassis.messaging.events import Encoded, Event

KEPT = timedelta(days=7)
REPLAYED_AT_ONCE = 5000
WAKEUP = "outbox"  # the channel on which the relay waits
# The database's clock, which the relay uses for `sent_at`.
_NOW = text("SELECT clock_timestamp()")


class OutboxRow(Base):
    """One event to publish, or published within the last seven days."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_pending", "position", postgresql_where=text("sent_at IS NULL")),
        Index("ix_outbox_sent_at", "sent_at"),
    )

    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    traceparent: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True)
class _Pending:
    event: Event | Callable[[], Event]
    context: Context  # of the request or event that causes it: its ids are passed on


def add(
    session: Session, event: Event | Callable[[], Event], *, context: Context | None = None
) -> None:
    """Publish an event if and when this transaction commits.

    A function is called at the commit, after the last flush: an event about a record then has the
    committed version. Raises Unpublishable at the commit if the event violates its schema: a
    programming error, found before it is published.
    """
    _pending(session).append(_Pending(event, context or copy_context()))


def add_all(session: Session, events: Iterable[Event | Callable[[], Event]]) -> None:
    """Publish many events, in order."""
    context = copy_context()
    _pending(session).extend(_Pending(event, context) for event in events)


def _pending(session: Session) -> list[_Pending]:
    if session.info.get("contracts") is None:
        raise RuntimeError("this session cannot publish: see records.commit.open_database")
    found: list[_Pending] = session.info.setdefault("outbox", [])
    return found


_WRITE = text(f"""
    WITH written AS (
        INSERT INTO outbox (id, type, subject, body, traceparent, created_at)
        SELECT e.id, e.type, e.subject, e.body, e.traceparent, :created_at
        FROM json_populate_recordset(CAST(NULL AS outbox), CAST(:rows AS json))
            WITH ORDINALITY AS e
        ORDER BY e.ordinality
    ) {wakeup.NOTIFY}
""")


def write(session: Session) -> None:
    """Write the added events; one statement costs a third of one row object per event."""
    pending = session.info.pop("outbox", [])
    if not pending:
        return
    contracts = session.info["contracts"]
    encoded = [one.context.run(_encode, one.event, contracts) for one in pending]
    session.execute(
        _WRITE,
        {
            "rows": jsontext.write(list(map(vars, encoded))).decode(),
            "created_at": clock.now(),
            "channel": WAKEUP,
        },
    )


def discard(session: Session) -> None:
    """Drop the added events, after a rollback."""
    session.info.pop("outbox", None)


def _encode(event: Event | Callable[[], Event], contracts: Contracts) -> Encoded:
    return events.encode(event() if callable(event) else event, contracts)


def backlog(session: Session) -> tuple[int, float]:
    """``(rows pending, age of the oldest in seconds)``."""
    count, oldest = session.execute(
        select(func.count(), func.min(OutboxRow.created_at)).where(OutboxRow.sent_at.is_(None))
    ).one()
    return count, (clock.now() - oldest).total_seconds() if oldest else 0.0


def overdue(session: Session) -> int:
    """How many events have waited for over a second; under load some always wait briefly."""
    a_second_ago = func.now() - timedelta(seconds=1)
    waiting = OutboxRow.sent_at.is_(None) & (OutboxRow.created_at < a_second_ago)
    return session.scalars(select(func.count()).where(waiting)).one()


def replay(database: Database, since: datetime) -> int:
    """Mark everything sent since a point in time as pending again; returns how many events.

    In batches: for a busy week a single statement would time out. Events that the relay resends
    meanwhile are not marked again.
    """
    begun = database.run(SYSTEM, lambda session: session.execute(_NOW).scalar_one())
    total = 0
    while marked := database.run(SYSTEM, lambda session: _replay_some(session, since, begun)):
        total += marked
    return total


def _replay_some(session: Session, since: datetime, until: datetime) -> int:
    some = (
        select(OutboxRow.position)
        .where(OutboxRow.sent_at >= since, OutboxRow.sent_at < until)
        .order_by(OutboxRow.sent_at)
        .limit(REPLAYED_AT_ONCE)
    )
    result = session.execute(
        update(OutboxRow).where(OutboxRow.position.in_(some)).values(sent_at=None)
    )
    return result.rowcount  # type: ignore[attr-defined, no-any-return]


def purge(session: Session) -> int:
    """Delete some sent rows older than seven days; returns how many."""
    return delete_some(session, OutboxRow, older(OutboxRow.sent_at, KEPT))
