"""Consumers that are killed at the worst moments: every event has its effect exactly once."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chassis_support.amqp import Vhost, declared
from chassis_support.nursery import Nursery
from chassis_support.program import Program
from chassis_support.waiting import until
from kehu_sample.app import service as notes
from kehu_sample.features.notes.models import Effect
from sqlalchemy import select, text

from kehu_chassis.messaging import _amqp, topology
from kehu_chassis.testing import Harness

COUNTED = "other.thing-counted.v1"
TYPES = [on.type for on in notes.subscriptions()]
Publish = Callable[..., None]


@pytest.fixture
def queues(vhost: Vhost) -> None:
    _amqp.declare(vhost.url, [], declared("notes", TYPES))


@pytest.fixture
def nursery(program: Program, vhost: Vhost, queues: None, tmp_path: Path) -> Iterator[Nursery]:
    environment = program.environment | {"KEHU_AMQP_URL": vhost.login("notes", TYPES)}
    running = Nursery(environment, tmp_path / "nursery.log")
    yield running
    running.close()


@pytest.fixture
def publish(harness: Harness, vhost: Vhost) -> Publish:
    def send(*ids: str, **data: Any) -> None:
        bodies = [harness.envelope(COUNTED, data, event_id=event_id) for event_id in ids]
        vhost.publish(*bodies, key=COUNTED)

    return send


def effects(harness: Harness) -> Counter[str]:
    with harness.session() as session:
        return Counter(row.event_id for row in session.scalars(select(Effect)))


def finish(harness: Harness, nursery: Nursery, *ids: str) -> None:
    """Let a consumer handle the rest, and stop it."""
    pid = nursery.start()
    until(lambda: effects(harness) == Counter(ids))
    assert nursery.stop(pid) == 0


@pytest.mark.fault("F04")
def test_killed_before_the_commit(
    harness: Harness, vhost: Vhost, nursery: Nursery, publish: Publish, tmp_path: Path
) -> None:
    """F04"""
    publish("a")
    publish("b", do="die", marker=str(tmp_path / "died"))
    publish("c")
    assert nursery.run() == -signal.SIGKILL
    assert effects(harness) <= Counter("a"), "the killed transaction is rolled back"
    finish(harness, nursery, "a", "b", "c")
    assert harness.failed() == [] and vhost.ready("notes.events") == 0


@pytest.mark.fault("F05")
def test_killed_after_the_commit_and_before_the_ack(
    harness: Harness, vhost: Vhost, nursery: Nursery, publish: Publish, tmp_path: Path
) -> None:
    """F05"""
    publish("a", do="die-after-commit", marker=str(tmp_path / "died"))
    assert nursery.run() == -signal.SIGKILL
    assert effects(harness) == Counter("a")
    until(lambda: vhost.ready("notes.events") == 1, what="redelivered")
    publish("b")
    finish(harness, nursery, "a", "b")
    assert harness.failed() == [] and vhost.ready("notes.events") == 0


@pytest.mark.fault("F19")
def test_a_message_that_always_kills(
    harness: Harness, vhost: Vhost, nursery: Nursery, publish: Publish
) -> None:
    """F19: the broker gives up on it, then we do, and other messages are unaffected."""
    publish("n1", "n2")
    publish("killer", do="die")
    publish("n3", "n4")
    crashes = 0
    pid = nursery.start()
    while not _is_dead(harness):
        status = _ended(nursery, harness)
        if status is None:
            break
        assert status == -signal.SIGKILL
        crashes += 1
        assert crashes <= 20, "it is retried forever"
        _make_due(harness)
        pid = nursery.start()
    until(lambda: effects(harness) == Counter(["n1", "n2", "n3", "n4"]))
    assert nursery.stop(pid) == 0
    (row,) = harness.failed()
    assert (row.event_id, row.state) == ("killer", "dead")
    assert row.reason.startswith("gave up after 5 attempts: the consumer ended")
    assert crashes == topology.DELIVERY_LIMIT + 1 + 5, "deliveries, and our own attempts"
    assert vhost.ready("notes.events") == vhost.ready("notes.dead") == 0


def _ended(nursery: Nursery, harness: Harness) -> int | None:
    """The exit status of the consumer; None once the killer is dead and the consumer lives."""
    import select as readable

    stream = nursery._program.stdout

    def settled() -> bool:
        return bool(readable.select([stream], [], [], 0.02)[0]) or _is_dead(harness)

    until(settled)
    return nursery.status() if readable.select([stream], [], [], 0)[0] else None


def _is_dead(harness: Harness) -> bool:
    return [row.state for row in harness.failed() if row.event_id == "killer"] == ["dead"]


def _make_due(harness: Harness) -> None:
    with harness.session() as session:
        session.execute(
            text("UPDATE failed_event SET next_attempt_at = now() WHERE state = 'retrying'")
        )


def test_an_idle_consumer_stops_quickly(program: Program, vhost: Vhost, queues: None) -> None:
    """P9: waiting for messages must not delay SIGTERM."""
    process = program.start("consume", KEHU_AMQP_URL=vhost.login("notes", TYPES))
    until(lambda: _consumers(vhost, "notes.events") == 1)
    assert program.stop(process, seconds=5) == 0


def _consumers(vhost: Vhost, queue: str) -> int:
    with vhost.channel() as channel:
        return channel.queue_declare(queue, passive=True).method.consumer_count
