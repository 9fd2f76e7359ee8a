"""The consumer on a real broker."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pika
import pytest
from chassis_support.amqp import Vhost, declared
from chassis_support.program import Program
from chassis_support.proxy import Proxy
from chassis_support.waiting import running, until
from kehu_sample.features.notes.models import Effect
from sqlalchemy import select

from kehu_chassis import backoff
from kehu_chassis.data.database import Database, advisory_lock
from kehu_chassis.messaging import _amqp, consumer, topology
from kehu_chassis.messaging.consumer import ConsumerLoop
from kehu_chassis.messaging.inbox import Inbox
from kehu_chassis.observability import metrics
from kehu_chassis.records import dead_letters
from kehu_chassis.testing import Harness

COUNTED = "other.thing-counted.v1"
TYPES = ("other.thing-happened.v1", COUNTED, "sales.thing-sold.v1")


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests need not spare the servers."""
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 0.1)


@pytest.fixture
def queues(vhost: Vhost) -> list[_amqp.Queue]:
    """The service's queues, declared as in the broker's definitions."""
    found = declared("notes", TYPES)
    _amqp.declare(vhost.url, [], found)
    return found


@contextmanager
def consuming(
    harness: Harness, vhost: Vhost, *, url: str = "", database: Database | None = None
) -> Iterator[threading.Event]:
    stop = threading.Event()
    loop = ConsumerLoop(
        Inbox(database or harness.database, harness.contracts, harness.service.subscriptions()),
        url or vhost.url,
        "notes",
        declared("notes", TYPES)[:-1],
        declared("notes", TYPES)[-1],
        stop,
    )
    with running(loop.run, stop):
        yield stop


def effects(harness: Harness) -> Counter[str]:
    with harness.session() as session:
        return Counter(row.event_id for row in session.scalars(select(Effect)))


def things(harness: Harness, *ids: str, **data: Any) -> list[bytes]:
    return [harness.envelope(COUNTED, data, event_id=event_id) for event_id in ids]


@pytest.mark.parametrize(
    ("sizes", "taken"),
    [([1] * 3, 3), ([1] * 300, 200), ([10 << 20] * 3, 2), ([30 << 20, 1], 1), ([1, 30 << 20], 1)],
)
def test_a_transaction_takes_a_bounded_number_and_size(sizes: list[int], taken: int) -> None:
    bodies = {size: b"x" * size for size in sizes}
    origin = _amqp.Origin("crm.events/any", None)
    waiting = [_amqp.Delivery("any", tag, origin, bodies[size]) for tag, size in enumerate(sizes)]
    assert consumer.some(waiting) == waiting[:taken]


def test_events_of_all_queues_are_handled(
    harness: Harness, vhost: Vhost, queues: list[_amqp.Queue]
) -> None:
    ids = [str(number) for number in range(450)]
    vhost.publish(*things(harness, *ids), key=COUNTED)
    vhost.publish(
        harness.envelope("sales.thing-sold.v1", {"order_no": "1"}, event_id="sold"),
        key="sales.thing-sold.v1",
    )
    with consuming(harness, vhost):
        until(lambda: len(effects(harness)) == 451)
        vhost.publish(*things(harness, "late"), key=COUNTED)
        until(lambda: len(effects(harness)) == 452)
    assert effects(harness) == Counter([*ids, "sold", "late"])
    assert [vhost.ready(queue.name) for queue in queues] == [0, 0, 0], "all are acknowledged"


def test_retired_event_types_are_dropped_and_unbound(harness: Harness, vhost: Vhost) -> None:
    retired = "other.thing-nobody-wants.v1"
    _amqp.declare(vhost.url, [], declared("notes", (*TYPES, retired)))  # the earlier release
    *queues, dead = declared("notes", TYPES)
    own = topology.queues_of("notes", TYPES, [retired])
    assert [queue.name for queue in own] == [queue.name for queue in queues]
    vhost.publish(harness.envelope(retired, {}, event_id="waiting"), key=retired)
    stop = threading.Event()
    inbox = Inbox(harness.database, harness.contracts, harness.service.subscriptions(), [retired])
    loop = ConsumerLoop(inbox, vhost.url, "notes", own, dead, stop)
    with running(loop.run, stop):
        until(lambda: vhost.ready("notes.events") == 0)
        vhost.publish(*things(harness, "wanted"), key=COUNTED)
        vhost.publish(harness.envelope(retired, {}, event_id="late"), key=retired)
        until(lambda: effects(harness) == Counter(["wanted"]) and vhost.ready("unrouted") == 1)
    assert harness.failed() == []


@pytest.mark.fault("F32")
def test_two_consumers_share_the_work(
    harness: Harness, vhost: Vhost, queues: list[_amqp.Queue]
) -> None:
    """F32: every event three times, consumed by two consumers."""
    ids = [str(number) for number in range(100)]
    bodies = things(harness, *ids)
    with consuming(harness, vhost), consuming(harness, vhost):
        vhost.publish(*bodies, *bodies, *reversed(bodies), key=COUNTED)
        until(lambda: len(effects(harness)) == 100 and vhost.ready("notes.events") == 0)
    assert effects(harness) == Counter(ids)
    assert harness.failed() == [] and vhost.ready("notes.events") == 0


def test_unknown_events_of_the_sales_system_are_dead_lettered(
    harness: Harness, vhost: Vhost, queues: list[_amqp.Queue]
) -> None:
    with consuming(harness, vhost):
        vhost.publish(b"\xff\xfe", b'{"half', key="sales.anything-at-all.v7")
        vhost.publish(*things(harness, "good"), key=COUNTED)
        until(lambda: len(harness.failed()) == 2 and effects(harness) == Counter(["good"]))
    assert {row.state for row in harness.failed()} == {"dead"}
    assert vhost.ready("notes.sales") == 0


@pytest.mark.fault("F36")
def test_events_forged_for_another_publisher_are_rejected(
    harness: Harness, vhost: Vhost, queues: list[_amqp.Queue]
) -> None:
    """F36: the broker lets each login publish under its own keys only, so the key must be the type;
    also for dead letters."""
    (forged,) = things(harness, "forged")
    sold = harness.envelope("sales.thing-sold.v1", {"order_no": "1"}, event_id="sold")
    ours, sales = pika.BasicProperties(user_id="other"), pika.BasicProperties(user_id="sales")
    with vhost.channel() as channel:
        channel.basic_publish(topology.SALES_EVENTS, "sales.thing-sold.v1", forged, ours)
        channel.basic_publish(topology.SALES_EVENTS, COUNTED, forged + b" ", ours)
        channel.basic_publish(topology.CRM_EVENTS, "other.thing-happened.v1", forged + b"  ", ours)
        channel.basic_publish(topology.DEAD, "notes.sales", forged + b"   ", ours)
        channel.basic_publish(topology.DEAD, "notes.events", sold, sales)
        channel.basic_publish("", "notes.events", forged + b"    ", ours)
    with consuming(harness, vhost):
        until(lambda: len(harness.failed()) == 6)
        vhost.publish(*things(harness, "good"), key=COUNTED)
        until(lambda: effects(harness) == Counter(["good"]))
        for row in harness.failed():
            assert (row.state, row.code) == ("dead", "wrong-route")
            assert "must not be published to" in row.reason
        replayed = harness.failed()[0].id
        with harness.session() as session:
            dead_letters.replay(session, replayed)
        until(lambda: all(row.state == "dead" for row in harness.failed()))
    assert effects(harness) == Counter(["good"]), "also after a replay"


def test_the_process_retries_a_failed_event(
    harness: Harness, vhost: Vhost, queues: list[_amqp.Queue], tmp_path: Any
) -> None:
    marker = tmp_path / "fixed"
    with consuming(harness, vhost):
        vhost.publish(*things(harness, "a", do="refuse", marker=str(marker)), key=COUNTED)
        until(lambda: len(harness.failed()) == 1)
        marker.touch()
        until(lambda: effects(harness) == Counter(["a"]) and harness.failed() == [])


@pytest.mark.fault("F19")
def test_the_dead_letter_queue_is_drained(
    harness: Harness, vhost: Vhost, queues: list[_amqp.Queue]
) -> None:
    """F19, second half: messages that the broker dead-lettered are retried one at a time."""
    with vhost.channel() as channel:
        for body in things(harness, "a", "b"):
            properties = pika.BasicProperties(user_id="other")
            channel.basic_publish(topology.DEAD, "notes.events", body, properties)
    with consuming(harness, vhost):
        until(lambda: effects(harness) == Counter(["a", "b"]) and harness.failed() == [])
    assert vhost.ready("notes.dead") == 0


def test_the_broker_dead_letters_a_message_past_the_delivery_limit(
    vhost: Vhost, harness: Harness, queues: list[_amqp.Queue]
) -> None:
    vhost.publish(*things(harness, "a"), key=COUNTED)
    crash(vhost, queues[0], topology.DELIVERY_LIMIT + 1)
    ((method, _properties, body),) = vhost.take("notes.dead", 1)
    assert method.exchange == topology.DEAD and b'"a"' in body


def test_a_message_that_cannot_be_dead_lettered_stays(
    vhost: Vhost, harness: Harness, queues: list[_amqp.Queue]
) -> None:
    """RabbitMQ dead-letters at most once by default, which would lose this message."""
    with vhost.channel() as channel:
        channel.queue_unbind("notes.dead", topology.DEAD, "notes.events")
    vhost.publish(*things(harness, "a"), key=COUNTED)
    crash(vhost, queues[0], topology.DELIVERY_LIMIT + 1)
    until(lambda: vhost.about("notes.events").get("messages_dlx") == 1)


def test_dead_letters_have_no_delivery_limit(
    vhost: Vhost, harness: Harness, queues: list[_amqp.Queue]
) -> None:
    """RabbitMQ 4 drops a message after 20 deliveries unless configured otherwise."""
    for queue in (queues[-1], topology.UNROUTED_QUEUE):
        policy = until(lambda: vhost.about(queue.name).get("effective_policy_definition"))  # noqa: B023
        assert policy["delivery-limit"] == topology.NO_DELIVERY_LIMIT
    with vhost.channel() as channel:
        channel.basic_publish(topology.DEAD, "notes.events", b"a")
    crash(vhost, queues[-1], 22)
    assert vhost.take("notes.dead", 1)[0][2] == b"a"


def crash(vhost: Vhost, queue: _amqp.Queue, times: int) -> None:
    """Consume a queue and disconnect without an ack, ``times`` times."""
    for _ in range(times):
        taker = _amqp.Consumer(vhost.url, "crash", [queue], {queue.name: 10})
        until(lambda: taker.wait(0.1) or taker.buffer, seconds=5)  # noqa: B023
        taker.close()


@pytest.mark.fault("F25")
def test_an_unreachable_database_pauses_the_consumer(
    harness: Harness,
    vhost: Vhost,
    queues: list[_amqp.Queue],
    fragile: Database,
    cable: Proxy,
) -> None:
    """F25: nothing is acknowledged or parked, and afterwards everything is handled."""
    with consuming(harness, vhost, database=fragile):
        vhost.publish(*things(harness, "before"), key=COUNTED)
        until(lambda: effects(harness) == Counter(["before"]))
        cable.cut()
        ids = [str(number) for number in range(300)]
        vhost.publish(*things(harness, *ids), key=COUNTED)
        until(lambda: vhost.ready("notes.events") <= 100, what="200 delivered, none requeued")
        assert effects(harness) == Counter(["before"])
        cable.mend()
        until(lambda: len(effects(harness)) == 301)
    assert effects(harness) == Counter(["before", *ids])
    assert harness.failed() == [], "the dead-letter table stays empty"
    assert vhost.ready("notes.events") == vhost.ready("notes.dead") == 0


def test_stopping_while_the_database_is_unreachable(
    harness: Harness,
    vhost: Vhost,
    queues: list[_amqp.Queue],
    fragile: Database,
    cable: Proxy,
) -> None:
    cable.cut()
    vhost.publish(*things(harness, "a"), key=COUNTED)
    with consuming(harness, vhost, database=fragile):
        until(lambda: vhost.ready("notes.events") == 0, what="delivered")
    until(lambda: vhost.ready("notes.events") == 1, what="requeued")


def test_lost_connections_reopen(harness: Harness, vhost: Vhost, queues: list[_amqp.Queue]) -> None:
    line = Proxy(vhost.broker.port)
    with consuming(harness, vhost, url=vhost.url_through(line.port)):
        vhost.publish(*things(harness, "a"), key=COUNTED)
        until(lambda: effects(harness) == Counter("a"))
        line.cut()
        vhost.publish(*things(harness, "b"), key=COUNTED)
        line.mend()
        until(lambda: effects(harness) == Counter("ab"))
    line.cut()


def test_a_cancelled_consumer_reconnects(
    harness: Harness, vhost: Vhost, queues: list[_amqp.Queue]
) -> None:
    """Deleting a queue cancels its consumers without an error on any channel; the consumer waits
    until an administrator declares it again."""
    with consuming(harness, vhost):
        vhost.publish(*things(harness, "a"), key=COUNTED)
        until(lambda: effects(harness) == Counter("a"))
        with vhost.channel() as channel:
            channel.queue_delete("notes.events")
        unusable = metrics.QUEUE_UNUSABLE.labels("notes.events")
        until(lambda: unusable._value.get() == 1)
        assert not vhost.exists("notes.events")
        _amqp.declare(vhost.url, [], queues)
        until(lambda: unusable._value.get() == 0)

        def arrives() -> bool:
            # The queue is declared before it is bound, and unbound messages do not wait: like a
            # producer's `replay`, publish until it arrives.
            vhost.publish(*things(harness, "b"), key=COUNTED)
            return effects(harness) == Counter("ab")

        until(arrives)


def test_a_lost_binding_is_made_again(
    harness: Harness,
    vhost: Vhost,
    queues: list[_amqp.Queue],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another queue is bound to the event, so nothing arrives in `unrouted`."""
    monkeypatch.setattr(consumer, "_BIND_EVERY_SECONDS", 0.2)
    with vhost.channel() as channel:
        channel.queue_declare("others.events", durable=True)
        channel.queue_bind("others.events", topology.CRM_EVENTS, COUNTED)
        with consuming(harness, vhost):
            vhost.publish(*things(harness, "a"), key=COUNTED)
            until(lambda: effects(harness) == Counter("a"))
            channel.queue_unbind("notes.events", topology.CRM_EVENTS, COUNTED)

            def arrives() -> bool:
                vhost.publish(*things(harness, "b"), key=COUNTED)
                return effects(harness) == Counter("ab")

            until(arrives)
    assert vhost.ready("unrouted") == 0


class Trickle:
    """A fake connection: each wait delivers one more message."""

    def __init__(self, bodies: list[bytes], stop: threading.Event) -> None:
        self.buffer: list[_amqp.Delivery] = []
        self._bodies = bodies
        self._stop = stop

    def wait(self, _seconds: float) -> None:
        if self._bodies:
            origin = _amqp.Origin(f"{topology.CRM_EVENTS}/{COUNTED}", "other")
            self.buffer.append(_amqp.Delivery("notes.events", 1, origin, self._bodies.pop(0)))
        else:
            self._stop.set()

    def ack(self, _deliveries: Any) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Do nothing."""


def test_messages_that_arrive_one_by_one_are_batched(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    loop = ConsumerLoop(harness.inbox, "", "notes", [], declared("notes", TYPES)[-1], stop)
    batches: list[int] = []
    handle = harness.inbox.handle

    def counted(bodies: list[bytes], **options: Any) -> None:
        batches.append(len(bodies))
        handle(bodies, **options)

    monkeypatch.setattr(harness.inbox, "handle", counted)
    loop._consume(Trickle(things(harness, *"abcdef"), stop))  # type: ignore[arg-type]
    assert batches == [2, 2, 2] and effects(harness) == Counter("abcdef")


def test_a_backlog_does_not_delay_the_stop(
    harness: Harness, vhost: Vhost, queues: list[_amqp.Queue]
) -> None:
    ids = [str(number) for number in range(1500)]
    vhost.publish(*things(harness, *ids), key=COUNTED)
    with harness.session() as holder:
        advisory_lock(holder, "wait")
        vhost.publish(*things(harness, "gate", do="wait"), key=COUNTED)
        with consuming(harness, vhost) as stop:
            until(lambda: effects(harness))
            stop.set()
        holder.rollback()
    done = len(effects(harness))
    assert 0 < done < 1500
    until(lambda: vhost.ready("notes.events") == 1501 - done, what="only the rest is requeued")


@pytest.mark.fault("F20")
@pytest.mark.parametrize("login", ["notes", "administrator"])
def test_a_queue_of_another_type_is_reported(
    harness: Harness, vhost: Vhost, program: Program, login: str
) -> None:
    """F20: nothing is consumed or lost until an administrator declares it anew."""
    queues = declared("notes", TYPES)
    _amqp.declare(vhost.url, [], queues[1:])
    with vhost.channel() as channel:
        channel.queue_declare("notes.events", durable=True, arguments={"x-max-length": 5})
        channel.queue_bind("notes.events", topology.CRM_EVENTS, COUNTED)
    vhost.publish(*things(harness, "a"), key=COUNTED)
    shared = {} if login == "notes" else {"KEHU_AMQP_SHARED_LOGIN": "true"}
    url = vhost.login("notes", TYPES) if login == "notes" else vhost.url
    process = program.start("consume", KEHU_AMQP_URL=url, **shared)
    program.wait_for(process, "consumer waits: queue notes.events exists with other arguments")
    assert vhost.ready("notes.events") == 1
    with pytest.raises(_amqp.QueueUnusable, match="notes.events exists with other arguments"):
        _amqp.declare(vhost.url, [], queues)
    ((_method, _properties, body),) = vhost.take("notes.events", 1)
    with vhost.channel() as channel:
        channel.queue_delete("notes.events")
    program.wait_for(process, "consumer waits: queue notes.events does not exist: import")
    _amqp.declare(vhost.url, [], queues)
    vhost.publish(body, key=COUNTED)
    until(lambda: effects(harness) == Counter("a"))
    assert program.stop(process) == 0


@pytest.mark.fault("F20")
def test_other_arguments_of_a_queue_are_reported_to_the_administrator(vhost: Vhost) -> None:
    """Services cannot see them; whoever declares the topology can."""
    queues = declared("notes", TYPES)
    with vhost.channel() as channel:
        channel.queue_declare("notes.events", durable=True, arguments={"x-queue-type": "quorum"})
    with pytest.raises(_amqp.QueueUnusable, match=r"notes.events exists .*x-dead-letter-exch"):
        _amqp.declare(vhost.url, [], queues)
