"""A virtual host of the broker for each test: publish, count and take messages."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from chassis_support.waiting import DEADLINE
from kehu_chassis.messaging import _amqp, topology
from tests.support.servers import Broker


def declared(service: str, types: Sequence[str]) -> list[_amqp.Queue]:
    """The queues of a service that receives these events; the last one is its dead-letter queue."""
    queues = topology.queues_of(service, types)
    return [*queues, topology.dead_queue(service, queues)]


@dataclass
class Vhost:
    """One virtual host, with the policies and exchanges that the notes service needs."""

    broker: Broker
    name: str

    @property
    def url(self) -> str:
        """The URL of an administrator."""
        return self.broker.amqp_url.replace("/%2F", f"/{self.name}")

    def login(self, service: str, types: Sequence[str] = ()) -> str:
        """The URL of a service's login, with the rights of the definitions.

        ``types`` are the events that it receives.
        """
        password = hashlib.sha256(self.broker.amqp_url.encode()).hexdigest()
        self.broker.manage("PUT", f"/api/users/{service}", {"password": password, "tags": ""})
        rights = topology.service_rights(service, declared(service, types))
        self.broker.manage("PUT", f"/api/permissions/{self.name}/{service}", rights)
        for topics in topology.service_topics(service):
            self.broker.manage("PUT", f"/api/topic-permissions/{self.name}/{service}", topics)
        parts = urlsplit(self.url)
        netloc = f"{service}:{password}@{parts.hostname}:{parts.port}"
        return urlunsplit(parts._replace(netloc=netloc))

    def url_through(self, port: int) -> str:
        """The same URL with another port."""
        parts = urlsplit(self.url)
        netloc = parts.netloc.rsplit(":", 1)[0] + f":{port}"
        return urlunsplit(parts._replace(netloc=netloc))

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """A channel on a connection of its own; what it publishes has reached its queues.

        A quorum queue that was just declared may lose a message whose channel is closed before it
        is confirmed.
        """
        connection = pika.BlockingConnection(pika.URLParameters(self.url))
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel
        finally:
            connection.close()

    def publish(self, *bodies: bytes, key: str = "other.thing-happened.v1") -> None:
        """Publish as another service or the sales system would."""
        producer = key.split(".")[0]
        sales = producer == topology.SALES
        exchange = topology.SALES_EVENTS if sales else topology.CRM_EVENTS
        properties = pika.BasicProperties(delivery_mode=2, user_id=producer)
        with self.channel() as channel:
            for body in bodies:
                channel.basic_publish(exchange, key, body, properties)

    def ready(self, queue: str) -> int:
        """How many messages of a queue are ready for delivery."""
        with self.channel() as channel:
            return channel.queue_declare(queue, passive=True).method.message_count

    def about(self, queue: str) -> Any:
        """A queue as the management interface describes it."""
        return self.broker.manage("GET", f"/api/queues/{self.name}/{queue}")

    def exists(self, queue: str) -> bool:
        """Whether the queue exists."""
        try:
            self.ready(queue)
        except ChannelClosedByBroker:
            return False
        return True

    def take(self, queue: str, count: int) -> list[tuple[Any, Any, bytes]]:
        """Take ``count`` messages out of a queue: delivery, properties, body."""
        taken: list[tuple[Any, Any, bytes]] = []
        with self.channel() as channel:
            channel.basic_qos(prefetch_count=count)
            for got in channel.consume(queue, inactivity_timeout=DEADLINE):
                assert got[0] is not None, f"only {len(taken)} of {count} messages in {queue}"
                taken.append(got)
                if len(taken) == count:
                    channel.basic_ack(got[0].delivery_tag, multiple=True)
                    break
            channel.cancel()
        return taken


@contextmanager
def new_vhost(broker: Broker) -> Iterator[Vhost]:
    """A virtual host with the system's policies, exchanges and queue for unrouted messages."""
    name = f"test-{secrets.token_hex(4)}"
    broker.manage("PUT", f"/api/vhosts/{name}")
    login = urlsplit(broker.amqp_url).username
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    broker.manage("PUT", f"/api/permissions/{name}/{login}", rights)
    vhost = Vhost(broker, name)
    for policy in topology.policies():
        broker.manage("PUT", f"/api/policies/{name}/{policy['name']}", policy)
    _amqp.declare(vhost.url, topology.EXCHANGES, [topology.UNROUTED_QUEUE])
    yield vhost
    broker.manage("DELETE", f"/api/vhosts/{name}")
