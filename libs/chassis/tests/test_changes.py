"""The change history beside the records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from kehu_sample.features.notes.models import Note
from sqlalchemy import select, update

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.problems import Problem
from kehu_chassis.records.changes import CHANGES, RecordChange
from kehu_chassis.runtime import jobs
from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.harness import Client
from kehu_chassis.testing.plans import sorts_rows


@pytest.fixture
def client(harness: Harness, boss: User) -> Client:
    return harness.as_(boss)


def _rows(harness: Harness) -> list[RecordChange]:
    with harness.session() as session:
        return list(session.scalars(select(RecordChange).order_by(RecordChange.occurred_at)))


def _fields(row: Any) -> dict[str, tuple[Any, Any]]:
    return {change["field"]: (change["old"], change["new"]) for change in row.changes}


def _args(**given: Any) -> Any:
    return CHANGES.query().load(given)


def test_each_change_by_a_person_is_kept_with_it(
    harness: Harness, client: Client, boss: User
) -> None:
    note = client.post("/notes", {"title": "one", "secret": "swordfish"}, 201)
    path = f"/notes/{note['id']}"
    client.expect(200, "PATCH", path, {"title": "two", "secret": "trout"}, if_match=1)
    client.expect(200, "PATCH", path, {"title": "two"}, if_match=2)  # changes nothing
    client.expect(412, "PATCH", path, {"title": "three"}, if_match=9)
    client.expect(204, "DELETE", path, if_match=2)
    created, changed, deleted = _rows(harness)
    assert [row.action for row in (created, changed, deleted)] == ["created", "changed", "deleted"]
    assert {row.actor_id for row in (created, changed, deleted)} == {boss.id}
    assert {row.record_id for row in (created, changed, deleted)} == {UUID(note["id"])}
    assert _fields(changed) == {"title": ("one", "two"), "secret": (None, None)}
    assert "swordfish" not in str(created.changes) and "trout" not in str(changed.changes)


def test_what_is_not_committed_is_not_kept(harness: Harness, client: Client) -> None:
    note = client.post("/notes", {"title": "one"}, 201)
    client.expect(500, "PUT", f"/notes/{note['id']}", {"title": "two"}, if_match=1)
    with harness.session() as session:  # the system: no person
        session.get_one(Note, UUID(note["id"])).title = "three"
    assert [row.action for row in _rows(harness)] == ["created"]


def test_whoever_reads_the_record_reads_its_history(harness: Harness, boss: User) -> None:
    client = harness.as_(boss)
    note, other = (client.post("/notes", {"title": title}, 201) for title in "ab")
    for number in range(1, 4):
        path = f"/notes/{note['id']}"
        client.expect(200, "PATCH", path, {"title": str(number)}, if_match=number)
    reader = Actor(id=boss.id, kind="user", scope=lambda _permission: "all")
    nobody = Actor(id=boss.id, kind="user", scope=lambda _permission: None)
    ident = UUID(note["id"])
    with harness.session() as session:
        first = records.changes_of(session, reader, Note, ident, _args(limit=3))
        args = _args(limit=3, cursor=first.next_cursor)
        rest = records.changes_of(session, reader, Note, ident, args)
        shown = [_fields(change).get("title") for change in [*first.items, *rest.items]]
        assert shown == [("2", "3"), ("1", "2"), ("a", "1"), (None, "a")]
        assert {change.actor_id for change in first.items} == {boss.id}
        hidden = records.changes_of(session, reader, Note, ident, _args(limit=9), hidden=("title",))
        assert _fields(hidden.items[0])["title"] == (None, None)
        for actor, record_id in ((nobody, ident), (reader, UUID(int=1))):
            with pytest.raises(Problem, match="not-found"):
                records.changes_of(session, actor, Note, record_id, _args(limit=9))
    assert other["id"] != note["id"]


def test_an_index_serves_the_history(harness: Harness) -> None:
    of_record = select(RecordChange).where(RecordChange.record_id == UUID(int=1))
    for sort in ("occurred_at", "-occurred_at"):
        assert not sorts_rows(harness, CHANGES, of_record, sort)


def test_old_changes_are_deleted_with_the_audit_trails(harness: Harness, client: Client) -> None:
    client.post("/notes", {"title": "old"}, 201)
    old = clock.now() - timedelta(days=1096)
    with harness.session() as session:
        session.execute(update(RecordChange).values(occurred_at=old))
    client.post("/notes", {"title": "new"}, 201)
    [job] = jobs.housekeeping()
    context = jobs.JobContext(harness.database, harness.settings, None, lambda: False)
    assert (result := job.run(context)) is not None
    assert result["record_changes"] == 1
    assert [_fields(row)["title"] for row in _rows(harness)] == [(None, "new")]
