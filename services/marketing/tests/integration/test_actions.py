"""The actions that responses show are those that are not refused."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy

from kehu_chassis.testing import Harness
from kehu_chassis.testing.operations import untrue
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.models import Opportunity, PlanItem

from .conftest import MakeOpportunity, People

STATUSES = ("unassigned", "developing", "won", "lost", "voided")
STEP = {"date": "2026-12-01", "content": "Visit"}


def bodies(people: People) -> dict[str, Any]:
    return {
        "update_opportunity": {"summary": "Other paper"},
        "void_opportunity": {"reason": "Twice"},
        "assign_opportunity": {"assignee_id": str(people.colleague.id)},
        "progress_opportunity": {"success_rate": 50},
        "move_opportunity": {"stage": "proposal"},
        "win_opportunity": {},
        "lose_opportunity": {"reason_code": "price", "reason": "Too dear"},
        "add_plan_item": STEP,
        "edit_plan_item": {"content": "Call"},
        "record_plan_item_result": {"result": "Another result"},
    }


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_shown_of_an_opportunity_is_true(
    harness: Harness, people: People, make: MakeOpportunity, status: str
) -> None:
    made = make(status, assignee=people.colleague)
    for name, who in vars(people).items():
        client = harness.as_(who)
        found = client.get("/opportunities")["items"]
        actions = found[0]["actions"] if found else None
        if found:
            detail = client.get(f"/opportunities/{made['id']}")
            assert [detail["actions"], detail["editable"]] == [actions, found[0]["editable"]]
        ids = {"opportunity_id": made["id"]}
        faults = untrue(harness, client, Opportunity, ids, bodies(people), shown=actions)
        assert faults == [], (name, status)


@pytest.mark.parametrize("state", ["pending", "executed", "not_executed"])
def test_what_is_shown_of_a_plan_item_is_true(
    harness: Harness, people: People, developing: dict[str, Any], state: str
) -> None:
    path = f"/opportunities/{developing['id']}"
    manager = harness.as_(people.manager)
    item = manager.post(f"{path}/plan-items", STEP, 201)
    if state == "executed":
        done = {"result": "They will call"}
        manager.expect(200, "PUT", f"{path}/plan-items/{item['id']}/result", done, if_match=1)
    if state == "not_executed":
        manager.post(f"{path}/win", {})
    for name, who in vars(people).items():
        client = harness.as_(who)
        readable = client.request("GET", path).status_code == 200
        plan = client.get(f"{path}/plan-items")["items"] if readable else []
        actions = plan[0]["actions"] if plan else None
        ids = {"opportunity_id": developing["id"], "item_id": item["id"]}
        faults = untrue(harness, client, PlanItem, ids, bodies(people), shown=actions)
        assert faults == [], (name, state)
        if name == "manager":
            assert bool(actions) == (state == "pending")
            assert plan[0]["editable"] == (["content"] if actions else [])


def test_editable_fields_depend_on_status_and_person(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    path = f"/opportunities/{made['id']}"
    assert harness.as_(people.manager).get(path)["editable"] == list(rules.FORM)
    assert harness.as_(people.executive).get(path)["editable"] == []
    assign = {"assignee_id": str(people.colleague.id)}
    harness.as_(people.director).post(f"{path}/assign", assign)
    assert harness.as_(people.manager).get(path)["editable"] == []
    assert harness.as_(people.colleague).get(path)["editable"] == list(rules.PROGRESS)


def test_the_actions_of_a_page_take_as_many_queries_as_those_of_a_record(
    harness: Harness, people: People, make: MakeOpportunity
) -> None:
    statements: list[str] = []
    engine, executed = harness.database.engine, "before_cursor_execute"
    sqlalchemy.event.listen(engine, executed, lambda *args: statements.append(args[2]))
    counts = []
    for number in (1, 2, 3):
        make("developing", assignee=people.colleague)
        statements.clear()
        items = harness.as_(people.director).get("/opportunities")["items"]
        assert len(items) == number and "assign_opportunity" in items[0]["actions"]
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts
