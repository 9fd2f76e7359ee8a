"""The messages that a restore discards, and those that it keeps."""

from collections.abc import Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from kehu_cli.operations import restore
from kehu_cli.server import ServerError
from tests.support.servers import Broker


@pytest.fixture
def channel(broker: Broker) -> Iterator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()
    for queue in ("customer.events", "customer.sales", "customer.dead"):
        channel.queue_purge(queue)
    yield channel
    for queue in ("customer.events", "customer.sales", "customer.dead"):
        channel.queue_purge(queue)
    connection.close()


def test_only_sales_events_are_kept(broker: Broker, channel: BlockingChannel) -> None:
    """Both waiting ones and those that crashed their consumers."""
    for exchange, key in (
        ("", "customer.events"),
        ("", "customer.sales"),
        ("dead-letters", "customer.events"),
        ("dead-letters", "customer.sales"),
        ("dead-letters", "customer.events"),
    ):
        channel.basic_publish(exchange, key, key.encode(), mandatory=True)
    restore._purge(broker.amqp_url)
    left = {}
    for queue in ("customer.events", "customer.sales", "customer.dead"):
        left[queue] = []
        while (got := channel.basic_get(queue, auto_ack=True))[0] is not None:
            left[queue].append(got[2].decode())
    assert left == {
        "customer.events": [],
        "customer.sales": ["customer.sales"],
        "customer.dead": ["customer.sales"],
    }


def test_it_waits_for_a_broker_that_is_starting(broker: Broker) -> None:
    """On a new host its port may be open before it serves."""
    attempts = []

    def purge() -> None:
        attempts.append(len(attempts))
        url = broker.amqp_url if len(attempts) > 1 else "amqp://nobody:x@127.0.0.1:1/"
        restore._purge(url)

    restore._when_ready(purge)
    assert attempts == [0, 1]


def test_it_gives_up_on_a_broker_that_stays_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore, "PATIENCE_SECONDS", 0)
    with pytest.raises(ServerError, match="no data was changed: fix the cause"):
        restore._when_ready(lambda: restore._purge("amqp://nobody:x@127.0.0.1:1/"))
