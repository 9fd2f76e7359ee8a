"""Exchanges, queues and bindings, and the messages in queues, for authorised logins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from kehu_chassis.messaging._amqp.connection import parameters

_DECLARE = (
    "import deploy/rabbitmq/definitions.json into the broker, or run"
    " `python -m kehu_chassis.messaging.topology declare URL` with the administrator's address"
)
_DECLARE_ANEW = f"move its messages away and delete it, then {_DECLARE}"
_TYPE = re.compile(r"of queue type (?:rabbit_)?([a-z]+)")


class QueueUnusable(Exception):
    """A queue that does not exist, or exists with other arguments; the message says what to do."""

    def __init__(self, queue: str, problem: str, remedy: str) -> None:
        super().__init__(f"queue {queue} {problem}: {remedy}")
        self.queue = queue


class NotImpersonator(Exception):
    """The login may not publish with the user_id of another one."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"the login {login} may not publish in the name of the first publishers: give it the"
            f" tag, `rabbitmqctl set_user_tags {login} administrator impersonator`"
        )


@dataclass(frozen=True)
class Queue:
    """A durable quorum queue and its bindings: ``(exchange, routing key)`` pairs.

    ``retired`` are bindings of an earlier release, to be removed.
    """

    name: str
    bindings: tuple[tuple[str, str], ...] = ()
    arguments: tuple[tuple[str, Any], ...] = ()
    retired: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Exchange:
    """A durable exchange."""

    name: str
    type: str = "topic"
    alternate: str | None = None


def declare(url: str, exchanges: Iterable[Exchange], queues: Iterable[Queue]) -> None:
    """Declare exchanges, queues and bindings with an authorised login; idempotent."""
    connection = pika.BlockingConnection(parameters(url, "kehu topology"))
    try:
        channel = connection.channel()
        for exchange in exchanges:
            arguments = {"alternate-exchange": exchange.alternate} if exchange.alternate else None
            channel.exchange_declare(
                exchange.name, exchange.type, durable=True, arguments=arguments
            )
        for queue in queues:
            declare_queue(channel, queue)
    finally:
        connection.close()


def purge(url: str, queues: Iterable[str]) -> None:
    """Discard the messages of these queues, with an authorised login."""
    connection = pika.BlockingConnection(parameters(url, "kehu topology"))
    try:
        channel = connection.channel()
        for queue in queues:
            channel.queue_purge(queue)
    finally:
        connection.close()


def purge_dead(url: str, queue: str, died_in: str) -> None:
    """Discard the messages of a dead-letter queue that came from one of its source queues."""
    connection = pika.BlockingConnection(parameters(url, "kehu topology"))
    try:
        channel = connection.channel()
        for _message in range(_waiting(channel, queue)):
            method, _properties, _body = channel.basic_get(queue)
            # The others are requeued when the connection ends.
            if method is not None and method.routing_key == died_in:
                channel.basic_ack(method.delivery_tag)
    finally:
        connection.close()


def waiting(url: str, queue: str) -> int:
    """Return how many messages wait in a queue, with an authorised login."""
    connection = pika.BlockingConnection(parameters(url, "kehu operator"))
    try:
        return _waiting(connection.channel(), queue)
    finally:
        connection.close()


def send_again(url: str, queue: str, on_progress: Callable[[int], None]) -> int:
    """Republish each message of a queue to its original exchange and key; returns how many.

    A message leaves the queue once the broker has confirmed it. One that still cannot be routed
    returns to the queue's end, beyond the initial number of messages, and is not taken again.

    Each keeps the user_id of its first publisher, or still has none: consumers see no difference.
    Raises NotImpersonator if the login may not do that.
    """
    options = parameters(url, "kehu operator")
    connection = pika.BlockingConnection(options)
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        sent = 0
        for sent in range(1, _waiting(channel, queue) + 1):
            method, properties, body = channel.basic_get(queue)
            if method is None:
                return sent - 1
            try:
                channel.basic_publish(
                    method.exchange, method.routing_key, body, properties, mandatory=True
                )
            except ChannelClosedByBroker as error:
                if error.reply_code == 406 and "user_id" in error.reply_text:
                    raise NotImpersonator(options.credentials.username) from None
                raise
            channel.basic_ack(method.delivery_tag)
            on_progress(sent)
        return sent
    finally:
        connection.close()


def _waiting(channel: BlockingChannel, queue: str) -> int:
    count: int = channel.queue_declare(queue, passive=True).method.message_count
    return count


def declare_queue(channel: BlockingChannel, queue: Queue) -> None:
    """Declare one queue with its bindings; QueueUnusable if it exists with different arguments."""
    try:
        channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
    except ChannelClosedByBroker as error:
        if error.reply_code == 406:
            problem = f"exists with other arguments ({error.reply_text})"
            raise QueueUnusable(queue.name, problem, _DECLARE_ANEW) from None
        raise
    bind(channel, queue)


def require_queue(connection: pika.BlockingConnection, queue: Queue) -> None:
    """Raise QueueUnusable unless the queue exists and is of our type.

    For logins that may not declare: the broker refuses them even a declaration that changes
    nothing. They see that a queue exists; that its type is another one, the broker mentions when it
    refuses an argument that neither type of queue supports. Other arguments are invisible to them.
    """
    try:
        connection.channel().queue_declare(queue.name, passive=True)
    except ChannelClosedByBroker as error:
        if error.reply_code == 404:
            raise QueueUnusable(queue.name, "does not exist", _DECLARE) from None
        raise
    channel = connection.channel()
    channel.basic_qos(prefetch_count=1)
    try:
        channel.basic_consume(queue.name, lambda *_: None, arguments={"x-stream-offset": "next"})
        channel.close()
        found = "stream"
    except ChannelClosedByBroker as error:
        known = _TYPE.search(str(error.reply_text))
        if known is None:
            raise
        found = known[1]
    wanted = dict(queue.arguments)["x-queue-type"]
    if found != wanted:
        problem = f"exists with other arguments (its type is {found}, not {wanted})"
        raise QueueUnusable(queue.name, problem, _DECLARE_ANEW)


def bind(channel: BlockingChannel, queue: Queue) -> None:
    """Make the bindings of a queue and remove the retired ones; idempotent."""
    for exchange, key in queue.bindings:
        channel.queue_bind(queue.name, exchange, key)
    for exchange, key in queue.retired:
        channel.queue_unbind(queue.name, exchange, key)
