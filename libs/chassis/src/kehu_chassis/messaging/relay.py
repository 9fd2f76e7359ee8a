"""The relay: moves events from the outbox to the broker, each at least once.

Rows are selected because they are pending, never because their position exceeds the last one: a
sequence number is assigned before its transaction commits. Only confirmed rows are marked, in a
statement that also checks that this process still leads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from kehu_chassis.actor import SYSTEM
from kehu_chassis.backoff import Backoff
from kehu_chassis.data import lease
from kehu_chassis.data.database import Database
from kehu_chassis.data.lease import Lease
from kehu_chassis.messaging._amqp import Message, Publisher
from kehu_chassis.messaging.events import CONTENT_TYPE
from kehu_chassis.messaging.outbox import WAKEUP, OutboxRow
from kehu_chassis.messaging.topology import CRM_EVENTS
from kehu_chassis.messaging.wakeup import Wakeup
from kehu_chassis.observability import metrics

log = logging.getLogger(__name__)

WINDOW = 1000
IDLE_SECONDS = 0.05
# After a few events: their confirms accumulate and are marked while the next events are read.
GATHER_SECONDS = 0.025
CONFIRM_SECONDS = 30
# After the last event the outbox is polled for a while; then the next commit wakes the relay, which
# looks now and then nevertheless: a replay or a lost connection wakes nobody.
AWAKE_SECONDS = 1.0
LOOK_SECONDS = 5.0
_STOP_SECONDS = 0.5  # how often a waiting relay looks whether to stop
_STANDBY_SECONDS = 1.0

_PENDING = (
    select(OutboxRow.position, OutboxRow.type, OutboxRow.id, OutboxRow.body, OutboxRow.traceparent)
    .where(OutboxRow.sent_at.is_(None))
    # Without the cast the driver picks a smaller type, and PostgreSQL compares them one by one.
    .where(text("position <> ALL(CAST(:outstanding AS bigint[]))"))
    .order_by(OutboxRow.position)
    .limit(bindparam("limit"))
)
_MARK = text("""
    UPDATE outbox SET sent_at = clock_timestamp()
     WHERE position = ANY(:positions)
       AND EXISTS (SELECT 1 FROM lease WHERE name = 'relay' AND holder = :holder AND epoch = :epoch)
""")
# If a crash loses the mark, the events are sent again, which is always allowed. And a relay on a
# paused host must not keep the rows it marks locked for its successor.
_FOR_MARKING = text(f"""
    SELECT set_config('synchronous_commit', 'off', true),
           set_config('idle_in_transaction_session_timeout', '{lease.SECONDS}s', true)
""")


class LostLeadership(Exception):
    """Another relay leads: it has published the same events, or will."""


class Relay:
    """One relay process.  :meth:`run` returns when ``stop`` is set."""

    def __init__(self, database: Database, amqp_url: str, service: str, stop: threading.Event):
        self._database = database
        self._url = amqp_url
        self._service = service
        self._stop = stop
        self._lease = Lease(database, "relay")
        self._confirmed: list[int] = []
        self._more = False  # whether the outbox may hold more than the last query returned
        self._wakeup = Wakeup(database, WAKEUP)
        self._awake_until = 0.0
        self._look_at = 0.0
        self._backoff = Backoff(stop)

    def run(self) -> None:
        """Relay while leading; wait out outages of broker and database."""
        while not self._stop.is_set():
            # Standing by and waiting out an outage are progress: a restart would not help.
            metrics.note_progress("relay")
            try:
                if not self._lease.held():
                    self._stop.wait(_STANDBY_SECONDS)
                    continue
                self._confirmed = []
                self._stay_awake()
                reason = Publisher(self._url, f"kehu {self._service} relay", CRM_EVENTS, self).run()
                if reason:
                    log.warning("relay reconnects: %s", reason)
                    self._backoff.wait()
            except LostLeadership:
                self._lease.lost()
            except Exception as error:  # The relay must survive every outage.
                log.warning("relay waits: %s", type(error).__name__, exc_info=True)
                self._backoff.wait()
            finally:
                self._wakeup.close()
        self._lease.release()

    # The publisher's loop calls the rest, in the same thread.

    def tick(self, publisher: Publisher) -> float:
        """Mark confirmed rows, publish pending ones, and stop on request."""
        if not self._lease.held():
            publisher.stop()
            return 0.0
        if publisher.waiting() > CONFIRM_SECONDS:
            # A broker that crashed may never confirm: resend on a new connection.
            self._exchange(publisher, 0)
            publisher.stop(f"no confirm for {CONFIRM_SECONDS} s")
            return 0.0
        if self._stop.is_set():
            self._exchange(publisher, 0)
            if publisher.outstanding == 0:
                publisher.stop()
            return IDLE_SECONDS
        if self._wakeup.waits and time.monotonic() < self._look_at:
            metrics.note_progress("relay")
            return _STOP_SECONDS
        room = WINDOW - publisher.outstanding
        published = self._exchange(publisher, room if room >= WINDOW // 4 else 0)
        metrics.note_progress("relay")
        if not published:
            return self._pause(publisher)
        self._stay_awake()
        return 0.0 if self._more else GATHER_SECONDS

    def _stay_awake(self) -> None:
        self._wakeup.work()
        self._awake_until = time.monotonic() + AWAKE_SECONDS

    def _pause(self, publisher: Publisher) -> float:
        """Seconds to the next look at the outbox, which was empty."""
        now = time.monotonic()
        if now < self._awake_until or self._confirmed or publisher.outstanding:
            return IDLE_SECONDS
        if self._wakeup.waits:
            self._look_at = now + LOOK_SECONDS
            return _STOP_SECONDS
        if not self._wakeup.wait():
            return IDLE_SECONDS
        publisher.watch(self._wakeup.fileno(), lambda: self._woken(publisher))
        self._look_at = 0.0  # once more, now: an earlier commit has woken nobody
        return 0.0

    def _woken(self, publisher: Publisher) -> None:
        if self._wakeup.received():
            self._look_at = 0.0
            publisher.soon()

    def confirmed(self, publisher: Publisher, positions: list[int]) -> None:
        """Collect confirmed positions, to be marked in one statement."""
        self._confirmed.extend(positions)
        metrics.PUBLISHED.labels("ok").inc(len(positions))
        self._backoff.reset()
        # While events arrive one by one, each confirm would cost a transaction of its own.
        if self._more and publisher.outstanding <= WINDOW // 4:
            publisher.soon()

    def refused(self, publisher: Publisher, reason: str) -> None:
        """Restart at the lowest pending row after the connection has ended."""
        log.error("relay: %s", reason)
        metrics.PUBLISHED.labels("refused").inc()
        self._exchange(publisher, 0)

    def _exchange(self, publisher: Publisher, room: int) -> int:
        """Mark confirmed rows and publish at most ``room`` pending ones."""
        positions, self._confirmed = self._confirmed, []
        if not positions and not room:
            return 0
        outstanding = publisher.positions()
        if positions:
            rows = self._database.run(
                SYSTEM, lambda session: self._exchange_in(session, positions, outstanding, room)
            )
        else:
            rows = self._database.rows(_PENDING, {"outstanding": outstanding, "limit": room})
        if room:
            self._more = len(rows) == room
        for row in rows:
            publisher.publish(
                Message(
                    position=row.position,
                    routing_key=row.type,
                    message_id=str(row.id),
                    body=row.body.encode(),
                    content_type=CONTENT_TYPE,
                    headers={"traceparent": row.traceparent} if row.traceparent else {},
                )
            )
        return len(rows)

    def _exchange_in(
        self, session: Session, positions: list[int], outstanding: list[int], room: int
    ) -> Sequence[Any]:
        session.execute(_FOR_MARKING)
        self._mark(session, positions)
        if not room:
            return []
        return session.execute(_PENDING, {"outstanding": outstanding, "limit": room}).all()

    def _mark(self, session: Session, positions: list[int]) -> None:
        result = session.execute(
            _MARK,
            {
                "positions": positions,
                "holder": self._lease.holder,
                "epoch": self._lease.epoch,
            },
        )
        if result.rowcount == 0:  # type: ignore[attr-defined]
            raise LostLeadership
