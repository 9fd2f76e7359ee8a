"""An id belongs to the first event under it: another one with the same id is a dead letter."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from chassis_support.waiting import at_once
from kehu_sample.features.notes.models import Effect
from sqlalchemy import func, select, text

from kehu_chassis.actor import SYSTEM
from kehu_chassis.messaging import claims, inbox
from kehu_chassis.messaging._amqp import Origin
from kehu_chassis.messaging.claims import ReceivedEvent
from kehu_chassis.observability import metrics
from kehu_chassis.records import dead_letters
from kehu_chassis.testing import Harness

HAPPENED, COUNTED, SOLD = "other.thing-happened.v1", "other.thing-counted.v1", "sales.thing-sold.v1"
Change = Callable[[dict[str, Any]], object]


def thing(harness: Harness, event_id: str = "a", event_type: str = COUNTED, **data: Any) -> bytes:
    return harness.envelope(event_type, data, event_id=event_id)


def effects(harness: Harness) -> Counter[str]:
    with harness.session() as session:
        return Counter(row.event_id for row in session.scalars(select(Effect)))


def changed(body: bytes, change: Change) -> bytes:
    envelope = json.loads(body)
    change(envelope)
    return json.dumps(envelope).encode()


OTHERS: dict[str, Change] = {
    "data": lambda e: e["data"].update(times=2),
    "more data": lambda e: e["data"].update(state="x"),
    "less data": lambda e: e["data"].pop("times"),
    "null": lambda e: e["data"].update(note=None),
    "a list in another order": lambda e: e["data"].update(list=[2, 1]),
    "text": lambda e: e["data"].update(state="1"),
    "truth": lambda e: e["data"].update(times=True) or e["data"].update(times=7),
    "type": lambda e: e.update(type=HAPPENED),
    "subject": lambda e: e.update(subject="another"),
    "version": lambda e: e.update(aggregateversion=2),
}
SAME: dict[str, Change] = {
    "nothing": lambda _e: None,
    "keys": lambda e: e.update(data=dict(reversed(e["data"].items()))),
    "time": lambda e: e.update(time="2020-01-01T00:00:00Z"),
    "trace": lambda e: e.update(traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01"),
    "cause": lambda e: e.update(correlationid="another"),
    "extension": lambda e: e.update(dataschema="/elsewhere", region="eu"),
    "number": lambda e: e["data"].update(times=1.0),
}


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
@pytest.mark.parametrize("name", OTHERS)
def test_another_event_under_a_used_id_is_dead(harness: Harness, name: str, together: bool) -> None:
    first = thing(harness, times=1, list=[1, 2])
    second = changed(first, OTHERS[name])
    good = thing(harness, "good")
    before = metrics.INBOX.labels("reused-id")._value.get()
    for batch in [[first, second, good]] if together else [[first], [second], [good]]:
        harness.inbox.handle(batch)
    assert effects(harness) == Counter(["a", "good"])
    (row,) = harness.failed()
    assert (row.state, row.code, row.body) == ("dead", "reused-id", second)
    assert "had the id a before" in row.reason
    assert metrics.INBOX.labels("reused-id")._value.get() == before + 1
    # Neither a redelivery nor a replay changes that.
    harness.inbox.handle([second, first])
    with harness.session() as session:
        dead_letters.replay(session, row.id)
    assert harness.inbox.run_due() == 1
    (row,) = harness.failed()
    assert (row.state, row.code) == ("dead", "reused-id")
    assert effects(harness) == Counter(["a", "good"])


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
@pytest.mark.parametrize("name", SAME)
def test_the_same_content_is_a_silent_duplicate(
    harness: Harness, name: str, together: bool
) -> None:
    first = thing(harness, times=1, state="x")
    second = changed(first, SAME[name])
    for batch in [[first, second]] if together else [[first], [second]]:
        harness.inbox.handle(batch)
    assert effects(harness) == Counter("a") and harness.failed() == []


def test_another_source_may_use_the_same_id(harness: Harness) -> None:
    harness.inbox.handle([thing(harness), thing(harness, event_type=SOLD, order_no="1")])
    assert effects(harness) == Counter({"a": 2}) and harness.failed() == []


def test_the_first_keeps_the_id_while_it_fails(harness: Harness, tmp_path: Path) -> None:
    """A second event must neither take its place nor settle it."""
    marker = tmp_path / "go"
    start = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        harness.inbox.handle([thing(harness, do="refuse", marker=str(marker))])
        harness.inbox.handle([thing(harness, times=2)])
        assert sorted((row.state, row.code) for row in harness.failed()) == [
            ("dead", "reused-id"),
            ("retrying", "handler-failed"),
        ]
        assert effects(harness) == Counter()
        marker.touch()
        clock.shift(timedelta(seconds=1))
        harness.inbox.run_due()
    assert effects(harness) == Counter("a")
    assert [row.code for row in harness.failed()] == ["reused-id"]


def test_an_invalid_event_takes_no_id(harness: Harness) -> None:
    """Its producer may publish the corrected one under the same id; so may the real producer."""
    harness.inbox.handle([changed(thing(harness), lambda e: e["data"].update(times="many"))])
    origin = Origin(f"crm.events/{COUNTED}", "somebody-else")
    harness.inbox.handle([thing(harness, times=3)], origins=[origin])
    harness.inbox.handle([thing(harness)])
    assert effects(harness) == Counter("a")
    assert [row.code for row in harness.failed()] == ["contract-violated", "wrong-publisher"]


def test_a_message_that_killed_its_consumer_takes_its_id(harness: Harness) -> None:
    origin = Origin("dead-letters/notes.events", "other")
    harness.inbox.park_crashed(thing(harness, times=1), origin)
    harness.inbox.park_crashed(thing(harness, times=2), origin)
    harness.inbox.run_due()
    assert effects(harness) == Counter("a")
    assert [row.code for row in harness.failed()] == ["reused-id"]


def test_two_events_of_one_id_at_once(harness: Harness) -> None:
    """In two consumers and for different handlers: one of them has an effect."""
    ids = [f"{number:02}" for number in range(20)]
    one = [thing(harness, i, COUNTED) for i in ids]
    other = [thing(harness, i, HAPPENED) for i in ids]
    at_once(
        lambda: harness.inbox.handle(one),
        lambda: harness.inbox.handle(other[::-1]),
        lambda: harness.inbox.handle(one + other),
    )
    assert effects(harness) == Counter(ids)
    failed = harness.failed()
    assert {row.code for row in failed} == {"reused-id"} and len(failed) == 20


def test_events_handled_by_an_earlier_release_are_duplicates(harness: Harness) -> None:
    """It recorded no content: the next event under the id has no effect, and is the known one."""
    harness.inbox.handle([thing(harness, times=1)])
    with harness.session() as session:
        session.execute(text("DELETE FROM received_event"))
    harness.inbox.handle([thing(harness, times=1)])
    assert effects(harness) == Counter("a") and harness.failed() == []


def test_claims_are_kept_as_long_as_the_inbox(harness: Harness) -> None:
    harness.inbox.handle([thing(harness, "old"), thing(harness, "new")])
    with harness.session() as session:
        session.execute(
            text("UPDATE received_event SET received_at = now() - interval '31 days'"
                 " WHERE event_id = 'old'")
        )  # fmt: skip
    assert harness.database.run(SYSTEM, inbox.purge_claims) == 1
    with harness.session() as session:
        assert session.scalars(select(ReceivedEvent.event_id)).all() == ["new"]


def test_a_batch_takes_its_ids_in_one_transaction(harness: Harness) -> None:
    """One event more must not cost a statement more."""
    harness.inbox.handle([thing(harness, str(number)) for number in range(100)])
    with harness.session() as session:
        xmin = select(func.count(func.distinct(text("xmin::text")))).select_from(ReceivedEvent)
        assert session.scalar(xmin) == 1


def test_a_claim_that_fails_loses_no_event(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("by chance")

    with monkeypatch.context() as patch:
        patch.setattr(claims, "claim", fail)
        harness.inbox.handle([thing(harness)])
    assert [row.code for row in harness.failed()] == ["deferred"]
    harness.inbox.run_due()
    assert effects(harness) == Counter("a") and harness.failed() == []
