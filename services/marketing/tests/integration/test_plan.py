"""The development plan: dated steps, their results and their end."""

from __future__ import annotations

from typing import Any

from kehu_chassis.testing import Harness

from .conftest import People
from .operations import STEP


def _plan(harness: Harness, people: People, opportunity: dict[str, Any]) -> tuple[Any, str]:
    return harness.as_(people.manager), f"/opportunities/{opportunity['id']}/plan-items"


def test_a_new_step_is_pending_with_date_and_author(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, plan = _plan(harness, people, developing)
    item = manager.post(plan, {"date": "2007-12-13", "content": "  Visit 客户\n"}, 201)
    assert (item["date"], item["state"], item["version"]) == ("2007-12-13", "pending", 1)
    assert item["content"].strip() == "Visit 客户"
    assert (item["result"], item["executed_at"]) == (None, None)
    assert item["created_by"] == item["updated_by"] == str(people.manager.id)
    response = manager.request("GET", f"{plan}/{item['id']}")
    assert response.get_json() == item and response.headers["ETag"].startswith('"1-')


def test_the_plan_is_sorted_by_date_and_each_has_its_own(
    harness: Harness, people: People, make: Any
) -> None:
    one, other = make("developing"), make("developing")
    manager, plan = _plan(harness, people, one)
    for date in ("2026-12-31", "2026-01-01", "2026-06-15", "2026-01-01"):
        manager.post(plan, {"date": date, "content": date}, 201)
    _, others = _plan(harness, people, other)
    manager.post(others, STEP, 201)
    items = manager.get(plan)["items"]
    assert [i["date"] for i in items] == ["2026-01-01", "2026-01-01", "2026-06-15", "2026-12-31"]
    assert len(manager.get(others)["items"]) == 1
    assert manager.get(f"/opportunities/{make()['id']}/plan-items") == {"items": []}


def test_the_content_is_edited_and_the_date_stays(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, plan = _plan(harness, people, developing)
    item = manager.post(plan, STEP, 201)
    one = f"{plan}/{item['id']}"
    body = {"content": "Call", "date": STEP["date"]}
    edited = manager.expect(200, "PATCH", one, body, if_match=1)
    assert (edited["content"], edited["date"], edited["version"]) == ("Call", STEP["date"], 2)
    body = {"content": "Write", "date": "2026-12-14"}
    problem = manager.expect(409, "PATCH", one, body, if_match=2)
    assert problem["code"] == "date-is-fixed"
    assert "日期" in manager.expect(
        409, "PATCH", one, body, if_match=2, Accept_Language="zh"
    )["detail"]  # fmt: skip
    manager.expect(412, "PATCH", one, {"content": "Write"}, if_match=1)
    assert manager.get(one) == edited


def test_a_result_is_recorded_once_and_closes_the_step(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, plan = _plan(harness, people, developing)
    item = manager.post(plan, STEP, 201)
    one = f"{plan}/{item['id']}"
    done = manager.expect(200, "PUT", f"{one}/result", {"result": "Liked it"}, if_match=1)
    assert (done["state"], done["result"], done["version"]) == ("executed", "Liked it", 2)
    assert done["executed_at"] is not None
    again = manager.expect(200, "PUT", f"{one}/result", {"result": "Liked it"}, if_match="*")
    assert again == done
    manager.expect(412, "PUT", f"{one}/result", {"result": "Liked it"}, if_match=1)
    for method, path, body in (
        ("PUT", f"{one}/result", {"result": "Hated it"}),
        ("PATCH", one, {"content": "Call"}),
        ("PATCH", one, {"content": STEP["content"]}),
        ("DELETE", one, None),
    ):
        problem = manager.expect(409, method, path, body, if_match=2)
        assert (problem["code"], problem["params"]["state"]) == ("plan-item-executed", "executed")
    assert manager.get(one) == done


def test_a_deleted_step_is_gone(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, plan = _plan(harness, people, developing)
    one = f"{plan}/{manager.post(plan, STEP, 201)['id']}"
    manager.expect(204, "DELETE", one, if_match=1)
    manager.get(one, 404)
    manager.expect(404, "DELETE", one, if_match="*")
    assert manager.get(plan) == {"items": []}


def test_closing_an_opportunity_closes_only_its_pending_steps(
    harness: Harness, people: People, make: Any
) -> None:
    ends: dict[str, dict[str, Any]] = {
        "win": {}, "lose": {"reason_code": "price", "reason": "Too dear"},
    }  # fmt: skip
    for action, body in ends.items():
        one, untouched = make("developing"), make("developing")
        manager, plan = _plan(harness, people, one)
        _, others = _plan(harness, people, untouched)
        pending, executed = (manager.post(plan, STEP, 201) for _ in range(2))
        elsewhere = manager.post(others, STEP, 201)
        manager.expect(
            200, "PUT", f"{plan}/{executed['id']}/result", {"result": "Good"}, if_match=1
        )
        manager.post(f"/opportunities/{one['id']}/{action}", body)
        items = {i["id"]: i for i in manager.get(plan)["items"]}
        closed = items[pending["id"]]
        assert (closed["state"], closed["result"], closed["version"]) == ("not_executed", None, 2)
        assert closed["executed_at"] is None
        assert items[executed["id"]]["version"] == 2
        assert manager.get(f"{others}/{elsewhere['id']}") == elsewhere
        copy = manager.post(f"/opportunities/{one['id']}/copy", {}, 201)
        assert manager.get(f"/opportunities/{copy['id']}/plan-items") == {"items": []}


def test_a_new_assignee_continues_the_plan(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, plan = _plan(harness, people, developing)
    one = f"{plan}/{manager.post(plan, STEP, 201)['id']}"
    body = {"assignee_id": str(people.colleague.id)}
    harness.as_(people.director).post(f"/opportunities/{developing['id']}/assign", body)
    manager.expect(403, "PATCH", one, {"content": "Call"}, if_match=1)
    edited = harness.as_(people.colleague).expect(
        200, "PATCH", one, {"content": "Call"}, if_match=1
    )
    assert edited["created_by"] == str(people.manager.id)
    assert edited["updated_by"] == str(people.colleague.id)


def test_a_repeated_key_adds_one_step(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, plan = _plan(harness, people, developing)
    first = manager.post(plan, STEP, 201, idempotency_key="one")
    assert manager.post(plan, STEP, 201, idempotency_key="one") == first
    assert len(manager.get(plan)["items"]) == 1


def test_changes_of_the_plan_are_audited_with_old_values(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, plan = _plan(harness, people, developing)
    item = manager.post(plan, STEP, 201)
    one = f"{plan}/{item['id']}"
    manager.expect(200, "PATCH", one, {"content": "Call"}, if_match="*")
    manager.expect(200, "PUT", f"{one}/result", {"result": "Good"}, if_match="*")
    manager.expect(200, "PUT", f"{one}/result", {"result": "Good"}, if_match="*")
    other = manager.post(plan, STEP, 201)
    manager.expect(204, "DELETE", f"{plan}/{other['id']}", if_match="*")
    entries = [
        entry for event in harness.published("marketing.audit-recorded.v1")
        if (entry := event["data"])["record_type"] == "plan_item"
    ]  # fmt: skip
    assert [(e["operation"], e["action"]) for e in entries] == [
        ("add_plan_item", "created"), ("edit_plan_item", "changed"),
        ("record_plan_item_result", "changed"), ("add_plan_item", "created"),
        ("delete_plan_item", "deleted"),
    ]  # fmt: skip
    assert entries[1]["changes"] == [{"field": "content", "old": "Visit", "new": "Call"}]
    changes = {c["field"]: (c["old"], c["new"]) for c in entries[2]["changes"]}
    assert changes["state"] == ("pending", "executed")
    assert changes["result"] == (None, "Good")
    assert {e["record_id"] for e in entries[:3]} == {item["id"]}


def test_whoever_reads_an_opportunity_reads_who_changed_it_and_its_plan(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, plan = _plan(harness, people, developing)
    item = manager.post(plan, {"date": "2007-12-13", "content": "Visit"}, 201)
    one = f"{plan}/{item['id']}"
    manager.expect(200, "PATCH", one, {"content": "Call"}, if_match="*")
    whole = f"/opportunities/{developing['id']}/changes"
    for who in (people.manager, people.director):
        changed, created = harness.as_(who).get(f"{one}/changes")["items"]
        assert changed["changes"] == [{"field": "content", "old": "Visit", "new": "Call"}]
        assert created["action"] == "created"
        actions = [change["action"] for change in harness.as_(who).get(whole)["items"]]
        assert actions[-1] == "created" and "changed" in actions
    for path in (whole, f"{one}/changes"):
        harness.as_(people.colleague).get(path, 404)
