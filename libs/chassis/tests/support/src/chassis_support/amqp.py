"""The broker seen from outside: its own virtual host per test, publishing, counting, taking."""

from __future__ import annotations

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
    """The queues of a service that receives these events; the last one takes its dead ones."""
    queues = topology.queues_of(service, types)
    return [*queues, topology.dead_queue(service, queues)]


@dataclass
class Vhost:
    """One virtual host, with everything that the notes service needs declared in it."""

    broker: Broker
    name: str

    @property
    def url(self) -> str:
        """The address of an all-powerful login."""
        return self.broker.amqp_url.replace("/%2F", f"/{self.name}")

    def url_through(self, port: int) -> str:
        """The same address at another port."""
        parts = urlsplit(self.url)
        netloc = parts.netloc.rsplit(":", 1)[0] + f":{port}"
        return urlunsplit(parts._replace(netloc=netloc))

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """A channel for one purpose."""
        connection = pika.BlockingConnection(pika.URLParameters(self.url))
        try:
            yield connection.channel()
        finally:
            connection.close()

    def publish(self, *bodies: bytes, key: str = "other.thing-happened.v1") -> None:
        """Publish as another service, or as the sales system, would."""
        sales = key.startswith("sales.")
        exchange = topology.SALES_EVENTS if sales else topology.CRM_EVENTS
        with self.channel() as channel:
            channel.confirm_delivery()
            for body in bodies:
                channel.basic_publish(exchange, key, body, pika.BasicProperties(delivery_mode=2))

    def ready(self, queue: str) -> int:
        """How many messages wait in a queue and are in nobody's hands."""
        with self.channel() as channel:
            return channel.queue_declare(queue, passive=True).method.message_count

    def about(self, queue: str) -> Any:
        """What the management interface tells of a queue."""
        return self.broker.manage("GET", f"/api/queues/{self.name}/{queue}")

    def exists(self, queue: str) -> bool:
        """Whether there is such a queue."""
        try:
            self.ready(queue)
        except ChannelClosedByBroker:
            return False
        return True

    def take(self, queue: str, count: int) -> list[tuple[Any, Any, bytes]]:
        """Take so many messages out of a queue: delivery, properties, body."""
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
    """A virtual host with the system's policies, exchanges and the queue for the unrouted."""
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
