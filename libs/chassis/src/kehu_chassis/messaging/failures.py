"""Events that could not be handled: retried later, or dead until an administrator decides.

Each has a code, the kind of its failure, and a reason for whoever looks into it.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Base, Database, is_unreachable, new_id
from kehu_chassis.messaging import events
from kehu_chassis.messaging.contracts import ContractError, Unpublishable

log = logging.getLogger(__name__)

DELAYS = (1, 10, 60, 600)  # seconds before the second, third, fourth and fifth attempt
UNREADABLE = "unreadable"  # the handler's name of an event that violates its contract
MAX_REASON = 1000
# Why an event failed, beside the codes of ContractError; for people: the label `dead-letter.code`.
HANDLER_FAILED, CONSUMER_ENDED, DEFERRED = Unpublishable.code, "consumer-ended", "deferred"
_VIOLATIONS: list[type[ContractError]] = [ContractError, *ContractError.__subclasses__()]
CODES = tuple(
    dict.fromkeys([*(kind.code for kind in _VIOLATIONS), HANDLER_FAILED, CONSUMER_ENDED, DEFERRED])
)
# Only the beginning of an oversized message is stored: enough for a replay to reject it again.
MAX_STORED = events.MAX_BYTES + 1


class NoHandler(Exception):
    """This release has no handler of the name that an event waits for."""


class FailedEvent(Base):
    """An event whose handler failed: retried later, or dead until an administrator decides."""

    __tablename__ = "failed_event"
    __table_args__ = (
        UniqueConstraint("handler", "source", "event_id"),
        Index(
            "ix_failed_event_due", "next_attempt_at", postgresql_where=text("state = 'retrying'")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    handler: Mapped[str]
    source: Mapped[str]
    event_id: Mapped[str]
    type: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    # The origin of an unreadable one, which a retry checks again; see `_amqp.Origin`.
    route: Mapped[str | None]
    publisher: Mapped[str | None]
    attempts: Mapped[int]
    code: Mapped[str | None]  # null in rows of earlier releases
    reason: Mapped[str]
    state: Mapped[str]  # retrying, dead
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


def store(database: Database, row: dict[str, Any]) -> None:
    """Write a failed event; a dead one that failed again is retried again."""
    now = clock.now()
    due = now + timedelta(seconds=DELAYS[0] if row["attempts"] else 0)
    row |= {
        "reason": storable(row["reason"])[:MAX_REASON],
        "next_attempt_at": due if row["state"] == "retrying" else None,
        "created_at": now,
        "updated_at": now,
    }
    try:
        _write(database, row)
    except Exception as error:
        if is_unreachable(error):
            raise
        # One message must never end the consumer: an event that cannot be stored under its own
        # name is stored anonymously and decoded again on retry.
        log.error("a failed event cannot be stored under its name: %s", reason_of(error))
        _write(database, row | _nameless(row, error))


def _write(database: Database, row: dict[str, Any]) -> None:
    again = ("attempts", "code", "reason", "state", "next_attempt_at", "updated_at")
    statement = (
        insert(FailedEvent)
        .values(id=new_id(), **row)
        .on_conflict_do_update(
            index_elements=["handler", "source", "event_id"],
            set_={name: row[name] for name in again},
            where=FailedEvent.state == "dead",
        )
    )
    database.run(SYSTEM, lambda session: session.execute(statement))


_NEXT_DUE = (
    select(FailedEvent.next_attempt_at)
    .where(FailedEvent.state == "retrying")
    .order_by(FailedEvent.next_attempt_at)
    .limit(1)
)


def next_due(database: Database) -> datetime | None:
    """When the next failed event is to be retried; None if none is."""
    rows = database.rows(_NEXT_DUE, {})
    return rows[0].next_attempt_at if rows else None


def claim_due(session: Session) -> FailedEvent | None:
    """The next due row; its attempt is counted first, even if it kills the process."""
    row = session.scalars(
        select(FailedEvent)
        .where(FailedEvent.state == "retrying", FailedEvent.next_attempt_at <= clock.now())
        .order_by(FailedEvent.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    row.attempts += 1
    row.updated_at = clock.now()
    delay = DELAYS[min(row.attempts, len(DELAYS)) - 1]
    row.next_attempt_at = clock.now() + timedelta(seconds=delay)
    if row.attempts > len(DELAYS) + 1:
        row.state, row.next_attempt_at = "dead", None
        row.reason = f"gave up after {len(DELAYS) + 1} attempts: {row.reason}"[:MAX_REASON]
        return None
    return row


def settle(session: Session, row_id: UUID) -> None:
    """Delete a failed event that has been handled."""
    session.execute(delete(FailedEvent).where(FailedEvent.id == row_id))


def record_attempt(session: Session, row_id: UUID, failure: Exception, *, dead: bool) -> None:
    """Record why an attempt failed; a dead event is not retried."""
    row = session.get(FailedEvent, row_id)
    if row is None:
        return
    row.code, row.updated_at = code_of(failure), clock.now()
    row.reason = storable(reason_of(failure))[:MAX_REASON]
    if dead:
        row.state, row.next_attempt_at = "dead", None


def code_of(failure: Exception) -> str:
    """The kind of a failure, one of ``CODES``."""
    return failure.code if isinstance(failure, ContractError) else HANDLER_FAILED


def reason_of(error: Exception) -> str:
    """Class and first line of an error; a database error's parameters are personal data."""
    if isinstance(error, (ContractError, NoHandler)):
        return str(error)[:MAX_REASON]
    original = getattr(error, "orig", None) or error
    first = (str(original).splitlines() or [""])[0]
    return f"{type(original).__name__}: {first}"[:MAX_REASON]


def storable(text: str) -> str:
    """A text that PostgreSQL accepts, whatever it quotes."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def _nameless(row: dict[str, Any], error: Exception) -> dict[str, Any]:
    """Replacements for the values of a failed event that PostgreSQL rejected."""
    reason = f"cannot be stored under its name: {reason_of(error)}"
    return {
        "handler": UNREADABLE,
        "source": "",
        "event_id": hashlib.sha256(row["body"]).hexdigest(),
        "type": "",
        "code": HANDLER_FAILED,
        "reason": reason.encode("ascii", "replace").decode()[:MAX_REASON],
    }


def counts(session: Session) -> dict[str, int]:
    """The number of failed events by state."""
    rows = session.execute(select(FailedEvent.state, func.count()).group_by(FailedEvent.state))
    return {"retrying": 0, "dead": 0} | dict(rows.all())
