"""The private RabbitMQ: permissions of its logins, and durability."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pika
import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from kehu_cli.ports import accepts
from kehu_cli.stack import rabbitmq
from tests.support import embedded_rabbitmq
from tests.support.guarded import wait_until
from tests.support.servers import Broker

PERSISTENT = pika.BasicProperties(delivery_mode=2)


@contextmanager
def channel(url: str) -> Iterator[BlockingChannel]:
    """Open a channel with publisher confirms on a new connection."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        opened = connection.channel()
        opened.confirm_delivery()
        yield opened
    finally:
        if connection.is_open:
            connection.close()


def registered(state_dir: Path, queue: bytes) -> bool:
    """Return whether the name of a new quorum queue is on disk.

    RabbitMQ writes its list of queues a moment after their messages; a crash in between loses the
    queue. Ours are declared once, seconds before the first message.
    """
    return any(queue in file.read_bytes() for file in state_dir.rglob("quorum/*/names.dets"))


def test_data_and_address_survive_a_crash(tmp_path: Path) -> None:
    with embedded_rabbitmq.start(tmp_path, passwords={"guest-of-honour": "p / %"}) as broker:
        with channel(broker.url_for("guest-of-honour")) as opened:
            opened.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
            opened.basic_publish("", "kept", b"message", PERSISTENT)
        wait_until(lambda: registered(tmp_path, b"kept"), lambda: True, "the queue", tmp_path / "-")
        broker.kill()
        assert not accepts("127.0.0.1", broker.ports.amqp)
        broker.restart()
        with channel(broker.amqp_url) as opened:
            method, _, body = next(opened.consume("kept", inactivity_timeout=30))
            assert method is not None
            assert body == b"message"


def test_a_message_above_the_limit_is_rejected() -> None:
    """Larger ones would only fill memory on their way to the dead letters."""
    with embedded_rabbitmq.temporary() as broker, channel(broker.amqp_url) as opened:
        opened.queue_declare("any", durable=True)
        opened.basic_publish("", "any", b"x" * 1024 * 1024)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="larger than"):
            opened.basic_publish("", "any", b"x" * (1024 * 1024 + 1))


def test_the_sales_system_may_publish_to_its_exchange(broker: Broker) -> None:
    with channel(broker.url_for("sales")) as opened:
        opened.basic_publish("sales.events", "sales.made-up.v1", b"{}", mandatory=True)


@pytest.mark.parametrize(
    ("exchange", "key"),
    [
        ("crm.events", "sales.order-paid.v1"),
        ("crm.events", "customer.customer-created.v1"),
        ("sales.events", "customer.customer-created.v1"),
        ("", "customer.events"),
        ("unrouted", "anything"),
    ],
)
def test_the_sales_system_may_publish_nothing_else(broker: Broker, exchange: str, key: str) -> None:
    with (
        channel(broker.url_for("sales")) as opened,
        pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"),
    ):
        opened.basic_publish(exchange, key, b"{}")


@pytest.mark.parametrize("queue", ["customer.events", "customer.sales", "unrouted"])
def test_the_sales_system_may_not_read(broker: Broker, queue: str) -> None:
    with (
        channel(broker.url_for("sales")) as opened,
        pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"),
    ):
        opened.basic_get(queue)


def test_the_sales_system_may_not_declare_queues(broker: Broker) -> None:
    with (
        channel(broker.url_for("sales")) as opened,
        pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"),
    ):
        opened.queue_declare("sales.own", durable=True)


def test_a_service_may_not_publish_in_another_services_name(broker: Broker) -> None:
    with channel(broker.url_for("marketing")) as opened:
        opened.basic_publish("crm.events", "marketing.made-up.v1", b"{}", mandatory=True)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            opened.basic_publish("crm.events", "customer.made-up.v1", b"{}")


def test_a_service_may_read_its_own_dead_letters_only(broker: Broker) -> None:
    """The consumer of a dead letter does not see its original routing key."""
    own, foreign = "marketing.events", "customer.events"
    for key in (own, foreign):
        with (
            channel(broker.url_for("marketing")) as opened,
            pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"),
        ):
            opened.basic_publish("dead-letters", key, b"{}")
    for key in (foreign, "#", "*.sales"):
        with channel(broker.url_for("marketing")) as opened:
            opened.queue_bind("marketing.dead", "dead-letters", own)
            with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
                opened.queue_bind("marketing.dead", "dead-letters", key)


def test_a_wrong_password_is_refused(broker: Broker) -> None:
    url = rabbitmq.amqp_url("sales", "wrong", broker.port)
    with pytest.raises(pika.exceptions.ProbableAuthenticationError), channel(url):
        pass
