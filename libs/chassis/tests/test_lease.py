"""Leadership: one leader at a time, soon replaced when it stops renewing."""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import partial

import pytest
from chassis_support.amqp import Vhost
from chassis_support.program import Program
from chassis_support.proxy import Proxy
from chassis_support.waiting import at_once, running, until
from sqlalchemy import func, select, text

from kehu_chassis.data import lease
from kehu_chassis.data.database import Database, new_id
from kehu_chassis.data.lease import Lease, LeaseRow
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_chassis.messaging.outbox import OutboxRow
from kehu_chassis.messaging.relay import Relay
from kehu_chassis.observability import metrics
from kehu_chassis.testing import Harness


def row(harness: Harness) -> tuple[str, int]:
    with harness.session() as session:
        found = session.scalars(select(LeaseRow)).one()
        return found.holder, found.epoch


def test_one_leads_until_it_releases(harness: Harness) -> None:
    first, second = Lease(harness.database, "x"), Lease(harness.database, "x")
    other = Lease(harness.database, "y")
    assert first.held() and first.held() and other.held()
    assert not second.held() and not second.held()
    first.release()
    second._renew_at = 0.0
    assert second.held() and second.epoch == first.epoch + 2 == 2
    first._renew_at = 0.0
    assert not first.held()


def test_only_one_of_many_acquires_the_lease(harness: Harness) -> None:
    claims = [Lease(harness.database, "x") for _ in range(6)]
    assert sum(at_once(*(claim.held for claim in claims))) == 1


def test_renewing_keeps_the_epoch(harness: Harness) -> None:
    first = Lease(harness.database, "relay")
    assert first.held()
    first._renew_at = 0.0
    assert first.held() and row(harness) == (first.holder, 1)


def test_an_expired_lease_changes_hands_with_a_new_epoch(harness: Harness) -> None:
    first, second = Lease(harness.database, "relay"), Lease(harness.database, "relay")
    assert first.held()
    with harness.session() as session:
        session.execute(text("UPDATE lease SET expires_at = now() - interval '1 second'"))
    assert second.held() and row(harness) == (second.holder, 2)
    first._renew_at = 0.0
    assert not first.held(), "the old holder notices at its next renewal"


def test_the_holder_stops_before_the_database_would(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that cannot reach the database to renew does not lead forever."""
    first = Lease(harness.database, "relay")
    assert first.held()
    first._renew_at = float("inf")
    first._valid_until = time.monotonic() - 0.001
    assert not first.held()
    assert lease.RENEW_SECONDS * 3 <= lease.SECONDS


def test_a_lease_is_released_only_by_its_holder(harness: Harness) -> None:
    first, second = Lease(harness.database, "relay"), Lease(harness.database, "relay")
    assert first.held()
    second.epoch = 1
    second.release()
    assert not Lease(harness.database, "relay").held(), "the first still leads"


def test_releasing_while_the_database_is_unreachable_is_harmless(
    harness: Harness, fragile: Database, cable: Proxy
) -> None:
    first = Lease(fragile, "relay")
    assert first.held()
    cable.cut()
    first.release()
    assert first.epoch == 0
    assert not Lease(harness.database, "relay").held(), "until it expires"


@pytest.mark.fault("F02", "F03", "F07")
def test_a_paused_relay_is_replaced_and_harmless(
    harness: Harness, vhost: Vhost, program: Program
) -> None:
    """F02, F03, F07: SIGSTOP, another relay leads within ten seconds, SIGCONT."""
    with vhost.channel() as channel:
        channel.queue_declare("listener", durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("listener", "crm.events", "notes.#")
    _add(harness, 20)
    process = program.start("relay", KEHU_AMQP_URL=vhost.login("notes"))
    until(lambda: _sent(harness) == 20)
    first = row(harness)
    _add(harness, 3000)
    until(lambda: _sent(harness) > 20)
    os.kill(process.pid, signal.SIGSTOP)
    paused = time.monotonic()
    metrics.PROGRESS.labels("relay").set(0)
    stop = threading.Event()
    second = Relay(harness.database, vhost.url, "notes", stop)
    with running(second.run, stop):
        until(lambda: metrics.PROGRESS.labels("relay")._value.get() > 0, what="alive on standby")
        until(lambda: row(harness)[0] != first[0])
        assert time.monotonic() - paused < 10
        assert row(harness)[1] == first[1] + 1
        until(lambda: _sent(harness) == 3020)
        os.kill(process.pid, signal.SIGCONT)
        program.wait_for(process, "relay stands by")
        _add(harness, 10)
        until(lambda: _sent(harness) == 3030)
        assert row(harness)[1] == first[1] + 1, "the second still leads"
    assert program.stop(process) == 0
    arrived = [properties.message_id for _m, properties, _b in _all(vhost)]
    assert set(arrived) == {envelope["id"] for envelope in harness.published()}


def _add(harness: Harness, count: int) -> None:
    with harness.session() as session:
        for _ in range(count):
            data = {"id": new_id(), "title": "x"}
            outbox.add(session, Event("notes.note-changed.v1", "s", 1, data))


def _sent(harness: Harness) -> int:
    with harness.session() as session:
        return session.scalars(select(func.count(OutboxRow.sent_at))).one()


def _all(vhost: Vhost) -> list[object]:
    return vhost.take("listener", until(partial(vhost.ready, "listener")))
