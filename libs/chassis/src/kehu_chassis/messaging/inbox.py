"""The idempotent inbox: an event's effect and its inbox row commit together.

``handle`` runs a batch of events in one transaction; if that fails, each event alone. An event that
still fails is written to ``failed_event`` and acknowledged, so that it does not block later ones.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Base, Database, delete_some, is_unreachable, new_id
from kehu_chassis.messaging import events, topology
from kehu_chassis.messaging.contracts import ContractError, Contracts, UnknownType
from kehu_chassis.messaging.events import Received
from kehu_chassis.observability import metrics, tracing

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
DELAYS = (1, 10, 60, 600)  # seconds before the second, third, fourth and fifth attempt
UNREADABLE = "unreadable"  # the handler's name of an event that violates its contract
MAX_REASON = 1000
# Only the beginning of an oversized message is stored: enough for a replay to reject it again.
MAX_STORED = events.MAX_BYTES + 1
# Events are handled one by one for at most this long, so that the caller can serve its connection,
# receive new messages, and stop.
ROUND_SECONDS = 2.0


class InboxRow(Base):
    """An event that a handler has handled.  Kept for thirty days."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_handled_at", "handled_at"),)

    handler: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(server_default=func.now())


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
    route: Mapped[str | None]  # exchange and key of an unreadable one, see `topology.allows`
    attempts: Mapped[int]
    reason: Mapped[str]
    state: Mapped[str]  # retrying, dead
    next_attempt_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


@dataclass(frozen=True)
class On:
    """A subscription: events of one type go to one handler.

    A plain handler takes ``(session, event)``; one with ``batch=True`` takes ``(session, events)``
    and receives those that arrived together, at least one. Handlers never commit. ``key`` is the
    stable name of a handler that is not a module's function.
    """

    type: str
    handler: Callable[[Session, Any], object]
    batch: bool = False
    key: str = ""

    @property
    def name(self) -> str:
        """The handler's stable name, part of the inbox key."""
        return self.key or f"{self.handler.__module__.split('.', 1)[1]}.{self.handler.__name__}"

    @property
    def producer(self) -> str:
        """The service that publishes events of this type."""
        return self.type.split(".")[0]


class Inbox:
    """Handles received events for one service."""

    def __init__(
        self,
        database: Database,
        contracts: Contracts,
        subscriptions: Sequence[On],
        retired: Collection[str] = (),
    ) -> None:
        self._database = database
        self._retired = frozenset(retired)
        self._contracts = contracts
        self._by_type: dict[str, list[On]] = {}
        for subscription in subscriptions:
            self._by_type.setdefault(subscription.type, []).append(subscription)
        self._by_name = {on.name: on for on in subscriptions}

    def handle(self, bodies: Sequence[bytes], *, routes: Sequence[str] | None = None) -> None:
        """Process these messages; afterwards they may be acknowledged.

        ``routes`` are the exchanges and routing keys (``exchange/key``) that they were published
        to: the broker allows each login its own events only.

        Raises only if the database cannot be reached: then nothing was changed, and the caller
        waits and retries.
        """
        found = []
        for body, route in zip_longest(bodies, routes or ()):
            found += self._read(body, route)
        self._process(found)

    def _process(self, found: Sequence[tuple[On, Received]]) -> None:
        work: dict[On, list[Received]] = {}
        for on, event in found:
            work.setdefault(on, []).append(event)
        if not work:
            return
        error = self._attempt(work)
        if error is not None:
            self._handle_singly(work, error)

    def _read(self, body: bytes, route: str | None) -> list[tuple[On, Received]]:
        try:
            return self._decode(body, route)
        except ContractError as error:
            self._park_unreadable(body, route, error)
            return []

    def _decode(self, body: bytes, route: str | None) -> list[tuple[On, Received]]:
        event = events.decode(body, self._contracts)
        if route is not None and not topology.allows(route, event.type):
            raise ContractError(f"{event.type} must not be published to {route}")
        subscriptions = self._by_type.get(event.type)
        if subscriptions is None and event.type in self._retired:
            return []
        if subscriptions is None:
            raise UnknownType(f"unknown event type: {event.type} has no handler here")
        return [(on, event) for on in subscriptions]

    def _attempt(self, work: dict[On, list[Received]]) -> Exception | None:
        """Do the work in one transaction; returns the error that prevented it."""
        try:
            done = self._database.run(SYSTEM, lambda session: self._handle_in(session, work))
        except Exception as error:
            if is_unreachable(error):
                raise
            return error
        metrics.INBOX.labels("done").inc(done)
        metrics.INBOX.labels("duplicate").inc(sum(map(len, work.values())) - done)
        return None

    def _handle_in(self, session: Session, work: dict[On, list[Received]]) -> int:
        done = 0
        for on, received in work.items():
            fresh = _record(session, on, received)
            if not fresh:
                continue
            done += len(fresh)
            if on.batch:
                events.correlation_id.set(fresh[0].correlation_id)
                with tracing.handling(on.name, [event.traceparent for event in fresh]):
                    on.handler(session, fresh)
                    session.flush()  # here, so that its events inherit the context
            else:
                for event in fresh:
                    events.correlation_id.set(event.correlation_id)
                    with tracing.handling(on.name, [event.traceparent]):
                        on.handler(session, event)
                        session.flush()
        return done

    def _handle_singly(self, work: dict[On, list[Received]], cause: Exception) -> None:
        single = sum(len(received) for received in work.values()) == 1
        end = time.monotonic() + ROUND_SECONDS
        for on, received in work.items():
            for event in received:
                metrics.note_progress("consume")
                if time.monotonic() >= end:
                    self._store_failed(on, event, "deferred: the events before it took too long", 0)
                    continue
                error = cause if single else self._attempt({on: [event]})
                if error is not None:
                    self._park(on, event, error)

    def _park_unreadable(self, body: bytes, route: str | None, error: ContractError) -> None:
        """Store a message that violates its contract: dead at once, with the reason.

        An internal event of an unknown type is retried: during a rollout the new release has
        already bound the shared queue to that type.
        """
        metrics.INBOX.labels("unreadable").inc()
        source, event_type = events.declared_source(body)
        early = _is_early(error, route)
        # The reason may quote personal data, which must not be logged.
        log.warning(
            "%s: an event of type %r violates its contract",
            "will be retried" if early else "dead letter",
            event_type,
        )
        self._store(
            {
                "handler": UNREADABLE,
                "source": source,
                "event_id": hashlib.sha256(body).hexdigest(),
                "type": event_type,
                "body": body[:MAX_STORED],
                "route": route and _storable(route),
                "attempts": 1,
                "reason": str(error),
                "state": "retrying" if early else "dead",
            }
        )

    def park_crashed(self, body: bytes, route: str) -> None:
        """Store a message that the broker dead-lettered, to be retried on its own."""
        for on, event in self._read(body, route):
            self._store_failed(on, event, "the consumer ended while handling this event", 0)

    def _park(self, on: On, event: Received, error: Exception) -> None:
        metrics.INBOX.labels("failed").inc()
        log.warning("%s failed on event %s: %s", on.name, event.id, _reason(error))
        self._store_failed(on, event, _reason(error), 1)

    def _store_failed(self, on: On, event: Received, reason: str, attempts: int) -> None:
        self._store(
            {
                "handler": on.name,
                "source": event.source,
                "event_id": event.id,
                "type": event.type,
                "body": event.body,
                "route": None,
                "attempts": attempts,
                "reason": reason,
                "state": "retrying",
            }
        )

    def _store(self, row: dict[str, Any]) -> None:
        """Write a failed event; a dead one that failed again is retried again."""
        now = clock.now()
        due = now + timedelta(seconds=DELAYS[0] if row["attempts"] else 0)
        row |= {
            "reason": _storable(row["reason"])[:MAX_REASON],
            "next_attempt_at": due if row["state"] == "retrying" else None,
            "created_at": now,
            "updated_at": now,
        }
        try:
            self._write(row)
        except Exception as error:
            if is_unreachable(error):
                raise
            # One message must never end the consumer: an event that cannot be stored under its own
            # name is stored anonymously and decoded again on retry.
            log.error("a failed event cannot be stored under its name: %s", _reason(error))
            self._write(row | _nameless(row, error))

    def _write(self, row: dict[str, Any]) -> None:
        again = ("attempts", "reason", "state", "next_attempt_at", "updated_at")
        statement = (
            insert(FailedEvent)
            .values(id=new_id(), **row)
            .on_conflict_do_update(
                index_elements=["handler", "source", "event_id"],
                set_={name: row[name] for name in again},
                where=FailedEvent.state == "dead",
            )
        )
        self._database.run(SYSTEM, lambda session: session.execute(statement))

    def run_due(self) -> int:
        """Retry due events, one at a time, for a limited time; returns how many were retried."""
        end, retried = time.monotonic() + ROUND_SECONDS, 0
        while time.monotonic() < end:
            row = self._database.run(SYSTEM, _claim_due)
            if row is None:
                break
            metrics.note_progress("consume")
            self._retry(row)
            retried += 1
        return retried

    def _retry(self, row: FailedEvent) -> None:
        try:
            found = self._decode(row.body, row.route)
        except ContractError as error:
            # An event that had a handler was known to another release.
            known = isinstance(error, UnknownType) and row.handler != UNREADABLE
            early = known or _is_early(error, row.route)
            self._finish(row.id, str(error), dead=not early or row.attempts > len(DELAYS))
            return
        if row.handler == UNREADABLE or not found:
            # It is valid now and processed like any other; or only an earlier release subscribed to
            # its type.
            self._process(found)
            self._finish(row.id, None)
            return
        on = self._by_name.get(row.handler)
        if on is None:
            reason = f"there is no handler named {row.handler}"
            self._finish(row.id, reason, dead=row.attempts > len(DELAYS))
            return
        failure = self._attempt({on: [found[0][1]]})
        if failure is None:
            self._finish(row.id, None)
        else:
            self._finish(row.id, _reason(failure), dead=row.attempts > len(DELAYS))

    def _finish(self, row_id: UUID, reason: str | None, *, dead: bool = False) -> None:
        def work(session: Session) -> None:
            if reason is None:
                session.execute(delete(FailedEvent).where(FailedEvent.id == row_id))
                return
            row = session.get(FailedEvent, row_id)
            if row is not None:
                row.reason, row.updated_at = _storable(reason)[:MAX_REASON], clock.now()
                if dead:
                    row.state, row.next_attempt_at = "dead", None

        self._database.run(SYSTEM, work)


def _is_early(error: ContractError, route: str | None) -> bool:
    """Whether an internal event may merely be too new for this release."""
    return isinstance(error, UnknownType) and topology.is_ours(route)


def _claim_due(session: Session) -> FailedEvent | None:
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


# One statement of a fixed shape for any number of events: preparing a VALUES list of a hundred rows
# for each batch cost more than the rest of the inbox. An event that a redelivery handled after all
# is no longer a failed one.
_RECORD = text("""
    WITH cleared AS (
        DELETE FROM failed_event AS f
        USING unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS e (source, event_id)
        WHERE f.handler = :handler AND f.source = e.source AND f.event_id = e.event_id
    )
    INSERT INTO inbox (handler, source, event_id)
    SELECT :handler, e.source, e.event_id
    FROM unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS e (source, event_id)
    ON CONFLICT DO NOTHING
    RETURNING source, event_id
""")


def _record(session: Session, on: On, received: Sequence[Received]) -> list[Received]:
    """Record the events as handled, in sorted order; returns those not recorded before."""
    unique = {(event.source, event.id): event for event in received}
    keys = sorted(unique)
    rows = session.execute(
        _RECORD,
        {"handler": on.name, "sources": [k[0] for k in keys], "ids": [k[1] for k in keys]},
    )
    fresh = {(row.source, row.event_id) for row in rows}
    return [event for key, event in unique.items() if key in fresh]


def _reason(error: Exception) -> str:
    """Class and first line of an error; a database error's parameters are personal data."""
    original = getattr(error, "orig", None) or error
    first = (str(original).splitlines() or [""])[0]
    return f"{type(original).__name__}: {first}"[:MAX_REASON]


def _storable(text: str) -> str:
    """A text that PostgreSQL accepts, whatever it quotes."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def _nameless(row: dict[str, Any], error: Exception) -> dict[str, Any]:
    """Replacements for the values of a failed event that PostgreSQL rejected."""
    reason = f"cannot be stored under its name: {_reason(error)}"
    return {
        "handler": UNREADABLE,
        "source": "",
        "event_id": hashlib.sha256(row["body"]).hexdigest(),
        "type": "",
        "reason": reason.encode("ascii", "replace").decode()[:MAX_REASON],
    }


def purge(session: Session) -> int:
    """Delete some handled events older than thirty days; returns how many."""
    return delete_some(session, InboxRow, InboxRow.handled_at < clock.now() - KEPT)


def counts(session: Session) -> dict[str, int]:
    """The number of failed events by state."""
    rows = session.execute(select(FailedEvent.state, func.count()).group_by(FailedEvent.state))
    return {"retrying": 0, "dead": 0} | dict(rows.all())
