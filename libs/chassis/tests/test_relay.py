"""The relay on a real broker: every event arrives, and only confirmed events are marked."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from chassis_support.amqp import Vhost
from chassis_support.proxy import Proxy
from chassis_support.waiting import running, until
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from kehu_chassis import backoff
from kehu_chassis.actor import SYSTEM
from kehu_chassis.data import lease
from kehu_chassis.data.database import Database, new_id
from kehu_chassis.messaging import _amqp, events, outbox, relay, topology
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.outbox import OutboxRow
from kehu_chassis.messaging.relay import LostLeadership, Relay
from kehu_chassis.observability import metrics
from kehu_chassis.testing import Harness

TYPE = "notes.note-changed.v1"
QUEUE = "listener.events"


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests need not spare the servers."""
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 0.1)


def add(harness: Harness, count: int = 1, **data: Any) -> None:
    with harness.session() as session:
        for number in range(count):
            content = {"id": new_id(), "title": str(number), **data}
            outbox.add(session, Event(TYPE, str(number), 1, content))


def pending(harness: Harness) -> int:
    with harness.session() as session:
        return outbox.backlog(session)[0]


def sent(harness: Harness) -> int:
    with harness.session() as session:
        statement = select(func.count()).where(OutboxRow.sent_at.is_not(None))
        return session.scalar(statement.select_from(OutboxRow)) or 0


def listen(vhost: Vhost, **arguments: Any) -> None:
    """Declare a queue that receives the notes' events."""
    kind = {"x-queue-type": "quorum"} if not arguments else {}
    with vhost.channel() as channel:
        channel.queue_declare(QUEUE, durable=True, arguments=kind | arguments)
        channel.queue_bind(QUEUE, topology.CRM_EVENTS, TYPE)


@contextmanager
def relaying(
    harness: Harness, vhost: Vhost, *, url: str = "", database: Database | None = None
) -> Iterator[threading.Event]:
    stop = threading.Event()
    loop = Relay(database or harness.database, url or vhost.url, "notes", stop)
    with running(loop.run, stop):
        yield stop


def test_everything_arrives_in_order_and_is_marked(harness: Harness, vhost: Vhost) -> None:
    listen(vhost)
    events.traceparent.set("00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    add(harness, 3)
    events.traceparent.set("")
    add(harness, 1)
    with relaying(harness, vhost):
        until(lambda: pending(harness) == 0)
        add(harness, 1)
        until(lambda: pending(harness) == 0)
    got = vhost.take(QUEUE, 5)
    assert [json.loads(body) for _m, _p, body in got] == harness.published()
    for method, properties, body in got:
        assert method.exchange == topology.CRM_EVENTS and method.routing_key == TYPE
        assert properties.delivery_mode == 2, "persistent"
        assert properties.content_type == "application/cloudevents+json"
        assert properties.message_id == json.loads(body)["id"]
    traces = [(properties.headers or {}).get("traceparent") for _m, properties, _b in got]
    assert traces == ["00-" + "a" * 32 + "-" + "b" * 16 + "-01"] * 3 + [None] * 2
    assert sent(harness) == 5


def test_a_backlog_larger_than_a_window_is_sent(harness: Harness, vhost: Vhost) -> None:
    listen(vhost)
    add(harness, 2500)
    with relaying(harness, vhost):
        until(lambda: pending(harness) == 0)
    ids = {json.loads(body)["id"] for _m, _p, body in vhost.take(QUEUE, 2500)}
    assert ids == {envelope["id"] for envelope in harness.published()}
    assert vhost.ready(QUEUE) == 0, "nothing was sent twice"


def test_unrouted_events_are_kept_and_count_as_sent(harness: Harness, vhost: Vhost) -> None:
    add(harness, 2)
    with relaying(harness, vhost):
        until(lambda: pending(harness) == 0)
    until(lambda: vhost.ready("unrouted") == 2)


def test_a_returned_event_is_not_marked(harness: Harness, vhost: Vhost) -> None:
    with vhost.channel() as channel:
        channel.exchange_delete(topology.CRM_EVENTS)
    _amqp.declare(vhost.url, [_amqp.Exchange(topology.CRM_EVENTS, "topic")], [])
    add(harness, 2)
    before = _refused()
    with relaying(harness, vhost):
        until(lambda: _refused() > before)
        assert sent(harness) == 0
        listen(vhost)
        until(lambda: pending(harness) == 0)
    assert vhost.ready(QUEUE) == 2


def test_a_rejected_event_is_not_marked(harness: Harness, vhost: Vhost) -> None:
    listen(vhost, **{"x-max-length": 1, "x-overflow": "reject-publish"})
    add(harness, 3)
    before = _refused()
    with relaying(harness, vhost):
        until(lambda: _refused() > before)
        assert sent(harness) <= 1 and pending(harness) >= 2

        def all_is_sent() -> bool:
            if vhost.ready(QUEUE):
                vhost.take(QUEUE, 1)
            return pending(harness) == 0

        until(all_is_sent)


def _refused() -> float:
    return float(metrics.PUBLISHED.labels("refused")._value.get())


@pytest.mark.fault("F30")
def test_a_transaction_that_commits_late_is_not_skipped(harness: Harness, vhost: Vhost) -> None:
    """F30: positions are assigned before the commit, so a lower one may appear later."""
    listen(vhost)
    with relaying(harness, vhost):
        with harness.session() as late:
            outbox.add(late, Event(TYPE, "late", 1, {"id": new_id(), "title": "late"}))
            outbox.write(late)  # assigns a position, as the first step of a commit does
            add(harness, 100)
            until(lambda: sent(harness) == 100)
        until(lambda: sent(harness) == 101)
    with harness.session() as session:
        first = session.scalars(select(OutboxRow.subject).order_by(OutboxRow.position)).first()
    assert first == "late"


def test_stopping_waits_for_the_confirms(harness: Harness, vhost: Vhost) -> None:
    listen(vhost)
    add(harness, 3000)
    with relaying(harness, vhost) as stop:
        until(lambda: sent(harness) > 0)
        stop.set()
    left = sent(harness)
    assert 0 < left <= 3000
    assert vhost.ready(QUEUE) == left, "every published event is marked"


def test_the_relay_survives_an_outage_of_the_database(
    harness: Harness, vhost: Vhost, fragile: Database, cable: Any
) -> None:
    listen(vhost)
    add(harness, 10)
    with relaying(harness, vhost, database=fragile):
        until(lambda: pending(harness) == 0)
        cable.cut()
        add(harness, 10)
        cable.mend()
        until(lambda: pending(harness) == 0)
    ids = {json.loads(body)["id"] for _m, _p, body in vhost.take(QUEUE, 20)}
    assert ids == {envelope["id"] for envelope in harness.published()}


def test_the_relay_waits_for_the_broker(harness: Harness, vhost: Vhost) -> None:
    listen(vhost)
    add(harness, 1)
    line = Proxy(vhost.broker.port)
    line.cut()
    with relaying(harness, vhost, url=vhost.url_through(line.port)):
        assert pending(harness) == 1
        line.mend()
        until(lambda: pending(harness) == 0)
        line.drop()
        add(harness, 1)
        until(lambda: pending(harness) == 0)
    line.cut()


class RecordingPublisher:
    """A fake connection, so that the test controls what happens between two steps."""

    def __init__(self) -> None:
        self.published: list[int] = []
        self.waited = 0.0
        self.stopped: str | None = None
        self.hurried = 0

    @property
    def outstanding(self) -> int:
        return len(self.published)

    def positions(self) -> list[int]:
        return list(self.published)

    def publish(self, message: Any) -> None:
        self.published.append(message.position)

    def soon(self) -> None:
        """The test calls the next tick."""
        self.hurried += 1

    def waiting(self) -> float:
        return self.waited

    def stop(self, reason: str = "") -> None:
        self.stopped = reason


@pytest.mark.fault("F07")
def test_a_former_leader_marks_nothing(harness: Harness) -> None:
    """F07: a paused relay resumes with confirms while another one leads."""
    add(harness, 2)
    leader, publisher = (
        Relay(harness.database, "", "notes", threading.Event()),
        RecordingPublisher(),
    )
    leader.tick(publisher)  # type: ignore[arg-type]
    assert len(publisher.published) == 2
    with harness.session() as session:
        session.execute(text("UPDATE lease SET holder = 'another', epoch = epoch + 1"))
    leader.confirmed(publisher, list(publisher.published))  # type: ignore[arg-type]
    with pytest.raises(LostLeadership):
        leader.tick(publisher)  # type: ignore[arg-type]
    assert sent(harness) == 0


@pytest.mark.fault("F07")
def test_a_relay_paused_while_marking_does_not_keep_rows_locked(harness: Harness) -> None:
    """F07: SIGSTOP between the mark and its commit; the next relay marks the same rows."""
    add(harness, 2)
    leader, publisher = (
        Relay(harness.database, "", "notes", threading.Event()),
        RecordingPublisher(),
    )
    leader.tick(publisher)  # type: ignore[arg-type]
    positions = list(publisher.published)
    with pytest.raises(DBAPIError), harness.database.transaction(SYSTEM) as paused:
        leader._exchange_in(paused, positions, [], 0)
        with harness.session() as session:
            session.execute(text("UPDATE lease SET expires_at = now() - interval '1 second'"))
        follower = Relay(harness.database, "", "notes", threading.Event())
        assert follower._lease.held()

        def marked() -> bool:
            with contextlib.suppress(DBAPIError):  # the row is locked, for a while
                harness.database.run(
                    SYSTEM, lambda session: follower._exchange_in(session, positions, [], 0)
                )
            return sent(harness) == 2

        until(marked, seconds=lease.SECONDS + 10)


def test_outstanding_events_are_not_published_twice(harness: Harness) -> None:
    add(harness, 2)
    leader, publisher = (
        Relay(harness.database, "", "notes", threading.Event()),
        RecordingPublisher(),
    )
    leader.tick(publisher)  # type: ignore[arg-type]
    add(harness, 1)
    leader.tick(publisher)  # type: ignore[arg-type]
    assert publisher.published == sorted(set(publisher.published))
    leader.confirmed(publisher, [publisher.published.pop(0)])  # type: ignore[arg-type]
    leader.tick(publisher)  # type: ignore[arg-type]
    assert len(publisher.published) == 2 and sent(harness) == 1


def test_few_confirms_accumulate_and_many_are_marked_at_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction for each single confirm would slow down the writers of those events."""
    monkeypatch.setattr(relay, "WINDOW", 8)
    leader = Relay(harness.database, "", "notes", threading.Event())
    publisher = RecordingPublisher()

    def confirm(count: int) -> None:
        positions = [publisher.published.pop(0) for _ in range(count)]
        leader.confirmed(publisher, positions)  # type: ignore[arg-type]

    add(harness, 3)
    assert leader.tick(publisher) == relay.GATHER_SECONDS  # type: ignore[arg-type]
    confirm(3)
    assert publisher.hurried == 0
    add(harness, 9)
    assert leader.tick(publisher) == 0.0  # type: ignore[arg-type]
    assert leader.tick(publisher) == relay.IDLE_SECONDS, "no room"  # type: ignore[arg-type]
    confirm(8)
    assert publisher.hurried == 1, "there may be more to send"
    assert leader.tick(publisher) == relay.GATHER_SECONDS  # type: ignore[arg-type]
    confirm(1)
    assert publisher.hurried == 1 and sent(harness) == 11


def test_a_missing_confirm_ends_the_connection(harness: Harness) -> None:
    """Confirmed events are marked, and the rest is sent again on a new connection."""
    add(harness, 2)
    leader = Relay(harness.database, "", "notes", threading.Event())
    publisher = RecordingPublisher()
    leader.tick(publisher)  # type: ignore[arg-type]
    leader.confirmed(publisher, [publisher.published.pop()])  # type: ignore[arg-type]
    publisher.waited = relay.CONFIRM_SECONDS
    leader.tick(publisher)  # type: ignore[arg-type]
    assert publisher.stopped is None
    publisher.waited += 0.1
    leader.tick(publisher)  # type: ignore[arg-type]
    assert publisher.stopped == "no confirm for 30 s"
    assert sent(harness) == 1
    second = RecordingPublisher()
    leader.tick(second)  # type: ignore[arg-type]
    assert len(second.published) == 1
