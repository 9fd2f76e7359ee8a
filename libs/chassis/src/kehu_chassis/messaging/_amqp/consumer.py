"""The consuming connection."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from kehu_chassis.messaging._amqp.connection import Unreachable, parameters
from kehu_chassis.messaging._amqp.topology import Queue, bind, require_queue

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Origin:
    """How a message reached its queue; the broker vouches for both.

    ``route`` are the exchange and the routing key that it was published to (``exchange/key``),
    ``user_id`` is the login that published it. The broker compares it with the connection's, and
    it survives dead-lettering and bindings between exchanges; None if the publisher set none.
    """

    route: str
    user_id: str | None


@dataclass(frozen=True)
class Delivery:
    """A message received and not yet acknowledged."""

    queue: str
    tag: int
    origin: Origin
    body: bytes


class Consumer:
    """One consuming connection over several queues, for one thread.

    Deliveries accumulate in ``self.buffer`` while :meth:`wait` runs.
    """

    def __init__(self, url: str, name: str, queues: Iterable[Queue], prefetch: dict[str, int]):
        self.buffer: list[Delivery] = []
        self._connection = pika.BlockingConnection(parameters(url, name))
        self._queues = list(queues)
        self._channels: dict[str, BlockingChannel] = {}
        self._cancelled: str | None = None
        try:
            for queue in self._queues:
                self._open(queue, prefetch[queue.name])
        except BaseException:
            self.close()
            raise

    def _open(self, queue: Queue, prefetch: int) -> None:
        require_queue(self._connection, queue)
        channel = self._connection.channel()
        self._channels[queue.name] = channel
        bind(channel, queue)
        channel.basic_qos(prefetch_count=prefetch)

        def receive(_channel: Any, method: Any, properties: Any, body: bytes) -> None:
            origin = Origin(f"{method.exchange}/{method.routing_key}", properties.user_id)
            self.buffer.append(Delivery(queue.name, method.delivery_tag, origin, body))

        channel.add_on_cancel_callback(lambda _frame: self._note_cancel(queue.name))
        channel.basic_consume(queue.name, receive)

    def _note_cancel(self, queue: str) -> None:
        self._cancelled = queue

    def wait(self, seconds: float) -> None:
        """Process connection events for at most ``seconds``, less if messages arrive.

        Raises one of ``Unreachable`` if connection, channel or consumer is lost: the caller opens a
        new Consumer, and the broker redelivers unacknowledged messages.
        """
        self._connection.process_data_events(time_limit=seconds)
        if self._cancelled:
            raise OSError(f"the broker cancelled the consumer of {self._cancelled}")
        for name, channel in self._channels.items():
            if not channel.is_open:
                raise OSError(f"the broker closed the channel of {name}")

    def bind(self) -> None:
        """Make every binding again; harmless if it exists."""
        for queue in self._queues:
            bind(self._channels[queue.name], queue)

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge these and all earlier ones; the caller has committed their effects."""
        last = {delivery.queue: delivery.tag for delivery in deliveries}
        for queue, tag in last.items():
            # With single acks, a quorum queue falls behind and loses some when the connection ends.
            self._channels[queue].basic_ack(tag, multiple=True)

    def cancel(self) -> None:
        """Receive no more messages; buffered ones can still be acknowledged."""
        for channel in self._channels.values():
            if channel.is_open:
                for tag in list(channel.consumer_tags):
                    channel.basic_cancel(tag)

    def close(self) -> None:
        """Close the connection; unacknowledged messages go back to their queues."""
        try:
            if self._connection.is_open:
                self._connection.close()
        except Unreachable as error:
            log.info("connection already gone: %s", error)
