"""A relay that has nothing to do is woken by the commit of an event, and misses none."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from chassis_support.amqp import Vhost
from chassis_support.waiting import running, until
from sqlalchemy import func, select, text

from kehu_chassis.data.database import new_id
from kehu_chassis.messaging import outbox, relay
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.outbox import WAKEUP, OutboxRow
from kehu_chassis.messaging.relay import Relay
from kehu_chassis.messaging.wakeup import Wakeup
from kehu_chassis.testing import Harness

TYPE = "notes.note-changed.v1"
_WAITING = text("""
    SELECT pid FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


@pytest.fixture
def wakeup(harness: Harness) -> Iterator[Wakeup]:
    """What waits for events in the outbox."""
    one = Wakeup(harness.database, WAKEUP)
    yield one
    one.close()


@pytest.fixture
def idle(harness: Harness, vhost: Vhost, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A relay that waits, and hardly looks by itself."""
    monkeypatch.setattr(relay, "AWAKE_SECONDS", 0.1)
    monkeypatch.setattr(relay, "LOOK_SECONDS", 1000.0)
    stop = threading.Event()
    with running(Relay(harness.database, vhost.url, "notes", stop).run, stop):
        until(lambda: waiting(harness))
        yield


def waiting(harness: Harness) -> int:
    """The connection that waits, or 0."""
    with harness.session() as session:
        return session.scalar(_WAITING) or 0


def add(harness: Harness) -> None:
    with harness.session() as session:
        outbox.add(session, event())


def event() -> Event:
    return Event(TYPE, "one", 1, {"id": new_id(), "title": "one"})


def all_sent(harness: Harness, count: int) -> bool:
    with harness.session() as session:
        sent = select(func.count()).where(OutboxRow.sent_at.is_not(None))
        return session.scalar(sent.select_from(OutboxRow)) == count


@pytest.mark.usefixtures("idle")
def test_a_commit_wakes_the_relay_again_and_again(harness: Harness) -> None:
    for count in range(1, 4):
        add(harness)
        until(lambda count=count: all_sent(harness, count))  # type: ignore[misc]
        until(lambda: waiting(harness))


@pytest.mark.usefixtures("idle")
def test_a_commit_that_was_open_while_the_relay_fell_asleep_is_not_missed(
    harness: Harness,
) -> None:
    """Without a share of the lock it would neither be seen nor notify anybody."""
    add(harness)
    until(lambda: all_sent(harness, 1))  # now the relay is awake for a moment
    with harness.session() as late:
        outbox.add(late, event())
        outbox.write(late)
    until(lambda: all_sent(harness, 2))


def test_waiting_begins_only_when_no_work_is_under_way(harness: Harness, wakeup: Wakeup) -> None:
    with harness.session() as late:
        outbox.add(late, event())
        outbox.write(late)
        assert not wakeup.wait() and not wakeup.waits
    assert wakeup.wait() and not wakeup.received()


def test_only_a_waiting_process_is_notified(harness: Harness, wakeup: Wakeup) -> None:
    assert wakeup.wait()
    wakeup.work()
    add(harness)
    assert not wakeup.received()
    assert wakeup.wait()
    add(harness)
    until(wakeup.received)
    assert not wakeup.received(), "once"


def test_a_rollback_wakes_nobody(harness: Harness, wakeup: Wakeup) -> None:
    assert wakeup.wait()
    with pytest.raises(ZeroDivisionError), harness.session() as session:
        outbox.add(session, event())
        outbox.write(session)
        raise ZeroDivisionError
    add(harness)
    until(wakeup.received)


@pytest.mark.usefixtures("idle")
def test_a_waiting_relay_survives_the_loss_of_its_connection(harness: Harness) -> None:
    lost = waiting(harness)
    with harness.session() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": lost})
    add(harness)
    until(lambda: all_sent(harness, 1))
    until(lambda: waiting(harness) not in (0, lost))


def test_a_waiting_relay_stops_soon(harness: Harness, idle: None) -> None:
    """The fixture's end fails if it does not."""
    assert waiting(harness)
