"""Failed events are retried on a schedule, then stay dead until an administrator decides."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from kehu_sample.features.notes.models import Effect
from sqlalchemy import select, text

from kehu_chassis.messaging import inbox, topology
from kehu_chassis.messaging._amqp import Origin
from kehu_chassis.messaging.contracts import Contracts
from kehu_chassis.messaging.failures import DELAYS, UNREADABLE, FailedEvent, claim_due, counts
from kehu_chassis.messaging.inbox import Inbox, On
from kehu_chassis.observability import metrics
from kehu_chassis.records import dead_letters
from kehu_chassis.testing import Harness

HAPPENED = "other.thing-happened.v1"
COUNTED = "other.thing-counted.v1"
ORIGIN = Origin(f"{topology.CRM_EVENTS}/{HAPPENED}", "other")
START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def effects(harness: Harness) -> Counter[str]:
    with harness.session() as session:
        return Counter(row.event_id for row in session.scalars(select(Effect)))


def only(harness: Harness) -> FailedEvent:
    (row,) = harness.failed()
    return row


def thing(harness: Harness, event_id: str, **data: Any) -> bytes:
    return harness.envelope(HAPPENED, data, event_id=event_id)


def test_it_is_known_whether_retries_wait(harness: Harness, tmp_path: Path) -> None:
    """While none waits, a consumer looks for them less often."""
    inbox, fixed = harness.inbox, tmp_path / "fixed"
    with time_machine.travel(START, tick=False) as clock:
        inbox.run_due()
        assert not inbox.retries_wait
        inbox.handle([b"{"])
        assert not inbox.retries_wait, "a dead event waits for an administrator"
        inbox.handle([thing(harness, "a", do="refuse", marker=str(fixed))])
        assert inbox.retries_wait, "at once, not with the next look"
        assert inbox.run_due() == 0 and inbox.retries_wait, "it is not due yet"
        fixed.touch()
        clock.shift(1)
        assert inbox.run_due() == 1
        assert inbox.run_due() == 0 and not inbox.retries_wait


def test_retries_follow_the_schedule(harness: Harness) -> None:
    assert DELAYS == (1, 10, 60, 600)
    with time_machine.travel(START, tick=False) as clock:
        harness.inbox.handle([thing(harness, "a", do="refuse")])
        assert only(harness).next_attempt_at == START + timedelta(seconds=1)
        for attempt, delay in enumerate(DELAYS, start=2):
            clock.shift(delay - 0.01)
            assert harness.inbox.run_due() == 0, "too early"
            clock.shift(0.01)
            assert harness.inbox.run_due() == 1
            row = only(harness)
            assert row.attempts == attempt
            assert row.state == ("retrying" if attempt < 5 else "dead")
        assert row.next_attempt_at is None and row.reason == "ValueError: refused on request"
        clock.shift(100_000)
        assert harness.inbox.run_due() == 0, "dead events are not retried"
    assert effects(harness) == Counter()


def test_a_later_attempt_succeeds(harness: Harness, tmp_path: Path) -> None:
    marker = tmp_path / "go"
    with time_machine.travel(START, tick=False) as clock:
        harness.inbox.handle([thing(harness, "a", do="refuse", marker=str(marker))])
        clock.shift(1)
        harness.inbox.run_due()
        marker.touch()
        clock.shift(10)
        assert harness.inbox.run_due() == 1
    assert effects(harness) == Counter("a")
    assert harness.failed() == []


@pytest.mark.fault("F38")
def test_replaying_a_dead_event(harness: Harness, tmp_path: Path) -> None:
    """F38: after the bug is fixed, a replay has the effect once."""
    marker = tmp_path / "fixed"
    with time_machine.travel(START, tick=False) as clock:
        harness.inbox.handle([thing(harness, "a", do="refuse", marker=str(marker))])
        for delay in DELAYS:
            clock.shift(delay)
            harness.inbox.run_due()
        assert only(harness).state == "dead"
        with harness.session() as session:
            dead_letters.replay(session, only(harness).id)
        assert harness.inbox.run_due() == 1
        assert (only(harness).attempts, only(harness).state) == (1, "retrying"), "a new round"
        marker.touch()
        clock.shift(1)
        harness.inbox.run_due()
        harness.inbox.handle([thing(harness, "a", do="refuse", marker=str(marker))])
    assert harness.failed() == [] and effects(harness) == Counter("a")


def test_a_failed_event_is_redelivered_before_its_retry(harness: Harness, tmp_path: Path) -> None:
    marker = tmp_path / "go"
    body = thing(harness, "a", do="refuse", marker=str(marker))
    with time_machine.travel(START, tick=False) as clock:
        harness.inbox.handle([body])
        harness.inbox.handle([body])
        assert only(harness).attempts == 1
        marker.touch()
        harness.inbox.handle([body])
        clock.shift(1)
        harness.inbox.run_due()
    assert harness.failed() == [] and effects(harness) == Counter("a")


def test_failed_events_of_a_retired_type_are_dropped(harness: Harness) -> None:
    """A replica takes over the name of a handler that received more types."""
    received: list[object] = []
    with time_machine.travel(START, tick=False) as clock:
        harness.inbox.handle([thing(harness, "a", do="refuse")])
        replica = On(
            COUNTED, lambda _session, event: received.append(event), key=only(harness).handler
        )
        newer = Inbox(harness.database, harness.contracts, [replica], [HAPPENED])
        clock.shift(1)
        assert newer.run_due() == 1
    assert harness.failed() == [] and received == []


@pytest.fixture
def slow_seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every call of the inbox's clock is a second after the previous one."""
    seconds = [0.0]

    def monotonic() -> float:
        seconds[0] += 1
        return seconds[0]

    monkeypatch.setattr(inbox.time, "monotonic", monotonic)
    return seconds


def test_due_events_are_retried_in_rounds_of_limited_time(
    harness: Harness, tmp_path: Path, slow_seconds: list[float]
) -> None:
    """The consumer must serve its connection, and stop on request, between two rounds."""
    marker = tmp_path / "go"
    with time_machine.travel(START, tick=False) as clock:
        for n in range(3):
            data = {"do": "refuse", "marker": str(marker)}
            harness.inbox.handle([harness.envelope(COUNTED, data, event_id=str(n))])
        marker.touch()
        clock.shift(1)
        metrics.PROGRESS.labels("consume").set(0)
        assert [harness.inbox.run_due() for _ in range(4)] == [1, 1, 1, 0]
    assert metrics.PROGRESS.labels("consume")._value.get() > 0
    assert len(effects(harness)) == 3 and harness.failed() == []


def test_a_batch_that_takes_too_long_one_by_one_is_deferred(
    harness: Harness, tmp_path: Path, slow_seconds: list[float]
) -> None:
    """With five seconds for each of a hundred, the broker would consider the connection dead."""
    marker = tmp_path / "go"
    with time_machine.travel(START, tick=False):
        data = {"do": "refuse", "marker": str(marker)}
        bodies = [harness.envelope(COUNTED, data, event_id=n) for n in "abcd"]
        metrics.PROGRESS.labels("consume").set(0)
        harness.inbox.handle(bodies)
        assert metrics.PROGRESS.labels("consume")._value.get() > 0
        tried = {row.event_id: row.attempts for row in harness.failed()}
        assert tried == {"a": 1, "b": 0, "c": 0, "d": 0}
        marker.touch()
        while harness.inbox.run_due():
            pass
    assert effects(harness) == Counter("bcd")
    assert [row.event_id for row in harness.failed()] == ["a"]


POISON: dict[str, tuple[bytes, str]] = {
    "broken JSON": (b'{"specversion": "1.0",', "not JSON"),
    "not even text": (bytes(range(256)), "not JSON"),
    "latin-1": ('{"id": "é"}'.encode("latin-1"), "not JSON"),
    "empty": (b"", "not JSON"),
    "a list": (b"[]", "not an object"),
    "100,000 brackets": (b"[" * 100_000, "not JSON"),
}


@pytest.mark.parametrize("name", POISON)
@pytest.mark.fault("F34")
def test_poison_is_dead_at_once(harness: Harness, name: str) -> None:
    """F34: with the reason, and without affecting other events."""
    body, reason = POISON[name]
    harness.inbox.handle([thing(harness, "a"), body, thing(harness, "b"), body])
    row = only(harness)
    assert (row.state, row.handler, row.attempts) == ("dead", UNREADABLE, 1)
    assert reason in row.reason and row.body == body and row.next_attempt_at is None
    assert effects(harness) == Counter("ab")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("other.thing-happened.v1", "other.thing-unheard-of.v1", "unknown event type"),
        ("other.thing-happened.v1", "other.thing-happened.v99", "unknown event type"),
        ("other.thing-happened.v1", "other.thing-nobody-wants.v1", "has no handler"),
        ('"do": ""', '"do": 7', "do"),
        ('"do": ""', '"do": "\\u0000"', "NUL"),
        ('"do": ""', '"do": "\\udc80"', "surrogate"),
        ('"do": ""', '"times": 1.5', "times"),
        ('"do": ""', '"x": ' + "[" * 900 + "]" * 900, "nested"),
        ('"do": ""', '"x": ' + "9" * 5000, "not JSON"),
        ('"do": ""', '"x": "' + "x" * 300_000 + '"', "larger than"),
        ('"subject"', '"object"', "subject"),
    ],
)
def test_events_that_violate_their_contract_are_dead_at_once(
    harness: Harness, old: str, new: str, reason: str
) -> None:
    good = thing(harness, "a", do="").decode()
    bad = good.replace(old, new).encode()
    harness.inbox.handle([bad, thing(harness, "b")])
    row = only(harness)
    assert row.state == "dead" and reason in row.reason and len(row.reason) <= 1000
    assert effects(harness) == Counter("b")


def test_a_number_too_large_for_any_column_reaches_the_handler(harness: Harness) -> None:
    body = thing(harness, "a", do="").decode().replace('"do": ""', '"times": 1' + "0" * 400)
    harness.inbox.handle([body.encode()])
    assert effects(harness) == Counter("a") and harness.failed() == []


@pytest.mark.fault("F38")
def test_a_rejected_event_is_replayed_once_its_type_is_known(harness: Harness) -> None:
    """F38: an event without a handler; after the upgrade it is handled like any other."""
    older = Inbox(harness.database, harness.contracts, [])
    older.handle([thing(harness, "a"), b"{"])
    unknown, broken = sorted(harness.failed(), key=lambda row: len(row.body), reverse=True)
    assert (unknown.type, unknown.source) == ("other.thing-happened.v1", "/kehu/other")
    assert (broken.type, broken.source) == ("", "")
    for row in (unknown, broken):
        with harness.session() as session:
            dead_letters.replay(session, row.id)
    assert harness.inbox.run_due() == 2
    assert effects(harness) == Counter("a")
    assert only(harness).id == broken.id and only(harness).state == "dead"


def test_a_redelivery_settles_a_dead_event(harness: Harness, tmp_path: Path) -> None:
    """After `replay --since` of its producer, no handled event remains listed as failed."""
    marker = tmp_path / "fixed"
    body = thing(harness, "a", do="refuse", marker=str(marker))
    harness.inbox.handle([body])
    with harness.session() as session:
        session.execute(text("UPDATE failed_event SET state = 'dead', next_attempt_at = NULL"))
    harness.inbox.handle([body])
    assert (only(harness).state, only(harness).attempts) == ("retrying", 1)
    marker.touch()
    harness.inbox.handle([body])
    assert harness.failed() == [] and effects(harness) == Counter("a")


@pytest.mark.parametrize("known", [True, False], ids=["no handler", "no schema"])
def test_the_old_release_gives_up_no_event_during_a_rollout(
    harness: Harness, tmp_path: Path, known: bool
) -> None:
    """New replicas bind the shared queue to a type that the old ones do not know."""
    old = Inbox(harness.database, harness.contracts if known else Contracts(tmp_path), [])
    with time_machine.travel(START, tick=False) as clock:
        old.handle([thing(harness, "a")], origins=[ORIGIN])
        assert only(harness).state == "retrying"
        clock.shift(1)
        assert old.run_due() == 1
        assert only(harness).state == "retrying" and "unknown event type" in only(harness).reason
        clock.shift(10)
        assert harness.inbox.run_due() == 1
    assert effects(harness) == Counter("a") and harness.failed() == []


def test_an_event_that_stays_unknown_is_dead_in_the_end(harness: Harness) -> None:
    """Nor does an old replica give up early on an event that failed in a new one."""
    fewer = Inbox(harness.database, harness.contracts, [])
    with time_machine.travel(START, tick=False) as clock:
        fewer.handle([thing(harness, "a")], origins=[ORIGIN])
        harness.inbox.handle([thing(harness, "b", do="refuse")])
        for delay in DELAYS:
            assert {row.state for row in harness.failed()} == {"retrying"}
            clock.shift(delay)
            assert fewer.run_due() == 2
    assert {row.state for row in harness.failed()} == {"dead"}
    assert all("has no handler here" in row.reason for row in harness.failed())


def test_an_unknown_event_of_the_sales_system_is_dead_at_once(harness: Harness) -> None:
    body = harness.envelope("sales.thing-sold.v9", {})
    harness.inbox.handle(
        [body], origins=[Origin(f"{topology.SALES_EVENTS}/sales.thing-sold.v9", "sales")]
    )
    assert only(harness).state == "dead" and "unknown event type" in only(harness).reason
    # After a replay it is dead at once again.
    with harness.session() as session:
        dead_letters.replay(session, only(harness).id)
    assert harness.inbox.run_due() == 1
    assert only(harness).state == "dead"


def test_an_event_dead_lettered_by_the_broker_gets_a_full_round(harness: Harness) -> None:
    with time_machine.travel(START, tick=False) as clock:
        for body in (thing(harness, "a", do="refuse"), thing(harness, "b"), b"{"):
            harness.inbox.park_crashed(body, Origin("dead-letters/notes.events", "other"))
        rows = {row.event_id: row for row in harness.failed()}
        assert rows["a"].attempts == 0 and rows["a"].next_attempt_at == START
        harness.inbox.run_due()
        assert effects(harness) == Counter("b")
        for delay in DELAYS:
            clock.shift(delay)
            harness.inbox.run_due()
    states = {row.event_id or row.handler: (row.state, row.attempts) for row in harness.failed()}
    assert states.pop("a") == ("dead", 5)
    assert list(states.values()) == [("dead", 1)], "the unreadable one"


@pytest.mark.fault("F19")
def test_an_attempt_that_ends_the_process_counts(harness: Harness) -> None:
    """F19: the claim is committed before the handler runs, so the event cannot kill forever."""
    with time_machine.travel(START, tick=False) as clock:
        harness.inbox.handle([thing(harness, "a", do="refuse")])
        for _ in range(4):
            clock.shift(601)
            with harness.session() as session:
                assert claim_due(session) is not None
        clock.shift(601)
        assert harness.inbox.run_due() == 0
    assert only(harness).state == "dead" and only(harness).reason.startswith("gave up after 5")


def test_failed_events_are_counted_by_state(harness: Harness) -> None:
    harness.inbox.handle([b"{", thing(harness, "a", do="refuse")])
    with harness.session() as session:
        assert counts(session) == {"retrying": 1, "dead": 1}


def test_the_reason_contains_no_parameters(harness: Harness) -> None:
    """A database error quotes the statement's values, which may be personal data."""
    harness.inbox.handle([thing(harness, "a", do="fail-in-sql", state="23505", times=9)])
    assert only(harness).reason == "UniqueViolation: as requested"
