"""What is published of every change: the state after it, what happened, and who did it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kehu_chassis import clock
from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

from .conftest import FORM, People
from .operations import STEP

FULL_FORM = {
    **FORM,
    "source": "exhibition",
    "contact_name": "王芳",
    "contact_phone": "+86 10 5550 0100",
    "currency": "EUR",
    "expected_close_date": "2026-12-31",
    "products": ["A4-80", "A3-80"],
    "region": "north",
    "industry": "trade",
    "registration_no": "91110000600037341L",
}


class Outbox:
    """The events since the last call, without those of the audit trail."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._seen = 0
        self._audited = 0

    def new(self, name: str | None = None) -> list[dict[str, Any]]:
        """The events not returned yet, of one name or all."""
        found = [e for e in self._harness.published() if "audit-recorded" not in e["type"]]
        found, self._seen = found[self._seen :], len(found)
        return [e for e in found if name is None or e["type"] == f"marketing.{name}.v1"]

    def audited(self) -> list[dict[str, Any]]:
        """The audit entries not returned yet."""
        found = self._harness.published("marketing.audit-recorded.v1")
        found, self._audited = found[self._audited :], len(found)
        return [e["data"] for e in found]


@pytest.fixture
def outbox(harness: Harness) -> Outbox:
    return Outbox(harness)


def _names(events: list[dict[str, Any]]) -> set[str]:
    return {event["type"].split(".")[1] for event in events}


def _moments(value: Any) -> Any:
    """A value with moments in one form, as HTTP and events write UTC differently."""
    if isinstance(value, str) and "T" in value and value.endswith(("Z", "+00:00")):
        return datetime.fromisoformat(value)
    return value


def _is_state_of(event: dict[str, Any], shown: dict[str, Any]) -> bool:
    """Whether an event carries exactly what the opportunity shows, at its version."""
    own = {"assigned_by", "previous_assignee_id", "won_by", "stage_type"}
    data = {name: _moments(v) for name, v in event["data"].items() if name not in own}
    hidden = {
        "updated_at", "updated_by", "version", "kanban_rank", "created_by_name", "updated_by_name",
        "assignee_name", "actions", "editable",
    }  # fmt: skip
    expected = {name: _moments(v) for name, v in shown.items() if name not in hidden}
    assert data == expected
    assert event["subject"] == shown["id"]
    assert event["aggregateversion"] == shown["version"]
    return True


def test_every_change_publishes_the_whole_state_at_its_version(
    harness: Harness, people: People, outbox: Outbox
) -> None:
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    made = manager.post("/opportunities", FULL_FORM, 201)
    path, version = f"/opportunities/{made['id']}", 0
    assert {made[name] for name in ("status", "stage", "amount")} == {"unassigned", None}
    for call in (
        lambda: made,
        lambda: manager.expect(200, "PATCH", path, {"summary": "Paper"}, if_match="*"),
        lambda: director.post(f"{path}/assign", {"assignee_id": str(people.colleague.id)}),
        lambda: director.post(f"{path}/assign", {"assignee_id": str(people.manager.id)}),
        lambda: manager.expect(
            200, "PATCH", f"{path}/progress", {"products": ["A5"]}, if_match="*"
        ),
        lambda: manager.post(f"{path}/stage", {"stage": "negotiation"}),
        lambda: manager.post(f"{path}/stage", {"stage": "negotiation", "success_rate": 90}),
        lambda: manager.post(f"{path}/win", {"amount": "99.50"}),
    ):
        shown = call()
        assert shown["version"] > version
        version = shown["version"]
        (event,) = outbox.new("opportunity-changed")
        assert _is_state_of(event, shown)
        assert event["data"]["stage_type"] == {"won": "won", "unassigned": None}.get(
            shown["status"], "open"
        )
        assert _is_state_of(event, manager.get(path))


def test_voiding_losing_and_copying_publish_the_state_too(
    harness: Harness, people: People, make: Any, outbox: Outbox
) -> None:
    director = harness.as_(people.director)
    voided, lost = make(), make("developing")
    outbox.new()
    shown = director.post(f"/opportunities/{voided['id']}/void", {"reason": "Twice"})
    assert (shown["close_reason"], shown["stage"]) == ("Twice", None)
    assert shown["closed_at"] is not None
    events = outbox.new()
    assert _names(events) == {"opportunity-changed"}
    assert _is_state_of(events[-1], shown)
    body = {"reason_code": "price", "reason": "Too dear", "competitor": "Rival"}
    shown = director.post(f"/opportunities/{lost['id']}/lose", body)
    assert {
        "reason_code": shown["close_reason_code"],
        "reason": shown["close_reason"],
        "competitor": shown["competitor"],
    } == body
    events = outbox.new()
    assert _names(events) == {"opportunity-changed", "opportunity-stage-changed"}
    (state,) = [e for e in events if e["type"].endswith("opportunity-changed.v1")]
    assert _is_state_of(state, shown)
    copied = director.post(f"/opportunities/{lost['id']}/copy", {}, 201)
    (state,) = outbox.new()
    assert _is_state_of(state, copied)
    assert state["data"]["previous_id"] == lost["id"]


def test_an_assignment_names_assignee_assigner_and_previous_assignee(
    harness: Harness, people: People, made: dict[str, Any], outbox: Outbox
) -> None:
    path, director = f"/opportunities/{made['id']}/assign", harness.as_(people.director)
    outbox.new()
    previous = None
    for person in (people.colleague, people.manager):
        shown = director.post(path, {"assignee_id": str(person.id)})
        (event,) = outbox.new("opportunity-assigned")
        assert _is_state_of(event, shown)
        assert event["data"]["assignee_id"] == str(person.id)
        assert event["data"]["assigned_by"] == str(people.director.id)
        assert event["data"]["previous_assignee_id"] == previous
        previous = str(person.id)


def test_only_the_first_assignment_enters_a_stage(
    harness: Harness, people: People, made: dict[str, Any], outbox: Outbox
) -> None:
    path, director = f"/opportunities/{made['id']}", harness.as_(people.director)
    director.post(f"{path}/assign", {"assignee_id": str(people.colleague.id)})
    director.post(f"{path}/stage", {"stage": "proposal"})
    outbox.new()
    again = director.post(f"{path}/assign", {"assignee_id": str(people.manager.id)})
    assert again["stage"] == "proposal"
    assert _names(outbox.new()) == {"opportunity-changed", "opportunity-assigned"}


def test_winning_publishes_all_that_the_customer_record_needs(
    harness: Harness, people: People, outbox: Outbox
) -> None:
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    made = manager.post("/opportunities", FULL_FORM, 201)
    path = f"/opportunities/{made['id']}"
    director.post(f"{path}/assign", {"assignee_id": str(people.manager.id)})
    outbox.new()
    shown = director.post(f"{path}/win", {"amount": "118500.00"})
    events = outbox.new()
    assert _names(events) == {
        "opportunity-changed", "opportunity-won", "opportunity-stage-changed",
    }  # fmt: skip
    (won,) = [e for e in events if e["type"] == "marketing.opportunity-won.v1"]
    assert _is_state_of(won, shown)
    assert won["data"]["won_by"] == str(people.director.id)
    kept = {name: won["data"][name] for name in FULL_FORM if name != "success_rate"}
    assert kept == {name: FULL_FORM[name] for name in kept}
    assert (won["data"]["amount"], won["data"]["success_rate"]) == ("118500.00", 100)


def test_every_move_is_published_with_its_seconds(
    harness: Harness, people: People, made: dict[str, Any], outbox: Outbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path, real, passed = f"/opportunities/{made['id']}", clock.now, timedelta()
    monkeypatch.setattr(clock, "now", lambda: start + passed)
    start = real()
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    outbox.new()
    before = None
    for call, body, stage, seconds in (
        ("assign", {"assignee_id": str(people.manager.id)}, "qualification", None),
        ("stage", {"stage": "proposal", "success_rate": 65}, "proposal", 90),
        ("stage", {"stage": "needs_analysis"}, "needs_analysis", 3600),
        ("lose", {"reason_code": "price", "reason": "x"}, "lost", 86_401),
    ):
        passed += timedelta(seconds=seconds or 7, milliseconds=900)
        client = director if call == "assign" else manager
        shown = client.post(f"{path}/{call}", body)
        (event,) = outbox.new("opportunity-stage-changed")
        data = event["data"]
        assert (data["from_stage"], data["to_stage"]) == (before, stage)
        assert data["seconds_in_from_stage"] == seconds
        assert datetime.fromisoformat(data["changed_at"]) == start + passed
        assert data["changed_by"] == shown["updated_by"]
        assert event["subject"] == data["opportunity_id"] == made["id"]
        assert event["aggregateversion"] == shown["version"]
        for name in (
            "number", "customer_name", "assignee_id", "created_by", "success_rate",
            "expected_amount", "amount", "currency",
        ):  # fmt: skip
            assert data[name] == shown[name], name
        before = stage
    kept = manager.get(f"{path}/history")["stage_changes"]
    assert [c["seconds_in_from_stage"] for c in kept] == [None, 90, 3600, 86_401]


def test_changes_within_a_stage_are_no_moves(
    harness: Harness, people: People, make: Any, outbox: Outbox
) -> None:
    made, other = make("developing"), make("developing")
    manager, path = harness.as_(people.manager), f"/opportunities/{made['id']}"
    outbox.new()
    body = {"stage": "qualification", "above_id": other["id"], "success_rate": 45}
    manager.post(f"{path}/stage", body)
    manager.expect(200, "PATCH", f"{path}/progress", {"success_rate": 50}, if_match="*")
    assert _names(outbox.new()) == {"opportunity-changed"}
    assert len(manager.get(f"{path}/history")["stage_changes"]) == 1


def test_a_deletion_is_one_version_past_the_last_state(
    harness: Harness, people: People, made: dict[str, Any], outbox: Outbox
) -> None:
    manager, path = harness.as_(people.manager), f"/opportunities/{made['id']}"
    edited = manager.expect(200, "PATCH", path, {"success_rate": 41}, if_match="*")
    outbox.new()
    manager.expect(204, "DELETE", path, if_match=edited["version"])
    (event,) = outbox.new("opportunity-deleted")
    assert event["data"] == {"id": made["id"]}
    assert event["subject"] == made["id"]
    assert event["aggregateversion"] == edited["version"] + 1


def test_requests_that_change_nothing_publish_nothing(
    harness: Harness, people: People, make: Any, outbox: Outbox
) -> None:
    unassigned, developing = make(), make("developing")
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    one, other = (f"/opportunities/{o['id']}" for o in (unassigned, developing))
    item = manager.post(f"{other}/plan-items", STEP, 201)
    manager.expect(
        200, "PUT", f"{other}/plan-items/{item['id']}/result", {"result": "Good"}, if_match="*"
    )
    outbox.new()
    outbox.audited()
    same = {"summary": unassigned["summary"], "expected_amount": "120000.00", "products": []}
    assert manager.expect(200, "PATCH", one, same, if_match="*") == unassigned
    assert manager.expect(200, "PATCH", one, {}, if_match="*") == unassigned
    body = {"assignee_id": str(people.manager.id)}
    assert director.post(f"{other}/assign", body)["version"] == developing["version"]
    kept = {"success_rate": 40, "expected_amount": "120000.00", "contact_name": None}
    assert manager.expect(200, "PATCH", f"{other}/progress", kept, if_match="*") == developing
    body = {"stage": "qualification", "success_rate": 40}
    assert manager.post(f"{other}/stage", body) == developing
    manager.expect(
        200, "PUT", f"{other}/plan-items/{item['id']}/result", {"result": "Good"}, if_match="*"
    )
    for path in (one, other, f"{other}/history", f"{other}/plan-items", "/opportunities"):
        manager.get(path)
    assert outbox.new() == []
    assert outbox.audited() == []
    assert manager.get(f"{other}/history")["progress_changes"] == []


def test_changes_of_the_plan_publish_nothing(
    harness: Harness, people: People, developing: dict[str, Any], outbox: Outbox
) -> None:
    manager, path = harness.as_(people.manager), f"/opportunities/{developing['id']}"
    outbox.new()
    first, second = (manager.post(f"{path}/plan-items", STEP, 201) for _ in range(2))
    one = f"{path}/plan-items/{first['id']}"
    manager.expect(200, "PATCH", one, {"content": "Call"}, if_match="*")
    manager.expect(200, "PUT", f"{one}/result", {"result": "Good"}, if_match="*")
    manager.expect(204, "DELETE", f"{path}/plan-items/{second['id']}", if_match="*")
    assert outbox.new() == []
    assert manager.get(path) == developing


def test_the_audit_trail_has_one_entry_for_each_record_and_change(
    harness: Harness, people: People, made: dict[str, Any], outbox: Outbox
) -> None:
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    path = f"/opportunities/{made['id']}"
    (entry,) = outbox.audited()
    assert (entry["operation"], entry["action"]) == ("create_opportunity", "created")
    changes = {c["field"]: (c["old"], c["new"]) for c in entry["changes"]}
    assert changes["customer_name"] == (None, FORM["customer_name"])
    assert changes["status"] == (None, "unassigned")

    moved = {"stage", "stage_type", "stage_entered_at"}
    ended = {"status", "success_rate", "closed_at"}
    for call, operation, who, fields in (
        (
            lambda: manager.expect(200, "PATCH", path, {"summary": "Paper"}, if_match="*"),
            "update_opportunity", people.manager, {"summary"},
        ),
        (
            lambda: director.post(f"{path}/assign", {"assignee_id": str(people.manager.id)}),
            "assign_opportunity", people.director,
            moved | {"status", "assignee_id", "assigned_at"},
        ),
        (
            lambda: manager.expect(
                200, "PATCH", f"{path}/progress", {"success_rate": 70}, if_match="*"
            ),
            "progress_opportunity", people.manager, {"success_rate"},
        ),
        (
            lambda: manager.post(f"{path}/stage", {"stage": "proposal"}),
            "move_opportunity", people.manager, moved - {"stage_type"},
        ),
        (
            lambda: manager.post(f"{path}/win", {}),
            "win_opportunity", people.manager, moved | ended | {"amount"},
        ),
    ):  # fmt: skip
        call()
        (entry,) = outbox.audited()
        assert (entry["operation"], entry["action"]) == (operation, "changed")
        assert (entry["record_type"], entry["record_id"]) == ("opportunity", made["id"])
        assert (entry["actor_id"], entry["actor_kind"]) == (str(who.id), "user")
        assert entry["outcome"] == "done"
        assert {c["field"] for c in entry["changes"]} == fields
    changes = {c["field"]: (c["old"], c["new"]) for c in entry["changes"]}
    assert changes["success_rate"] == (70, 100)
    assert changes["status"] == ("developing", "won")


def test_losing_voiding_and_deleting_are_audited(
    harness: Harness, people: People, make: Any, outbox: Outbox
) -> None:
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    lost, voided, deleted = make("developing"), make(), make()
    item = manager.post(f"/opportunities/{lost['id']}/plan-items", STEP, 201)
    outbox.audited()
    body = {"reason_code": "price", "reason": "Too dear", "competitor": "Rival"}
    manager.post(f"/opportunities/{lost['id']}/lose", body)
    entries = {entry["record_type"]: entry for entry in outbox.audited()}
    assert set(entries) == {"opportunity", "plan_item"}
    changes = {c["field"]: c["new"] for c in entries["opportunity"]["changes"]}
    assert {changes[name] for name in ("close_reason_code", "close_reason", "competitor")} == {
        "price", "Too dear", "Rival",
    }  # fmt: skip
    assert entries["plan_item"]["record_id"] == item["id"]
    director.post(f"/opportunities/{voided['id']}/void", {"reason": "Twice"})
    (entry,) = outbox.audited()
    assert {c["field"]: c["new"] for c in entry["changes"]}["close_reason"] == "Twice"
    manager.expect(204, "DELETE", f"/opportunities/{deleted['id']}", if_match="*")
    (entry,) = outbox.audited()
    assert (entry["action"], entry["record_id"]) == ("deleted", deleted["id"])


def test_resync_publishes_every_present_state_and_all_moves(
    harness: Harness, people: People, make: Any
) -> None:
    made = [make(status) for status in ("unassigned", "developing", "won", "lost", "voided")]
    gone = make()
    harness.as_(people.manager).expect(204, "DELETE", f"/opportunities/{gone['id']}", if_match="*")
    before = harness.published()
    with harness.session() as session:
        snapshots = list(harness.service.snapshots(session))
    assert harness.published() == before
    snapshots = [event for event in snapshots if event.type != "marketing.stage-changed.v1"]
    kinds = [(event.type.split(".")[1], event.subject) for event in snapshots]
    for one in made:
        moves = {"unassigned": 0, "voided": 0, "developing": 1}.get(one["status"], 2)
        expected = ["opportunity-stage-changed"] * moves + ["opportunity-changed"]
        assert [kind for kind, subject in kinds if subject == one["id"]] == expected
        assert {e.version for e in snapshots if e.subject == one["id"]} == {one["version"]}
    assert {subject for _, subject in kinds} == {one["id"] for one in made}


def test_a_failed_transaction_publishes_nothing(
    harness: Harness, people: People, make: Any, outbox: Outbox
) -> None:
    made = make("developing", expected_amount=None)
    manager, path = harness.as_(people.manager), f"/opportunities/{made['id']}"
    outbox.new()
    outbox.audited()
    manager.post(f"{path}/win", {}, 422)
    body = {"stage": "proposal", "success_rate": 3, "above_id": str(new_id())}
    manager.post(f"{path}/stage", body, 422)
    manager.post(f"{path}/stage", {"stage": "won", "success_rate": 3}, 409)
    assert outbox.new() == []
    assert outbox.audited() == []
    assert manager.get(path) == made
