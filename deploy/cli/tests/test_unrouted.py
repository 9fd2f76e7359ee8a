"""Unrouted messages are counted and republished."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pika
import pytest
from click.testing import CliRunner, Result
from pika.adapters.blocking_connection import BlockingChannel

from kehu_cli.cli import kehu
from tests.support.servers import Broker

KEY = "sales.something-new.v1"


@pytest.fixture
def channel(broker: Broker) -> Iterator[BlockingChannel]:
    """An administrator's channel, with `unrouted` empty."""
    connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.queue_purge("unrouted")
    yield channel
    channel.queue_purge("unrouted")
    connection.close()


def unrouted(broker: Broker, command: str) -> Result:
    return CliRunner().invoke(kehu, ["unrouted", "--amqp", broker.amqp_url, command])


def test_a_message_is_republished_unchanged(broker: Broker, channel: BlockingChannel) -> None:
    """To its exchange, under its key, with its properties; unroutable ones keep waiting."""
    sent = pika.BasicProperties(
        content_type="application/cloudevents+json",
        delivery_mode=2,
        message_id=str(uuid4()),
        headers={"traceparent": "00-x"},
        user_id="sales",
    )
    for key in (KEY, f"{KEY}.else"):
        channel.basic_publish("crm.events", key, json.dumps({"by": key}), sent, mandatory=True)
    assert "2 messages in" in unrouted(broker, "list").output
    back = unrouted(broker, "send-again")
    assert back.exit_code == 1 and "2 messages sent again, 2 left" in back.output
    reader = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(reader, "crm.events", KEY)
    again = unrouted(broker, "send-again")
    assert again.exit_code == 1 and "2 messages sent again, 1 left" in again.output
    method, properties, body = channel.basic_get(reader, auto_ack=True)
    assert (method.exchange, method.routing_key) == ("crm.events", KEY)
    assert json.loads(body) == {"by": KEY}
    assert properties.message_id == sent.message_id
    assert properties.user_id == "sales", "consumers require it"
    assert properties.headers["traceparent"] == "00-x"
    assert properties.content_type == sent.content_type and properties.delivery_mode == 2


def test_an_empty_queue_is_not_an_error(broker: Broker, channel: BlockingChannel) -> None:
    result = unrouted(broker, "send-again")
    assert result.exit_code == 0 and "0 messages sent again, 0 left" in result.output


def test_a_refusal_of_the_broker_is_reported(broker: Broker, channel: BlockingChannel) -> None:
    """The sales system may not read the queue, so the message keeps waiting."""
    channel.basic_publish("crm.events", KEY, b"{}", mandatory=True)
    sales = ["--amqp", broker.url_for("sales")]
    result = CliRunner().invoke(kehu, ["unrouted", *sales, "send-again"])
    assert result.exit_code == 1
    assert "RabbitMQ cannot be used" in result.output and "ACCESS_REFUSED" in result.output
    assert "1 message in" in unrouted(broker, "list").output
