"""The consumer process: one connection, one thread, batches of waiting messages."""

from __future__ import annotations

import logging
import threading
import time
from itertools import accumulate

from kehu_chassis.backoff import Backoff
from kehu_chassis.data.database import is_unreachable
from kehu_chassis.messaging import _amqp
from kehu_chassis.messaging._amqp import Delivery, Queue
from kehu_chassis.messaging.inbox import Inbox
from kehu_chassis.observability import metrics

log = logging.getLogger(__name__)

# Of each queue a consumer holds as many messages as go into one transaction. Both numbers bound its
# memory: the broker accepts messages of a megabyte, and decoded they take several times their size.
BATCH = 200
BATCH_BYTES = 25 << 20
_WAIT_SECONDS = 1.0
# A short wait gathers messages that arrive one by one into one transaction; a longer one those of a
# stream: transactions of a few events each would cost most of the time that there is.
_GATHER_SECONDS = 0.01
_STREAM, _STREAM_SECONDS = 5, 0.05
# While no failed event waits, a longer pause finds what another process stored or an administrator
# wants retried.
_DUE_SECONDS, _LOOK_SECONDS = 1.0, 5.0
# A lost binding goes unnoticed while other queues are bound to the event.
_BIND_EVERY_SECONDS = 60.0


class ConsumerLoop:
    """Takes events from a service's queues into its inbox.  :meth:`run` ends when ``stop`` is set.

    ``dead`` is the queue of messages that the broker dead-lettered because the process repeatedly
    ended while handling them: they are stored and then retried one at a time.
    """

    def __init__(
        self,
        inbox: Inbox,
        amqp_url: str,
        service: str,
        queues: list[Queue],
        dead: Queue,
        stop: threading.Event,
    ) -> None:
        self._inbox = inbox
        self._url = amqp_url
        self._service = service
        self._queues = [*queues, dead]
        self._dead = dead.name
        self._stop = stop
        self._looked_at = 0.0
        self._bind_at = time.monotonic() + _BIND_EVERY_SECONDS
        self._backoff = Backoff(stop)

    def run(self) -> None:
        """Consume, reconnecting whenever the connection is lost."""
        while not self._stop.is_set():
            try:
                consumer = self._open()
            except _amqp.QueueUnusable as error:
                # Only an administrator can mend it: wait, as for the broker itself.
                log.error("consumer waits: %s", error)
                metrics.QUEUE_UNUSABLE.labels(error.queue).set(1)
                metrics.note_progress("consume")
                self._backoff.wait()
                continue
            except _amqp.Unreachable as error:
                log.warning("consumer waits for the broker: %s %s", type(error).__name__, error)
                metrics.note_progress("consume")
                self._backoff.wait()
                continue
            self._backoff.reset()
            for queue in self._queues:
                metrics.QUEUE_UNUSABLE.labels(queue.name).set(0)
            try:
                self._consume(consumer)
            except _amqp.Unreachable as error:
                log.warning("consumer reconnects: %s %s", type(error).__name__, error)
                self._backoff.wait()
            finally:
                consumer.close()

    def _open(self) -> _amqp.Consumer:
        prefetch = {queue.name: BATCH for queue in self._queues} | {self._dead: 1}
        return _amqp.Consumer(self._url, f"kehu {self._service} consume", self._queues, prefetch)

    def _consume(self, consumer: _amqp.Consumer) -> None:
        while not self._stop.is_set():
            consumer.wait(0 if consumer.buffer else _WAIT_SECONDS)
            self._gather(consumer, 1, _GATHER_SECONDS)
            self._gather(consumer, _STREAM, _STREAM_SECONDS)
            if consumer.buffer:
                self._process_batch(consumer)
            self._run_due(consumer)
            self._bind(consumer)
            metrics.note_progress("consume")
        consumer.cancel()
        while consumer.buffer:
            self._process_batch(consumer)

    def _gather(self, consumer: _amqp.Consumer, least: int, seconds: float) -> None:
        """Wait for more messages if there are at least some, but not yet a batch."""
        if least <= len(consumer.buffer) < BATCH:
            self._stop.wait(seconds)
            consumer.wait(0)

    def _process_batch(self, consumer: _amqp.Consumer) -> None:
        batch = some(consumer.buffer)
        self._with_database(consumer, lambda: self._handle(batch))
        del consumer.buffer[: len(batch)]
        consumer.ack(batch)

    def _handle(self, batch: list[Delivery]) -> None:
        for delivery in batch:
            if delivery.queue == self._dead:
                self._inbox.park_crashed(delivery.body, delivery.origin)
        alive = [delivery for delivery in batch if delivery.queue != self._dead]
        self._inbox.handle([d.body for d in alive], origins=[d.origin for d in alive])

    def _run_due(self, consumer: _amqp.Consumer) -> None:
        pause = _DUE_SECONDS if self._inbox.retries_wait else _LOOK_SECONDS
        if time.monotonic() >= self._looked_at + pause:
            self._with_database(consumer, self._inbox.run_due)
            self._looked_at = time.monotonic()

    def _bind(self, consumer: _amqp.Consumer) -> None:
        if time.monotonic() >= self._bind_at:
            consumer.bind()
            self._bind_at = time.monotonic() + _BIND_EVERY_SECONDS

    def _with_database(self, consumer: _amqp.Consumer, work: object) -> None:
        """Do the work; while the database is unreachable, wait without acknowledging."""
        while True:
            try:
                work()  # type: ignore[operator]
                return
            except Exception as error:
                if not is_unreachable(error):
                    raise
                log.warning("consumer waits: the database cannot be reached")
                metrics.note_progress("consume")
                if self._stop.is_set():
                    raise OSError("stopped while the database was unreachable") from None
                consumer.wait(1.0)


def some(deliveries: list[Delivery]) -> list[Delivery]:
    """The first of these that go into one transaction; at least one."""
    sizes = accumulate(len(delivery.body) for delivery in deliveries[:BATCH])
    fitting = sum(size <= BATCH_BYTES for size in sizes)
    return deliveries[: max(1, fitting)]
