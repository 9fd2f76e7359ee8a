"""The publishing connection, with a window of outstanding confirms."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Protocol

import pika

from kehu_chassis.messaging._amqp.connection import parameters

log = logging.getLogger(__name__)

PERSISTENT = 2
_CLOSE_SECONDS = 2


@dataclass(frozen=True)
class Message:
    """A message to publish; ``position`` identifies it for the publisher."""

    position: int
    routing_key: str
    message_id: str
    body: bytes
    content_type: str
    headers: dict[str, str]


class PublisherEvents(Protocol):
    """Callbacks of a publishing loop to its owner; all calls come from the loop's thread."""

    def tick(self, publisher: Publisher) -> float:
        """Called when the channel is ready and after each pause; returns seconds to the next."""

    def confirmed(self, publisher: Publisher, positions: list[int]) -> None:
        """The broker has confirmed these."""

    def refused(self, publisher: Publisher, reason: str) -> None:
        """A nack or an unroutable message: the connection is about to be closed."""


class Publisher:
    """One publishing connection whose loop runs in the calling thread (see :meth:`run`)."""

    def __init__(self, url: str, name: str, exchange: str, owner: PublisherEvents) -> None:
        self._exchange = exchange
        options = parameters(url, name)
        # The broker accepts no other name; consumers compare it with the producer of the event.
        self._user_id = options.credentials.username
        self._owner = owner
        self._tag = 0
        self._outstanding: dict[int, tuple[int, float]] = {}  # by tag: position, publish time
        self._channel: Any = None
        self._failure: str | None = None
        self._watched: set[int] = set()
        self._next_tick: Any = None
        self._connection = pika.SelectConnection(
            options,
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
        """How many seconds the oldest outstanding message has waited for its confirm."""
        oldest = next(iter(self._outstanding.values()), None)
        return time.monotonic() - oldest[1] if oldest else 0.0

    def run(self) -> str:
        """Run until the connection ends or :meth:`stop`; returns why it ended, '' if stopped."""
        try:
            self._loop.start()
        except BaseException:
            # The owner failed in a callback: close the connection cleanly, then raise its error.
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
                user_id=self._user_id,
                headers=message.headers or None,
            ),
            mandatory=True,
        )

    def soon(self) -> None:
        """Schedule the owner's tick for as soon as all received data is read."""
        self._schedule(0)

    def watch(self, file: int, readable: Callable[[], None]) -> None:
        """Call ``readable`` from the loop's thread whenever the file has something to read."""
        if file not in self._watched:
            self._watched.add(file)
            self._loop.add_handler(file, lambda *_: self._read(file, readable), self._loop.READ)

    def _read(self, file: int, readable: Callable[[], None]) -> None:
        try:
            readable()
        except BaseException:
            # It would fail again while the connection closes.
            self._loop.remove_handler(file)
            raise

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
        # The alternate exchange takes unbound messages, so a return means that the exchange has
        # lost it: a returned message must not be marked as sent.
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
        """Remove the messages of a confirm from the outstanding ones, which are ordered by tag."""
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
            # The broker may never respond.
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
    """Publish messages with a window of confirms and wait for the last; returns how many.

    For publishers outside the services, such as the demonstration's sales system. Raises
    ConnectionError with the reason if the broker rejects a message or is unreachable.
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
