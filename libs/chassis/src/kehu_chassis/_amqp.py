"""The only module that imports pika.  A connection belongs to the thread that opened it.

Three things live here: a consuming connection, a publishing connection with a window of
outstanding confirms, and the one-off declaration of the topology.
"""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Protocol

import pika
import pika.data
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

log = logging.getLogger(__name__)

PERSISTENT = 2
_HEARTBEAT = 20
_CLOSE_SECONDS = 2
Unreachable = (AMQPError, OSError)


_decode_table = pika.data.decode_table


def _decode_table_or_skip(encoded: bytes, offset: int) -> tuple[dict[Any, Any], int]:
    """Read a table of fields; one with a field that pika cannot read is as good as empty.

    The broker passes on any headers: a moment in milliseconds, a number that is none.  pika would
    end the connection over them, the broker would deliver the same message on the next one, and so
    on for ever.  Nothing here needs the headers of what arrives.
    """
    try:
        table: tuple[dict[Any, Any], int] = _decode_table(encoded, offset)
        return table
    except Exception:
        (size,) = struct.unpack_from(">I", encoded, offset)
        return {}, offset + 4 + size


pika.data.decode_table = _decode_table_or_skip


class QueueMismatch(Exception):
    """A queue exists already, with other arguments than ours."""


@dataclass(frozen=True)
class Queue:
    """A durable quorum queue and what is bound to it: ``(exchange, routing key)`` pairs."""

    name: str
    bindings: tuple[tuple[str, str], ...] = ()
    arguments: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Exchange:
    """A durable exchange."""

    name: str
    type: str = "topic"
    alternate: str | None = None


@dataclass(frozen=True)
class Delivery:
    """A message taken from a queue and not yet acknowledged."""

    queue: str
    tag: int
    route: str  # the exchange and the routing key it came by, as the broker tells: `exchange/key`
    body: bytes


@dataclass(frozen=True)
class Message:
    """A message to publish; ``position`` is the publisher's own name for it."""

    position: int
    routing_key: str
    message_id: str
    body: bytes
    content_type: str
    headers: dict[str, str]


def parameters(url: str, name: str) -> pika.URLParameters:
    """Connection parameters with our time-outs, whatever the URL says."""
    params = pika.URLParameters(url)
    params.heartbeat = _HEARTBEAT
    params.socket_timeout = 5
    params.stack_timeout = 10
    params.blocked_connection_timeout = 30
    params.client_properties = {"connection_name": name}
    return params


def declare(url: str, exchanges: Iterable[Exchange], queues: Iterable[Queue]) -> None:
    """Declare exchanges, queues and bindings with a login that may; harmless when repeated."""
    connection = pika.BlockingConnection(parameters(url, "kehu topology"))
    try:
        channel = connection.channel()
        for exchange in exchanges:
            arguments = {"alternate-exchange": exchange.alternate} if exchange.alternate else None
            channel.exchange_declare(
                exchange.name, exchange.type, durable=True, arguments=arguments
            )
        for queue in queues:
            _declare_queue(channel, queue)
    finally:
        connection.close()


def purge(url: str, queues: Iterable[str]) -> None:
    """Throw away what waits in these queues, with a login that may."""
    connection = pika.BlockingConnection(parameters(url, "kehu topology"))
    try:
        channel = connection.channel()
        for queue in queues:
            channel.queue_purge(queue)
    finally:
        connection.close()


def purge_dead(url: str, queue: str, died_in: str) -> None:
    """Throw away what came to a queue of dead messages from one of the queues that it serves."""
    connection = pika.BlockingConnection(parameters(url, "kehu topology"))
    try:
        channel = connection.channel()
        for _message in range(_waiting(channel, queue)):
            method, _properties, _body = channel.basic_get(queue)
            # The others go back when the connection ends.
            if method is not None and method.routing_key == died_in:
                channel.basic_ack(method.delivery_tag)
    finally:
        connection.close()


def waiting(url: str, queue: str) -> int:
    """Answer how many messages wait in a queue, with a login that may know."""
    connection = pika.BlockingConnection(parameters(url, "kehu operator"))
    try:
        return _waiting(connection.channel(), queue)
    finally:
        connection.close()


def send_again(url: str, queue: str, on_progress: Callable[[int], None]) -> int:
    """Publish each message of a queue to where it was published first; answers how many.

    A message leaves the queue once the broker has confirmed it.  What is not routed now either
    comes back to the queue's end, where it is not taken again: only as many as there were are.
    """
    connection = pika.BlockingConnection(parameters(url, "kehu operator"))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        sent = 0
        for sent in range(1, _waiting(channel, queue) + 1):
            method, properties, body = channel.basic_get(queue)
            if method is None:
                return sent - 1
            channel.basic_publish(
                method.exchange, method.routing_key, body, properties, mandatory=True
            )
            channel.basic_ack(method.delivery_tag)
            on_progress(sent)
        return sent
    finally:
        connection.close()


def _waiting(channel: BlockingChannel, queue: str) -> int:
    count: int = channel.queue_declare(queue, passive=True).method.message_count
    return count


def _declare_queue(channel: BlockingChannel, queue: Queue) -> None:
    try:
        channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
    except ChannelClosedByBroker as error:
        if error.reply_code == 406:
            raise QueueMismatch(
                f"queue {queue.name} exists with other arguments: {error.reply_text}"
            ) from None
        raise
    _bind(channel, queue)


def _bind(channel: BlockingChannel, queue: Queue) -> None:
    for exchange, key in queue.bindings:
        channel.queue_bind(queue.name, exchange, key)


class Consumer:
    """One consuming connection over several queues, for one thread.

    Deliveries gather in ``self.buffer`` while :meth:`wait` runs.
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
        channel = self._connection.channel()
        self._channels[queue.name] = channel
        _declare_queue(channel, queue)
        channel.basic_qos(prefetch_count=prefetch)

        def receive(_channel: Any, method: Any, _properties: Any, body: bytes) -> None:
            route = f"{method.exchange}/{method.routing_key}"
            self.buffer.append(Delivery(queue.name, method.delivery_tag, route, body))

        channel.add_on_cancel_callback(lambda _frame: self._note_cancel(queue.name))
        channel.basic_consume(queue.name, receive)

    def _note_cancel(self, queue: str) -> None:
        self._cancelled = queue

    def wait(self, seconds: float) -> None:
        """Let the connection work for at most ``seconds``, less when messages arrive.

        Raises one of ``Unreachable`` when connection, channel or consumer is gone: the caller
        opens a new Consumer, and the broker delivers again what was not acknowledged.
        """
        self._connection.process_data_events(time_limit=seconds)
        if self._cancelled:
            raise OSError(f"the broker cancelled the consumer of {self._cancelled}")
        for name, channel in self._channels.items():
            if not channel.is_open:
                raise OSError(f"the broker closed the channel of {name}")

    def bind(self) -> None:
        """Make every binding anew; harmless where it is there."""
        for queue in self._queues:
            _bind(self._channels[queue.name], queue)

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge these and all before them; the caller has committed what they mean."""
        last = {delivery.queue: delivery.tag for delivery in deliveries}
        for queue, tag in last.items():
            # One by one, a quorum queue falls behind and forgets some when the connection ends.
            self._channels[queue].basic_ack(tag, multiple=True)

    def stop_taking(self) -> None:
        """Take no more messages; what is already buffered can still be acknowledged."""
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


class PublisherEvents(Protocol):
    """What a publishing loop tells its owner; all calls come from the loop's thread."""

    def tick(self, publisher: Publisher) -> float:
        """Called when the channel is ready and after each pause; answers seconds to the next."""

    def confirmed(self, publisher: Publisher, positions: list[int]) -> None:
        """The broker has these."""

    def refused(self, publisher: Publisher, reason: str) -> None:
        """A nack or an unroutable message: the connection is about to be closed."""


class Publisher:
    """One publishing connection whose loop runs in the calling thread (see :meth:`run`)."""

    def __init__(self, url: str, name: str, exchange: str, owner: PublisherEvents) -> None:
        self._exchange = exchange
        self._owner = owner
        self._tag = 0
        self._outstanding: dict[int, tuple[int, float]] = {}  # by tag: position, since when
        self._channel: Any = None
        self._failure: str | None = None
        self._next_tick: Any = None
        self._connection = pika.SelectConnection(
            parameters(url, name),
            on_open_callback=self._on_open,
            on_open_error_callback=lambda _c, error: self._on_closed(f"cannot connect: {error!r}"),
            on_close_callback=lambda _c, error: self._on_closed(f"connection lost: {error!r}"),
        )
        self._loop = self._connection.ioloop

    @property
    def outstanding(self) -> int:
        """How many messages were published and not yet confirmed."""
        return len(self._outstanding)

    def positions(self) -> list[int]:
        """The positions of the outstanding messages."""
        return [position for position, _since in self._outstanding.values()]

    def waiting(self) -> float:
        """For how many seconds the oldest outstanding message has waited for its confirm."""
        oldest = next(iter(self._outstanding.values()), None)
        return time.monotonic() - oldest[1] if oldest else 0.0

    def run(self) -> str:
        """Run until the connection ends or :meth:`stop`; answers why it ended, '' if stopped."""
        try:
            self._loop.start()
        except BaseException:
            # The owner failed in a callback: close politely, then let it know.
            self._end("the publisher failed")
            self._loop.start()
            raise
        finally:
            self._loop.close()
        return self._failure or ""

    def publish(self, message: Message) -> None:
        """Send one persistent, mandatory message; its confirm arrives later."""
        self._tag += 1
        self._outstanding[self._tag] = (message.position, time.monotonic())
        self._channel.basic_publish(
            self._exchange,
            message.routing_key,
            message.body,
            pika.BasicProperties(
                content_type=message.content_type,
                delivery_mode=PERSISTENT,
                message_id=message.message_id,
                headers=message.headers or None,
            ),
            mandatory=True,
        )

    def soon(self) -> None:
        """Have the owner's tick come as soon as everything that has arrived is read."""
        self._schedule(0)

    def stop(self, reason: str = "") -> None:
        """Close the connection from the loop's own thread and end :meth:`run`."""
        self._end(reason)

    def _on_open(self, _connection: Any) -> None:
        self._connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda _c, error: self._end(f"channel lost: {error}"))
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=lambda _frame: self._tick())

    def _tick(self) -> None:
        if self._failure is not None or not self._channel.is_open:
            return
        self._schedule(self._owner.tick(self))

    def _schedule(self, pause: float) -> None:
        if self._next_tick is not None:
            self._loop.remove_timeout(self._next_tick)
        self._next_tick = self._loop.call_later(pause, self._tick)

    def _on_return(self, _channel: Any, method: Any, properties: Any, _body: bytes) -> None:
        # The alternate exchange takes what nobody is bound to, so this means that the exchange
        # has lost it: what was returned must not be marked as sent.
        reason = f"{method.routing_key} was returned as unroutable ({properties.message_id})"
        self._owner.refused(self, reason)
        self._end(reason)

    def _on_confirm(self, frame: Any) -> None:
        if self._failure is not None:
            return
        method = frame.method
        positions = self._settle(method.delivery_tag, multiple=method.multiple)
        if method.NAME == "Basic.Nack":
            self._owner.refused(self, "the broker refused a message (nack)")
            self._end("nack")
            return
        self._owner.confirmed(self, positions)

    def _settle(self, tag: int, *, multiple: bool) -> list[int]:
        """Take what a confirm speaks of from the outstanding, which are in the order of tags."""
        if not multiple:
            return [self._outstanding.pop(tag)[0]] if tag in self._outstanding else []
        settled = list(takewhile(lambda known: known <= tag, self._outstanding))
        return [self._outstanding.pop(known)[0] for known in settled]

    def _end(self, reason: str) -> None:
        if self._failure is not None:
            return
        self._failure = reason
        if self._connection.is_open:
            self._connection.close()
            # The broker may never answer.
            self._loop.call_later(_CLOSE_SECONDS, self._loop.stop)
        elif not self._connection.is_closing:
            self._on_closed(reason)

    def _on_closed(self, reason: str) -> None:
        if self._failure is None:
            self._failure = reason
        self._loop.call_later(0, self._loop.stop)


def publish_all(
    url: str,
    exchange: str,
    messages: Iterable[Message],
    *,
    name: str,
    window: int = 500,
    on_progress: Callable[[int], None] | None = None,
) -> int:
    """Publish messages with a window of confirms and wait for the last one; answers how many.

    For publishers outside the services, such as the sales system's side of the demonstration.
    Raises ConnectionError with the reason when the broker refuses or is gone.
    """
    feed = _Feed(iter(messages), window, on_progress)
    reason = Publisher(url, name, exchange, feed).run()
    if reason or not feed.finished:
        raise ConnectionError(reason or "stopped before everything was confirmed")
    return feed.sent


class _Feed:
    """Keeps the window of a :class:`Publisher` filled from an iterator."""

    def __init__(
        self, messages: Any, window: int, on_progress: Callable[[int], None] | None
    ) -> None:
        self.sent = 0
        self.finished = False
        self._messages = messages
        self._window = window
        self._exhausted = False
        self._on_progress = on_progress

    def tick(self, publisher: Publisher) -> float:
        self._fill(publisher)
        return 0.05

    def confirmed(self, publisher: Publisher, positions: list[int]) -> None:
        self.sent += len(positions)
        if self._on_progress:
            self._on_progress(self.sent)
        self._fill(publisher)

    def refused(self, publisher: Publisher, reason: str) -> None:
        log.warning("refused: %s", reason)

    def _fill(self, publisher: Publisher) -> None:
        while not self._exhausted and publisher.outstanding < self._window:
            message = next(self._messages, None)
            if message is None:
                self._exhausted = True
                break
            publisher.publish(message)
        if self._exhausted and publisher.outstanding == 0 and not self.finished:
            self.finished = True
            publisher.stop()
