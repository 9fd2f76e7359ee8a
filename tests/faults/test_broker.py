"""The broker restarts, is killed, is down, or has lost its bindings."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from tests.faults.alerts import watching
from tests.faults.ledger import checked, under_load
from tests.support.compose import Installation, docker
from tests.support.servers import missing_images
from tests.support.stack import eventually

WON = "marketing.opportunity-won.v1"
CHANGED = "customer.customer-changed.v1"
RECONNECT_SECONDS = 10


@pytest.mark.fault("F11")
@pytest.mark.long
def test_a_restart_of_the_broker_fails_no_request(containers: Installation) -> None:
    """Every service with unsent events publishes again within ten seconds."""
    with under_load(containers) as ledger:
        docker("restart", "--time", "60", containers.container("rabbitmq"))
        eventually(lambda: _accepts_logins(containers), within=120, what="the broker is up")
        sent = "SELECT count(*) FROM outbox WHERE sent_at > '{}'"
        sent = sent.format(containers.sql("postgres", "SELECT clock_timestamp()"))
        up = time.monotonic()
        for database in ("kehu_marketing", "kehu_customer", "kehu_service_desk"):
            eventually(lambda d=database: containers.sql(d, sent) != "0", what=f"{database} sends")
        assert time.monotonic() - up < RECONNECT_SECONDS
    assert not ledger.traffic.failed_attempts


@pytest.mark.fault("F12")
@pytest.mark.long
def test_a_killed_broker_loses_no_confirmed_message(containers: Installation) -> None:
    with under_load(containers) as ledger:
        containers.kill(containers.container("rabbitmq"))
    assert not ledger.traffic.failed_attempts


@pytest.mark.fault("F13")
@pytest.mark.long
def test_no_request_fails_while_the_broker_is_down(containers: Installation) -> None:
    with watching(containers) as alerts:
        with under_load(containers) as ledger:
            docker("stop", containers.container("rabbitmq"))
            alerts.fires("KehuOutboxStuck", within=150)
            alerts.fires("KehuBrokerDown")
            docker("start", containers.container("rabbitmq"))
        assert not ledger.traffic.failed_attempts
        alerts.clears("KehuOutboxStuck")
        alerts.clears("KehuBrokerDown")


@pytest.mark.fault("F17")
def test_an_unrouted_message_raises_an_alert_and_is_sent_again(containers: Installation) -> None:
    """By the alert's runbook; also messages of the sales system, which are in no outbox."""
    consumer = containers.container("customer-consume")
    with watching(containers) as alerts, checked(containers) as ledger:
        docker("stop", consumer)
        with _channel(containers) as channel:
            channel.queue_unbind("customer.events", "crm.events", WON)
            channel.queue_unbind("customer.sales", "sales.events", "#")
        ledger.traffic.win(1)
        ledger.traffic.sell(1)
        alerts.fires("KehuUnrouted")
        assert "2 messages in" in _unrouted(containers, "list")
        docker("start", consumer)
        for queue in ("customer.events", "customer.sales"):
            eventually(lambda queue=queue: containers.queues()[queue].consumers, within=60)
        assert "2 messages sent again, 0 left" in _unrouted(containers, "send-again")
        alerts.clears("KehuUnrouted")


@pytest.mark.fault("F17")
@pytest.mark.long
def test_a_lost_binding_of_one_of_several_readers_is_restored(containers: Installation) -> None:
    """No message is unrouted, so no alert fires: the reader restores its binding within about a
    minute, and the producer replays the missed events."""
    with checked(containers) as ledger:
        since = containers.sql("kehu_customer", "SELECT now()")
        with _channel(containers) as channel:
            channel.queue_unbind("reporting.events", "crm.events", CHANGED)
        ledger.traffic.win(1)
        eventually(lambda: _is_bound(containers, "reporting.events", CHANGED), within=120)
        containers.send_again("customer", since)


@pytest.mark.fault("F22")
@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_broker_of_another_version_takes_over(containers: Installation) -> None:
    """It starts from the definitions only; `RABBITMQ_TAG=… ./kehu faults` runs all else on it."""
    other = os.environ.get("KEHU_OTHER_RABBITMQ_TAG", "4-management")
    running = containers.inspect(containers.container("rabbitmq"))["Config"]["Image"]
    if running == f"rabbitmq:{other}":
        pytest.skip(f"already running {other}: set KEHU_OTHER_RABBITMQ_TAG to another version")
    if reason := missing_images([f"rabbitmq:{other}"]):
        pytest.skip(f"not run on RabbitMQ {other}, as Docker {reason}")
    try:
        with checked(containers) as ledger:
            _replace(containers, RABBITMQ_TAG=other)
            for work in (ledger.traffic.win, ledger.traffic.serve, ledger.traffic.sell):
                work(1)
    finally:
        _replace(containers)


def _replace(containers: Installation, **variables: str) -> None:
    """Replace the broker by a new one with nothing but its definitions."""
    containers.compose("rm", "--stop", "--force", "rabbitmq")
    docker("volume", "rm", f"{containers.project}_rabbitmq")
    containers.compose("up", "--detach", "--no-deps", "rabbitmq", **variables)


def _accepts_logins(containers: Installation) -> bool:
    try:
        pika.BlockingConnection(pika.URLParameters(containers.amqp_url("kehu"))).close()
    except (AMQPError, OSError):
        return False
    return True


@contextmanager
def _channel(containers: Installation) -> Iterator[BlockingChannel]:
    """A channel of the broker's administrator."""
    connection = pika.BlockingConnection(pika.URLParameters(containers.amqp_url("kehu")))
    try:
        yield connection.channel()
    finally:
        connection.close()


def _is_bound(containers: Installation, queue: str, key: str) -> bool:
    columns = ("destination_name", "routing_key")
    listed = containers.inside("rabbitmq", "rabbitmqctl", "-q", "list_bindings", *columns)
    return f"{queue}\t{key}" in listed.splitlines()


def _unrouted(containers: Installation, command: str) -> str:
    return containers.kehu("unrouted", "--amqp", containers.amqp_url("kehu"), command).stdout
