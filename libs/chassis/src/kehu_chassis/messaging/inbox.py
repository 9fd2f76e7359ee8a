"""The idempotent inbox: an event's effect and its inbox row commit together.

``handle`` runs a batch of events in one transaction; if that fails, each event alone. An event that
still fails is written to ``failed_event`` and acknowledged, so that it does not block later ones.
One that its producer did not publish, or under a used id, never reaches a handler.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Base, Database, delete_some, is_unreachable, older
from kehu_chassis.messaging import claims, events, failures, topology
from kehu_chassis.messaging._amqp import Origin
from kehu_chassis.messaging.contracts import (
    ContractError,
    Contracts,
    ReusedId,
    UnknownType,
    WrongPublisher,
    WrongRoute,
    WrongSource,
)
from kehu_chassis.messaging.events import Received
from kehu_chassis.messaging.failures import (
    CONSUMER_ENDED,
    DEFERRED,
    DELAYS,
    MAX_STORED,
    UNREADABLE,
    FailedEvent,
    code_of,
    reason_of,
    storable,
)
from kehu_chassis.observability import metrics, tracing

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
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
    """Handles received events for one service.

    ``shared_login`` is the one login of all services, where the broker has only one.
    """

    def __init__(
        self,
        database: Database,
        contracts: Contracts,
        subscriptions: Sequence[On],
        retired: Collection[str] = (),
        shared_login: str | None = None,
    ) -> None:
        self._database = database
        self._shared_login = shared_login
        self._retired = frozenset(retired)
        self._contracts = contracts
        self._by_type: dict[str, list[On]] = {}
        for subscription in subscriptions:
            self._by_type.setdefault(subscription.type, []).append(subscription)
        self._by_name = {on.name: on for on in subscriptions}
        self.retries_wait = True  # whether failed events are known that will be retried

    def handle(self, bodies: Sequence[bytes], *, origins: Sequence[Origin] | None = None) -> None:
        """Process these messages; afterwards they may be acknowledged.

        ``origins`` are their origins by the broker, in the same order; without them it is trusted
        that each producer published its own.

        Raises only if the database cannot be reached: then nothing was changed, and the caller
        waits and retries.
        """
        found = []
        for body, origin in zip_longest(bodies, origins or ()):
            found += self._read(body, origin)
        self._process(self._admitted(found))

    def _admitted(self, found: Sequence[tuple[On, Received]]) -> list[tuple[On, Received]]:
        """Park what came under the id of another event; returns the rest."""
        unique = list({id(event): event for _on, event in found}.values())
        try:
            refused = self._claim(unique)
        except Exception as error:
            if is_unreachable(error):
                raise
            for on, event in found:
                self._store_failed(on, event, DEFERRED, reason_of(error), 0)
            return []
        for event in refused:
            self._park_unreadable(event.body, None, _reused(event))
        others = {id(event) for event in refused}
        return [(on, event) for on, event in found if id(event) not in others]

    def _claim(self, events: Sequence[Received]) -> list[Received]:
        if not events:
            return []
        return self._database.run(SYSTEM, lambda session: claims.claim(session, events))

    def _process(self, found: Sequence[tuple[On, Received]]) -> None:
        work: dict[On, list[Received]] = {}
        for on, event in found:
            work.setdefault(on, []).append(event)
        if not work:
            return
        error = self._attempt(work)
        if error is not None:
            self._handle_singly(work, error)

    def _read(self, body: bytes, origin: Origin | None) -> list[tuple[On, Received]]:
        try:
            return self._decode(body, origin)
        except ContractError as error:
            self._park_unreadable(body, origin, error)
            return []

    def _decode(self, body: bytes, origin: Origin | None) -> list[tuple[On, Received]]:
        event = events.decode(body, self._contracts, partial(self._require_genuine, origin))
        subscriptions = self._by_type.get(event.type)
        if subscriptions is None and event.type in self._retired:
            return []
        if subscriptions is None:
            raise UnknownType(f"unknown event type: {event.type} has no handler here")
        return [(on, event) for on in subscriptions]

    def _require_genuine(self, origin: Origin | None, event_type: str, source: str) -> None:
        """Raise a ContractError unless the producer of the type published the event, and there."""
        if origin is not None:
            self._require_origin(origin, event_type)
        if not topology.names_producer(source, event_type):
            raise WrongSource(f"{event_type} must have the source {topology.source_of(event_type)}")

    def _require_origin(self, origin: Origin, event_type: str) -> None:
        if not topology.allows(origin.route, event_type):
            raise WrongRoute(f"{event_type} must not be published to {origin.route}")
        producer = event_type.split(".")[0]
        if origin.user_id is None:
            raise WrongPublisher(f"no user_id: {event_type} must be published with {producer}'s")
        if origin.user_id not in (producer, self._shared_login):
            raise WrongPublisher(f"{event_type} must not be published by {origin.user_id}")

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
                    reason = "deferred: the events before it took too long"
                    self._store_failed(on, event, DEFERRED, reason, 0)
                    continue
                error = cause if single else self._attempt({on: [event]})
                if error is not None:
                    self._park(on, event, error)

    def _park_unreadable(self, body: bytes, origin: Origin | None, error: ContractError) -> None:
        """Store a message that violates its contract: dead at once, with the reason.

        An internal event of an unknown type is retried: during a rollout the new release has
        already bound the shared queue to that type.
        """
        metrics.INBOX.labels(error.code).inc()
        source, event_type = events.declared_source(body)
        early = _is_early(error, origin)
        # The reason may quote personal data, which must not be logged.
        log.warning(
            "%s: an event of type %r violates its contract (%s)",
            "will be retried" if early else "dead letter",
            event_type,
            error.code,
        )
        self._store(
            {
                "handler": UNREADABLE,
                "source": source,
                "event_id": hashlib.sha256(body).hexdigest(),
                "type": event_type,
                "body": body[:MAX_STORED],
                "route": origin and storable(origin.route),
                "publisher": origin and origin.user_id and storable(origin.user_id),
                "attempts": 1,
                "code": error.code,
                "reason": str(error),
                "state": "retrying" if early else "dead",
            },
        )

    def park_crashed(self, body: bytes, origin: Origin) -> None:
        """Store a message that the broker dead-lettered, to be retried on its own."""
        for on, event in self._admitted(self._read(body, origin)):
            reason = "the consumer ended while handling this event"
            self._store_failed(on, event, CONSUMER_ENDED, reason, 0)

    def _park(self, on: On, event: Received, error: Exception) -> None:
        """Store an event that its handler failed on; one that it refuses is dead at once."""
        metrics.INBOX.labels("failed").inc()
        log.warning("%s failed on event %s: %s", on.name, event.id, reason_of(error))
        self._store_failed(
            on, event, code_of(error), reason_of(error), 1, dead=isinstance(error, ReusedId)
        )

    def _store_failed(
        self, on: On, event: Received, code: str, reason: str, attempts: int, *, dead: bool = False
    ) -> None:
        self._store(
            {
                "handler": on.name,
                "source": event.source,
                "event_id": event.id,
                "type": event.type,
                "body": event.body,
                "route": None,
                "publisher": None,
                "attempts": attempts,
                "code": code,
                "reason": reason,
                "state": "dead" if dead else "retrying",
            },
        )

    def _store(self, row: dict[str, Any]) -> None:
        failures.store(self._database, row)
        self.retries_wait |= row["state"] == "retrying"

    def run_due(self) -> int:
        """Retry due events, one at a time, for a limited time; returns how many were retried."""
        due = failures.next_due(self._database)
        self.retries_wait = due is not None
        if due is None or due > clock.now():
            return 0
        end, retried = time.monotonic() + ROUND_SECONDS, 0
        while time.monotonic() < end:
            row = self._database.run(SYSTEM, failures.claim_due)
            if row is None:
                break
            metrics.note_progress("consume")
            self._retry(row)
            retried += 1
        return retried

    def _retry(self, row: FailedEvent) -> None:
        origin = None if row.route is None else Origin(row.route, row.publisher)
        try:
            found = self._decode(row.body, origin)
            if refused := self._claim([event for _on, event in found[:1]]):
                raise _reused(refused[0])
        except ContractError as error:
            # An event that had a handler was known to another release.
            known = isinstance(error, UnknownType) and row.handler != UNREADABLE
            early = known or _is_early(error, origin)
            self._finish(row.id, error, dead=not early or row.attempts > len(DELAYS))
            return
        if row.handler == UNREADABLE or not found:
            # It is valid now and processed like any other; or only an earlier release subscribed to
            # its type.
            self._process(found)
            self._finish(row.id, None)
            return
        on = self._by_name.get(row.handler)
        if on is None:
            missing = failures.NoHandler(f"there is no handler named {row.handler}")
            self._finish(row.id, missing, dead=row.attempts > len(DELAYS))
            return
        failure = self._attempt({on: [found[0][1]]})
        hopeless = isinstance(failure, ReusedId) or row.attempts > len(DELAYS)
        self._finish(row.id, failure, dead=hopeless)

    def _finish(self, row_id: UUID, failure: Exception | None, *, dead: bool = False) -> None:
        if failure is None:
            self._database.run(SYSTEM, lambda session: failures.settle(session, row_id))
        else:
            self._database.run(
                SYSTEM,
                lambda session: failures.record_attempt(session, row_id, failure, dead=dead),
            )


def _is_early(error: ContractError, origin: Origin | None) -> bool:
    """Whether an internal event may merely be too new for this release."""
    return isinstance(error, UnknownType) and origin is not None and topology.is_ours(origin.route)


def _reused(event: Received) -> ReusedId:
    return ReusedId(f"another event from {event.source} had the id {event.id} before this one")


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


def purge(session: Session) -> int:
    """Delete some handled events older than thirty days; returns how many."""
    return delete_some(session, InboxRow, older(InboxRow.handled_at, KEPT))


def purge_claims(session: Session) -> int:
    """Delete some contents of received events, which are kept as long; returns how many."""
    return claims.purge(session, KEPT)
