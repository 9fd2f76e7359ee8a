"""The inbox: each event has its effect once, however often and in whatever batch it arrives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from chassis_support.waiting import at_once, until
from kehu_sample.features.notes.models import ATTEMPT, Effect
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Database, advisory_lock, is_unreachable
from kehu_chassis.messaging import events, inbox
from kehu_chassis.messaging.inbox import Inbox, InboxRow
from kehu_chassis.testing import Harness

HAPPENED = "other.thing-happened.v1"
COUNTED = "other.thing-counted.v1"
Make = Callable[..., bytes]


@pytest.fixture
def thing(harness: Harness) -> Make:
    """Makes a message: ``thing("id", do="refuse")``."""

    def make(event_id: str, event_type: str = HAPPENED, **data: Any) -> bytes:
        return harness.envelope(event_type, data, event_id=event_id)

    return make


def effects(harness: Harness) -> Counter[tuple[str, str]]:
    with harness.session() as session:
        return Counter((row.handler, row.event_id) for row in session.scalars(select(Effect)))


def attempts(harness: Harness) -> int:
    with harness.session() as session:
        return (session.scalar(ATTEMPT.next_value().select()) or 0) - 1


def once(handler: str, *ids: str) -> Counter[tuple[str, str]]:
    return Counter((handler, event_id) for event_id in ids)


def test_every_subscribed_handler_is_called(harness: Harness, thing: Make) -> None:
    harness.inbox.handle([thing("a", twice=True), thing("b"), thing("c", COUNTED)])
    expected = once("happened", "a", "b") + once("noticed", "a") + once("counted", "c")
    assert effects(harness) == expected
    with harness.session() as session:
        assert len(session.scalars(select(InboxRow)).all()) == 5


def test_duplicates_have_no_effect(harness: Harness, thing: Make) -> None:
    harness.inbox.handle([thing("a"), thing("a"), thing("b", COUNTED), thing("b", COUNTED)])
    harness.inbox.handle([thing("b", COUNTED), thing("a"), thing("c")])
    harness.inbox.handle([])
    assert effects(harness) == once("happened", "a", "c") + once("counted", "b")


def test_the_same_id_from_another_source_is_another_event(harness: Harness, thing: Make) -> None:
    one = thing("a", "sales.thing-sold.v1", order_no="1")
    other = one.replace(b'"/sales"', b'"/sales/shop-2"')
    harness.inbox.handle([one, other])
    assert effects(harness) == Counter({("sold", "a"): 2})


@pytest.mark.fault("F32")
def test_two_consumers_get_copies_of_the_same_events(harness: Harness, thing: Make) -> None:
    """F32: in opposite orders, so that they also block each other."""
    ids = [f"{number:02}" for number in range(20)]
    bodies = [thing(i) for i in ids] + [thing(f"c{i}", COUNTED) for i in ids]
    at_once(
        lambda: harness.inbox.handle(bodies),
        lambda: harness.inbox.handle(bodies[::-1]),
        lambda: harness.inbox.handle(bodies + bodies),
    )
    expected = once("happened", *ids) + once("counted", *(f"c{i}" for i in ids))
    assert effects(harness) == expected
    assert harness.failed() == []


@pytest.mark.fault("F32")
def test_two_copies_at_the_same_time(harness: Harness, thing: Make) -> None:
    """F32: the second waits for the first to commit and then skips the event."""
    with harness.session() as holder:
        advisory_lock(holder, "wait")
        works = [partial(harness.inbox.handle, [thing("a", do="wait")]) for _ in range(2)]
        works.append(lambda: until(partial(_release_when_waiting, holder)))
        at_once(*works)
    assert effects(harness) == once("happened", "a")
    assert harness.failed() == []


def _release_when_waiting(holder: Any) -> bool:
    waiting = holder.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    if waiting == 2:
        holder.rollback()
        return True
    return False


def test_only_the_failing_events_of_a_batch_are_parked(harness: Harness, thing: Make) -> None:
    good = [thing(f"g{number}") for number in range(5)]
    together = [thing(f"c{number}", COUNTED) for number in range(3)]
    bad = [thing("bad", do="refuse"), thing("worse", COUNTED, do="refuse")]
    harness.inbox.handle([*good[:2], bad[0], *together, bad[1], *good[2:]])
    assert effects(harness) == once("happened", *(f"g{n}" for n in range(5))) + once(
        "counted", "c0", "c1", "c2"
    )
    failed = {row.event_id: row for row in harness.failed()}
    assert set(failed) == {"bad", "worse"}
    assert failed["bad"].handler == "features.notes.consumers.happened"
    assert failed["bad"].reason == "ValueError: refused on request", "the first line is enough"
    assert (failed["bad"].state, failed["bad"].attempts) == ("retrying", 1)
    assert failed["bad"].body == bad[0]


def test_a_failure_does_not_undo_another_handlers_work(harness: Harness, thing: Make) -> None:
    harness.inbox.handle([thing("a", do="refuse", twice=True)])
    assert effects(harness) == once("noticed", "a")
    assert [row.handler.rsplit(".")[-1] for row in harness.failed()] == ["happened"]


@pytest.mark.parametrize("state", ["40001", "40P01"])
@pytest.mark.fault("F27")
def test_serialization_failures_are_retried_at_once(
    harness: Harness, thing: Make, state: str
) -> None:
    """F27: two failures only cost time."""
    harness.inbox.handle([thing("a", do="fail-in-sql", state=state, times=2)])
    assert attempts(harness) == 3
    assert effects(harness) == once("happened", "a")
    assert harness.failed() == []


def test_persistent_serialization_failures_are_parked(harness: Harness, thing: Make) -> None:
    harness.inbox.handle([thing("a", COUNTED, do="fail-in-sql", state="40001", times=99)])
    assert attempts(harness) == 3
    (row,) = harness.failed()
    assert row.reason == "SerializationFailure: as requested" and row.state == "retrying"
    assert effects(harness) == Counter()


@pytest.mark.fault("F25")
def test_an_unreachable_database_parks_nothing(
    harness: Harness, thing: Make, fragile: Database, cable: Any
) -> None:
    """F25: the caller gets the error, and nothing is parked."""
    inbox = Inbox(fragile, harness.contracts, harness.service.subscriptions())
    inbox.handle([thing("a")])
    cable.cut()
    with pytest.raises(Exception) as caught:
        inbox.handle([thing("b"), thing("c")])
    assert is_unreachable(caught.value)
    cable.mend()
    inbox.handle([thing("b"), thing("c")])
    assert effects(harness) == once("happened", "a", "b", "c")
    assert harness.failed() == []


@pytest.mark.parametrize("state", ["57P01", "53300", "08006"])
def test_a_short_outage_parks_nothing(harness: Harness, thing: Make, state: str) -> None:
    """The database is back before anything could be parked."""
    bodies = [thing("a", do="fail-in-sql", state=state, times=1), thing("b")]
    with pytest.raises(OperationalError):
        harness.inbox.handle(bodies)
    assert harness.failed() == [] and effects(harness) == Counter()
    harness.inbox.handle(bodies)
    assert effects(harness) == once("happened", "a", "b")


def test_handling_sets_the_correlation_id(harness: Harness, thing: Make) -> None:
    body = thing("a").replace(b'"subject":', b'"correlationid": "chain-1", "subject":')
    harness.inbox.handle([body])
    assert events.correlation_id.get() == "chain-1"
    events.correlation_id.set("")


def test_handled_events_are_deleted_after_thirty_days(harness: Harness, thing: Make) -> None:
    harness.inbox.handle([thing("old"), thing("new")])
    with harness.session() as session:
        session.execute(
            text(
                "UPDATE inbox SET handled_at = now() - interval '30 days 1 minute'"
                " WHERE event_id = 'old'"
            )
        )
    assert harness.database.run(SYSTEM, inbox.purge) == 2, "two handlers have handled it"
    harness.inbox.handle([thing("new")])
    assert effects(harness) == once("happened", "old", "new")
