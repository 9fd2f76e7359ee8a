"""Exchanges, queues and bindings, and the messages in queues, for authorised logins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from kehu_chassis.messaging._amqp.connection import parameters


class QueueMismatch(Exception):
    """A queue already exists with different arguments."""


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


def declare_queue(channel: BlockingChannel, queue: Queue) -> None:
    """Declare one queue with its bindings; QueueMismatch if it exists with different arguments."""
    try:
        channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
    except ChannelClosedByBroker as error:
        if error.reply_code == 406:
            raise QueueMismatch(
                f"queue {queue.name} exists with other arguments: {error.reply_text}"
            ) from None
        raise
    bind(channel, queue)


def bind(channel: BlockingChannel, queue: Queue) -> None:
    """Make the bindings of a queue and remove the retired ones; idempotent."""
    for exchange, key in queue.bindings:
        channel.queue_bind(queue.name, exchange, key)
    for exchange, key in queue.retired:
        channel.queue_unbind(queue.name, exchange, key)
