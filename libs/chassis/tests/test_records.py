"""The chassis's features for records: numbers, signatures, locks, settings."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import time_machine
from chassis_support.waiting import at_once
from kehu_sample.features.notes.models import Note
from sqlalchemy import text

from kehu_chassis import clock, records
from kehu_chassis.actor import SYSTEM, SYSTEM_ID, Actor
from kehu_chassis.data import numbers
from kehu_chassis.data.database import advisory_lock, new_id
from kehu_chassis.problems import Problem
from kehu_chassis.records import Operation, system_settings
from kehu_chassis.testing import Harness


def test_numbers_count_by_prefix_and_year(harness: Harness) -> None:
    with time_machine.travel(datetime(2026, 11, 21, tzinfo=UTC)), harness.session() as session:
        assert numbers.next_numbers(session, "KH") == ["KH-2026-000001"]
        assert numbers.next_numbers(session, "KH", 2) == ["KH-2026-000002", "KH-2026-000003"]
        assert numbers.next_numbers(session, "SR") == ["SR-2026-000001"]


def test_the_year_begins_in_the_companys_time_zone(harness: Harness) -> None:
    new_year_in_shanghai = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    with time_machine.travel(new_year_in_shanghai, tick=False), harness.session() as session:
        assert clock.today().year == 2027
        assert numbers.next_numbers(session, "KH") == ["KH-2027-000001"]


def test_numbers_have_no_gaps(harness: Harness) -> None:
    """Eight take numbers at once, some roll back: the committed ones are 1 to n."""
    taken: list[str] = []

    def take(fails: bool) -> None:
        for _ in range(5):
            with harness.database.session(SYSTEM) as session:
                (number,) = numbers.next_numbers(session, "KH")
                if fails:
                    session.rollback()
                else:
                    session.commit()
                    taken.append(number)

    at_once(*(partial(take, fails=worker % 3 == 0) for worker in range(8)))
    year = clock.today().year
    assert sorted(taken) == [f"KH-{year}-{n:06d}" for n in range(1, len(taken) + 1)]


def test_records_are_signed(harness: Harness) -> None:
    anna, bert = Actor(new_id(), "user"), Actor(new_id(), "user")
    with harness.session(anna) as session:
        note = Note(title="x")
        session.add(note)
    assert (note.created_by, note.updated_by, note.version) == (anna.id, anna.id, 1)
    with harness.session(bert) as session:
        session.get_one(Note, note.id).title = "y"
    with harness.session() as session:
        stored = session.get_one(Note, note.id)
        assert (stored.created_by, stored.updated_by, stored.version) == (anna.id, bert.id, 2)
        assert stored.updated_at > stored.created_at
        stored.title = "y"
    with harness.session() as session:
        assert session.get_one(Note, note.id).version == 2, "nothing was changed"
        session.get_one(Note, note.id).title = "z"
    with harness.session() as session:
        assert session.get_one(Note, note.id).updated_by == SYSTEM_ID


@pytest.mark.parametrize(
    ("permission", "allowed", "granted"),
    [("note:update", True, True), ("note:update", False, False), ("note:delete", True, False)],
)
def test_a_rule_replaces_the_scope_but_not_the_permission(
    harness: Harness, permission: str, allowed: bool, granted: bool
) -> None:
    held = {"note:read": "all", "note:update": "own"}
    anna = Actor(new_id(), "user", scope=held.get)
    with harness.session() as session:
        note = Note(title="x")
        session.add(note)
    with harness.session(anna) as session:
        rule = Operation("update_note", Note, permission, allowed=lambda _anna, _note: allowed)
        if granted:
            assert records.lock(session, anna, rule, note.id).id == note.id
        else:
            with pytest.raises(Problem, match="forbidden"):
                records.lock(session, anna, rule, note.id)


def test_keys_grow_with_time() -> None:
    keys = [new_id() for _ in range(1000)]
    assert keys == sorted(keys) and len(set(keys)) == 1000 and keys[0].version == 7


def test_locks_on_names_do_not_deadlock(harness: Harness) -> None:
    """Two transactions lock the same names in opposite orders."""

    def work(names: list[str]) -> None:
        for _ in range(10):
            with harness.session() as session:
                advisory_lock(session, *names)
                session.execute(text("SELECT pg_sleep(0.001)"))

    at_once(partial(work, ["a", "b", "c"]), partial(work, ["c", "b", "a"]))
    with harness.session() as session:
        advisory_lock(session)


def test_settings_have_defaults_and_change_by_event(harness: Harness) -> None:
    def change(key: str, value: Any, version: int) -> None:
        data = {"key": key, "value": value}
        harness.deliver("auth.setting-changed.v1", data, version=version, subject=key)

    def get(key: str) -> Any:
        with harness.session() as session:
            return system_settings.get(session, key)

    assert (get("churn_months"), get("colours")) == (6, ["red"])
    change("churn_months", 9, 3)
    change("churn_months", 7, 2)
    change("colours", ["blue", "客"], 1)
    assert (get("churn_months"), get("colours")) == (9, ["blue", "客"])
    change("churn_months", None, 4)
    assert get("churn_months") is None
    change("unknown", 1, 1)
    with pytest.raises(KeyError):
        get("no_such_setting")
