"""Only its producer publishes an event: forgeries by every way through the broker are rejected.

Each test gives the login of the service `notes` more rights than the definitions do, as an
installation with wrong permissions would, and forges events of the service `other`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pika
import pytest
from chassis_support.amqp import Vhost, declared
from chassis_support.waiting import running, until
from kehu_sample.features.notes.models import Effect
from pika.adapters.blocking_connection import BlockingChannel
from sqlalchemy import select

from kehu_chassis import backoff
from kehu_chassis.messaging import _amqp, outbox, topology
from kehu_chassis.messaging._amqp import Origin
from kehu_chassis.messaging.consumer import ConsumerLoop
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.failures import FailedEvent
from kehu_chassis.messaging.inbox import Inbox
from kehu_chassis.messaging.relay import Relay
from kehu_chassis.records import dead_letters
from kehu_chassis.testing import Harness, User

COUNTED, SOLD = "other.thing-counted.v1", "sales.thing-sold.v1"
TYPES = (COUNTED, SOLD)
CRM, SALES, DEAD = topology.CRM_EVENTS, topology.SALES_EVENTS, topology.DEAD


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests need not spare the servers."""
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 0.1)


@contextmanager
def consuming(
    harness: Harness, vhost: Vhost, url: str, shared_login: str | None = None
) -> Iterator[None]:
    """A consumer of the notes service; ``url`` is that of its login."""
    *queues, dead = declared("notes", TYPES)
    _amqp.declare(vhost.url, [], [*queues, dead])
    stop = threading.Event()
    subscriptions = harness.service.subscriptions()
    inbox = Inbox(harness.database, harness.contracts, subscriptions, shared_login=shared_login)
    loop = ConsumerLoop(inbox, url, "notes", queues, dead, stop)
    with running(loop.run, stop):
        yield


@contextmanager
def attacking(vhost: Vhost) -> Iterator[BlockingChannel]:
    """A channel of the login `notes` with all rights."""
    url = vhost.login("notes", TYPES)
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    vhost.broker.manage("PUT", f"/api/permissions/{vhost.name}/notes", rights)
    for exchange in (CRM, SALES, DEAD):
        topics = {"exchange": exchange, "write": r"^notes\.", "read": ".*"}
        vhost.broker.manage("PUT", f"/api/topic-permissions/{vhost.name}/notes", topics)
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel
    finally:
        if connection.is_open:
            connection.close()


def effects(harness: Harness) -> set[str]:
    with harness.session() as session:
        return {row.event_id for row in session.scalars(select(Effect))}


def forged(harness: Harness, event_id: str) -> bytes:
    return harness.envelope(COUNTED, {}, event_id=event_id)


def sold(harness: Harness, event_id: str, source: str = "/sales") -> bytes:
    body = harness.envelope(SOLD, {"order_no": "1"}, event_id=event_id)
    return body.replace(b'"/sales"', f'"{source}"'.encode())


def through_an_exchange(channel: BlockingChannel, exchange: str, key: str, body: bytes) -> None:
    """The first detour: topic permissions are checked on the first exchange only."""
    channel.exchange_declare("notes.detour", "topic")
    channel.exchange_bind(exchange, "notes.detour", "#")
    properties = pika.BasicProperties(user_id="notes")
    channel.basic_publish("notes.detour", key, body, properties, mandatory=True)


def through_a_dead_letter(
    channel: BlockingChannel, exchange: str, key: str, body: bytes, user_id: str | None = "notes"
) -> None:
    """The second detour: what expires in a queue goes to any exchange under any key."""
    arguments = {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": key,
        "x-message-ttl": 0,
    }
    channel.queue_declare("notes.detour", arguments=arguments)
    channel.basic_publish("", "notes.detour", body, pika.BasicProperties(user_id=user_id))


def dead(harness: Harness, count: int) -> list[FailedEvent]:
    """The dead letters once there are that many, and after a replay of each."""
    until(lambda: len(harness.failed()) == count)
    with harness.session() as session:
        for row in harness.failed():
            dead_letters.replay(session, row.id)
    until(lambda: all(row.state == "dead" for row in harness.failed()))
    return harness.failed()


def test_the_relay_publishes_with_its_login(harness: Harness, vhost: Vhost) -> None:
    with vhost.channel() as channel:
        channel.queue_declare("listener", durable=True)
        channel.queue_bind("listener", CRM, "notes.#")
    with harness.session() as session:
        data = {"id": str(harness.user().id), "title": "x"}
        outbox.add(session, Event("notes.note-changed.v1", "s", 1, data))
    stop = threading.Event()
    relay = Relay(harness.database, vhost.login("notes"), "notes", stop)
    with running(relay.run, stop):
        ((_method, properties, _body),) = vhost.take("listener", 1)
    assert properties.user_id == "notes"


@pytest.mark.fault("F36")
def test_an_exchange_of_its_own_does_not_help(harness: Harness, vhost: Vhost) -> None:
    with attacking(vhost) as channel:
        _amqp.declare(vhost.url, [], declared("notes", TYPES))
        through_an_exchange(channel, CRM, COUNTED, forged(harness, "a"))
        channel.exchange_unbind(CRM, "notes.detour", "#")
        through_an_exchange(channel, SALES, SOLD, sold(harness, "b"))
        channel.exchange_unbind(SALES, "notes.detour", "#")
        through_an_exchange(channel, DEAD, "notes.events", forged(harness, "c"))
    with consuming(harness, vhost, vhost.login("notes", TYPES)):
        found = dead(harness, 3)
        assert {row.code for row in found} == {"wrong-route"}
        assert {row.publisher for row in found} == {"notes"}
        vhost.publish(forged(harness, "good"), key=COUNTED)
        until(lambda: effects(harness) == {"good"})


@pytest.mark.fault("F36")
@pytest.mark.parametrize("user_id", ["notes", None])
def test_a_dead_letter_target_of_its_own_does_not_help(
    harness: Harness, vhost: Vhost, user_id: str | None
) -> None:
    targets = [
        (CRM, COUNTED, forged(harness, "a")),
        (SALES, SOLD, sold(harness, "b")),
        (DEAD, "notes.events", forged(harness, "c")),
        (DEAD, "notes.sales", sold(harness, "d")),
    ]
    with attacking(vhost) as channel:
        _amqp.declare(vhost.url, [], declared("notes", TYPES))
        for exchange, key, body in targets:
            through_a_dead_letter(channel, exchange, key, body, user_id)
            until(lambda: vhost.ready("notes.detour") == 0)
            channel.queue_delete("notes.detour")
    with consuming(harness, vhost, vhost.login("notes", TYPES)):
        found = dead(harness, 4)
        assert {row.code for row in found} == {"wrong-publisher"}
        assert {row.publisher for row in found} == {user_id}
        vhost.publish(sold(harness, "good"), key=SOLD)
        until(lambda: effects(harness) == {"good"})


@pytest.mark.fault("F36")
def test_no_login_names_another_one(vhost: Vhost) -> None:
    with attacking(vhost) as channel:
        properties = pika.BasicProperties(user_id="other")
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="user_id"):
            channel.basic_publish(CRM, "notes.made-up.v1", b"{}", properties)


@pytest.mark.fault("F36")
def test_copied_routing_keys_do_not_help(harness: Harness, vhost: Vhost) -> None:
    """RabbitMQ routes by the header CC as well, and old versions check only the first key."""
    with attacking(vhost) as channel:
        _amqp.declare(vhost.url, [], declared("notes", TYPES))
        properties = pika.BasicProperties(user_id="notes", headers={"CC": [COUNTED]})
        channel.basic_publish(CRM, "notes.made-up.v1", forged(harness, "a"), properties)
    with consuming(harness, vhost, vhost.login("notes", TYPES)):
        (row,) = dead(harness, 1)
    assert row.code == "wrong-route" and effects(harness) == set()


def test_a_message_that_the_broker_dead_lettered_is_still_its_producers(
    harness: Harness, vhost: Vhost
) -> None:
    """Past the delivery limit its user_id is that of the producer."""
    queues = declared("notes", TYPES)
    _amqp.declare(vhost.url, [], queues)
    vhost.publish(forged(harness, "a"), key=COUNTED)
    vhost.publish(sold(harness, "b"), key=SOLD)
    for queue in queues[:-1]:
        for _ in range(topology.DELIVERY_LIMIT + 1):
            taker = _amqp.Consumer(vhost.url, "crash", [queue], {queue.name: 10})
            until(lambda: taker.wait(0.1) or taker.buffer, seconds=20)  # noqa: B023
            taker.close()
    until(lambda: vhost.ready("notes.dead") == 2)
    with consuming(harness, vhost, vhost.login("notes", TYPES)):
        until(lambda: effects(harness) == {"a", "b"} and harness.failed() == [])


def test_an_unrouted_message_is_sent_again_in_its_producers_name(
    harness: Harness, vhost: Vhost
) -> None:
    vhost.publish(forged(harness, "a"), key=COUNTED)
    vhost.publish(sold(harness, "b"), key=SOLD)
    with vhost.channel() as channel:
        channel.basic_publish(CRM, COUNTED, forged(harness, "of unknown origin"))
    until(lambda: vhost.ready("unrouted") == 3)
    with consuming(harness, vhost, vhost.login("notes", TYPES)):
        assert _amqp.send_again(vhost.url, "unrouted", lambda _number: None) == 3
        until(lambda: effects(harness) == {"a", "b"} and len(harness.failed()) == 1)
    assert harness.failed()[0].code == "wrong-publisher"


def test_only_an_impersonator_sends_messages_again(harness: Harness, vhost: Vhost) -> None:
    vhost.publish(forged(harness, "a"), key=COUNTED)
    url = vhost.login("notes", TYPES)
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    vhost.broker.manage("PUT", f"/api/permissions/{vhost.name}/notes", rights)
    topics = {"exchange": CRM, "write": ".*", "read": ".*"}
    vhost.broker.manage("PUT", f"/api/topic-permissions/{vhost.name}/notes", topics)
    with pytest.raises(_amqp.NotImpersonator, match="set_user_tags notes administrator imperson"):
        _amqp.send_again(url, "unrouted", lambda _number: None)
    assert until(lambda: vhost.ready("unrouted")) == 1


GENUINE = [
    (COUNTED, "/kehu/other"),
    (SOLD, "/sales"),
    (SOLD, "/sales/shop-2"),
    (SOLD, "https://erp.example.com/sales/orders"),
]
WRONG = [
    (COUNTED, "/kehu/notes"),
    (COUNTED, "/kehu/others"),
    (COUNTED, "/kehu/other/more"),
    (COUNTED, "/other"),
    (COUNTED, "/sales"),
    (COUNTED, "/KEHU/OTHER"),
    (SOLD, "/kehu/other"),
    (SOLD, "/kehu/notes"),
    (SOLD, "/salesman"),
    (SOLD, "sales"),
    (SOLD, "//sales"),
    (SOLD, "http://[sales"),
    (SOLD, " "),
]


@pytest.mark.parametrize(("event_type", "source"), [*GENUINE, *WRONG])
def test_the_source_names_the_producer(harness: Harness, event_type: str, source: str) -> None:
    data = {"order_no": "1"} if event_type == SOLD else {}
    body = harness.envelope(event_type, data, event_id="a")
    for known in (b'"/sales"', b'"/kehu/other"'):
        body = body.replace(known, f'"{source}"'.encode())
    producer = event_type.split(".")[0]
    exchange = SALES if event_type == SOLD else CRM
    harness.inbox.handle([body], origins=[Origin(f"{exchange}/{event_type}", producer)])
    if (event_type, source) in GENUINE:
        assert effects(harness) == {"a"} and harness.failed() == []
    else:
        (row,) = harness.failed()
        assert (row.state, row.code) == ("dead", "wrong-source") and effects(harness) == set()


@pytest.mark.parametrize("event_type", ["other.thing-unheard-of.v1", "other.thing-nobody-wants.v1"])
def test_a_forged_event_of_an_unknown_type_is_not_retried(
    harness: Harness, event_type: str
) -> None:
    body = harness.envelope(event_type, {}, event_id="a")
    harness.inbox.handle([body], origins=[Origin(f"{CRM}/{event_type}", "notes")])
    (row,) = harness.failed()
    assert (row.state, row.code) == ("dead", "wrong-publisher")


def test_one_login_for_all_services(harness: Harness, vhost: Vhost) -> None:
    """With KEHU_AMQP_SHARED_LOGIN, where events of other logins are rejected all the same."""
    administrator = pika.URLParameters(vhost.url).credentials.username
    with consuming(harness, vhost, vhost.url, administrator):
        with vhost.channel() as channel:
            shared = pika.BasicProperties(user_id=administrator)
            channel.basic_publish(CRM, COUNTED, forged(harness, "a"), shared)
            channel.basic_publish(SALES, SOLD, sold(harness, "b"), shared)
            other = pika.BasicProperties(user_id="notes")
            channel.basic_publish(CRM, COUNTED, forged(harness, "c"), other)
        vhost.publish(forged(harness, "its own login"), key=COUNTED)
        until(lambda: effects(harness) == {"a", "b", "its own login"})
        until(lambda: [row.code for row in harness.failed()] == ["wrong-publisher"])


@pytest.mark.parametrize(
    ("language", "text"), [("en", "producer's login"), ("zh-CN", "消息代理账号")]
)
def test_a_dead_letter_is_explained(harness: Harness, boss: User, language: str, text: str) -> None:
    origin = Origin(f"{CRM}/{COUNTED}", "notes")
    harness.inbox.handle([forged(harness, "a")], origins=[origin])
    response = harness.as_(boss).request(
        "GET", "/dead-letters?code=wrong-publisher", Accept_Language=language
    )
    (shown,) = response.get_json()["items"]
    assert text in shown["explanation"] and shown["publisher"] == "notes"
