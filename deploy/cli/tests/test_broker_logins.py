"""What each login of the broker may do, by the definitions: no way leads to another's events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from kehu_chassis.messaging import _amqp, topology
from kehu_cli.catalogue import CONTRACTS, SALES_LOGIN, SERVICES
from tests.support.servers import Broker

LOGINS = (*SERVICES, SALES_LOGIN)
QUEUES = topology.all_queues(topology.load(CONTRACTS))
SALES_EVENT = f"{SALES_LOGIN}.order-paid.v1"


@contextmanager
def channel_of(broker: Broker, login: str) -> Iterator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(broker.url_for(login)))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel
    finally:
        if connection.is_open:
            connection.close()


def own_queues(service: str) -> list[_amqp.Queue]:
    return [queue for queue in QUEUES if queue.name.startswith(f"{service}.")]


def another(login: str) -> str:
    """A service that the login does not belong to."""
    return "customer" if login != "customer" else "marketing"


Attack = Callable[[BlockingChannel, str], object]


def _dead_letters_to(exchange: str, name: str) -> Attack:
    arguments = {"x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": "customer.sales"}
    return lambda channel, login: channel.queue_declare(
        name.format(login), durable=True, arguments=arguments
    )


ATTACKS: dict[str, Attack] = {
    "exchange": lambda channel, login: channel.exchange_declare(f"{login}.own", "topic"),
    "exchange named as its queue": lambda channel, login: channel.exchange_declare(
        f"{login}.events", "topic"
    ),
    "internal exchange": lambda channel, login: channel.exchange_declare(
        f"{login}.own", "topic", internal=True
    ),
    "alternate exchange": lambda channel, login: channel.exchange_declare(
        f"{login}.own", "topic", arguments={"alternate-exchange": "crm.events"}
    ),
    "queue": lambda channel, login: channel.queue_declare(f"{login}.own"),
    "queue named by the broker": lambda channel, _login: channel.queue_declare("", exclusive=True),
    "dead letters to events": _dead_letters_to("crm.events", "{}.own"),
    "dead letters to dead letters": _dead_letters_to("dead-letters", "{}.own"),
    "dead letters to the sales events": _dead_letters_to("sales.events", "{}.own"),
    "own queue anew": _dead_letters_to("crm.events", "{}.events"),
    "own queue deleted": lambda channel, login: channel.queue_delete(f"{login}.events"),
    "exchange deleted": lambda channel, _login: channel.exchange_delete("crm.events"),
    "default exchange": lambda channel, login: channel.basic_publish(
        "", f"{another(login)}.events", b"{}"
    ),
    "dead letter": lambda channel, login: channel.basic_publish(
        "dead-letters", f"{another(login)}.events", b"{}"
    ),
    "own dead letter": lambda channel, login: channel.basic_publish(
        "dead-letters", f"{login}.events", b"{}"
    ),
    "unrouted": lambda channel, login: channel.basic_publish(
        "unrouted", f"{another(login)}.made-up.v1", b"{}"
    ),
    "another's event": lambda channel, login: channel.basic_publish(
        "crm.events", f"{another(login)}.made-up.v1", b"{}"
    ),
    "another's name": lambda channel, login: channel.basic_publish(
        *(
            ("sales.events", SALES_EVENT)
            if login == SALES_LOGIN
            else ("crm.events", f"{login}.x.v1")
        ),
        b"{}",
        pika.BasicProperties(user_id=another(login)),
    ),
    "another's queue": lambda channel, login: channel.basic_get(f"{another(login)}.events"),
    "another's queue bound": lambda channel, login: channel.queue_bind(
        f"{another(login)}.events", "crm.events", f"{login}.made-up.v1"
    ),
    "another's dead letters": lambda channel, login: channel.queue_bind(
        f"{login}.dead", "dead-letters", f"{another(login)}.events"
    ),
    "exchanges bound": lambda channel, _login: channel.exchange_bind(
        "sales.events", "crm.events", "#"
    ),
    "events to dead letters": lambda channel, _login: channel.exchange_bind(
        "dead-letters", "crm.events", "#"
    ),
    "dead letters to exchange": lambda channel, _login: channel.exchange_bind(
        "crm.events", "dead-letters", "#"
    ),
}


@pytest.mark.fault("F36")
@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("name", ATTACKS)
def test_no_login_reaches_another_ones_events(broker: Broker, login: str, name: str) -> None:
    with channel_of(broker, login) as channel, pytest.raises(ChannelClosedByBroker) as refused:
        ATTACKS[name](channel, login)
    assert refused.value.reply_code == (406 if name == "another's name" else 403)


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "customer"])
def test_only_customer_reads_the_sales_events(broker: Broker, service: str) -> None:
    refused = pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED")
    with channel_of(broker, service) as channel, refused:
        channel.queue_bind(f"{service}.events", "sales.events", "#")
    with channel_of(broker, service) as channel, refused:
        channel.basic_publish("sales.events", SALES_EVENT, b"{}")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_consumes_and_binds_its_own_queues(broker: Broker, service: str) -> None:
    """All that its consumer does, also when a binding is lost."""
    queues = own_queues(service)
    assert {queue.name for queue in queues} >= {f"{service}.events", f"{service}.dead"}
    with pika_admin(broker) as channel:
        for queue in queues:
            exchange, key = queue.bindings[0]
            channel.queue_unbind(queue.name, exchange, key)
    prefetch = {queue.name: 1 for queue in queues}
    consumer = _amqp.Consumer(broker.url_for(service), "test", queues, prefetch)
    consumer.wait(0)
    consumer.bind()
    consumer.close()
    bound = broker.manage("GET", "/api/bindings/%2F")
    found = {(one["destination"], one["source"], one["routing_key"]) for one in bound}
    assert found >= {(queue.name, *binding) for queue in queues for binding in queue.bindings}


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_publishes_its_own_events(broker: Broker, login: str) -> None:
    exchange = "sales.events" if login == SALES_LOGIN else "crm.events"
    properties = pika.BasicProperties(user_id=login)
    with channel_of(broker, login) as channel:
        channel.basic_publish(exchange, f"{login}.made-up.v1", b"{}", properties, mandatory=True)


@contextmanager
def pika_admin(broker: Broker) -> Iterator[BlockingChannel]:
    """A channel of the administrator."""
    connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
    try:
        yield connection.channel()
    finally:
        connection.close()


def test_only_the_administrator_publishes_in_the_name_of_others(broker: Broker) -> None:
    tags = {user["name"]: user["tags"] for user in broker.manage("GET", "/api/users")}
    with_tags = {name for name, given in tags.items() if "impersonator" in json.dumps(given)} & {
        *LOGINS,
        pika.URLParameters(broker.amqp_url).credentials.username,
    }
    assert with_tags == {pika.URLParameters(broker.amqp_url).credentials.username}
