"""The steps of all plans: due, overdue, mine."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kehu_chassis import clock
from kehu_chassis.testing import Harness
from kehu_chassis.testing.plans import unserved_sorts
from kehu_marketing.features.opportunities.models import PlanItem
from kehu_marketing.features.opportunities.service import PLAN_ITEMS

from .conftest import People


@pytest.fixture
def plans(harness: Harness, people: People, make: Any) -> dict[str, Any]:
    """Two opportunities: the manager's steps are late, executed and due; the colleague's is due."""
    today = clock.today()
    ours = make("developing", assignee=people.manager)
    theirs = make("developing", creator=people.colleague, assignee=people.colleague)

    def plan(user: Any, opportunity: dict[str, Any], day: date) -> dict[str, Any]:
        path = f"/opportunities/{opportunity['id']}/plan-items"
        body = {"date": day.isoformat(), "content": "Visit"}
        item: dict[str, Any] = harness.as_(user).post(path, body, 201)
        return item

    made = {
        "late": plan(people.manager, ours, today - timedelta(1)),
        "executed": plan(people.manager, ours, today - timedelta(2)),
        "due": plan(people.manager, ours, today),
        "theirs": plan(people.colleague, theirs, today + timedelta(3)),
    }
    path = f"/opportunities/{ours['id']}/plan-items/{made['executed']['id']}/result"
    harness.as_(people.manager).expect(200, "PUT", path, {"result": "Done"}, if_match=1)
    return made | {"ours": ours}


def test_every_filter_finds_its_steps(
    harness: Harness, people: People, plans: dict[str, Any]
) -> None:
    today = clock.today()
    director = harness.as_(people.director)
    for query, wanted in (
        ("", ["executed", "late", "due", "theirs"]),
        ("sort=-date", ["theirs", "due", "late", "executed"]),
        ("overdue=true", ["late"]),
        ("overdue=false", ["executed", "due", "theirs"]),
        ("state=pending", ["late", "due", "theirs"]),
        (f"date_from={today}&date_to={today}", ["due"]),
        (f"assignee_id={people.colleague.id}", ["theirs"]),
        (f"assignee_id={people.manager.id}&state=pending", ["late", "due"]),
        (f"opportunity_id={plans['ours']['id']}&state=executed", ["executed"]),
    ):
        page = director.get(f"/plan-items?{query}")
        assert [item["id"] for item in page["items"]] == [plans[name]["id"] for name in wanted]
    director.get("/plan-items?state=late", 422)


def test_a_step_is_shown_with_its_opportunity(
    harness: Harness, people: People, plans: dict[str, Any]
) -> None:
    [item] = harness.as_(people.director).get("/plan-items?overdue=true")["items"]
    ours = plans["ours"]
    assert item == plans["late"] | {
        "opportunity_id": ours["id"],
        "opportunity_number": ours["number"],
        "opportunity_summary": ours["summary"],
        "customer_id": None,
        "customer_name": ours["customer_name"],
        "assignee_id": str(people.manager.id),
        "assignee_name": "Manager",
        "overdue": True,
    }


def test_only_steps_of_readable_opportunities_are_listed_and_counted(
    harness: Harness, people: People, plans: dict[str, Any]
) -> None:
    for user, seen in (
        (people.manager, 3), (people.colleague, 1), (people.outsider, 0), (people.executive, 4),
        (people.director, 4), (people.other_director, 0),
    ):  # fmt: skip
        client = harness.as_(user)
        assert client.get("/plan-items")["total"] == seen, user.username
        counts = client.get("/plan-items/counts?by=state")["items"]
        assert sum(one["count"] for one in counts) == seen, user.username
    harness.as_(harness.user("service_agent")).get("/plan-items", 403)
    harness.as_(harness.user("service_agent")).get("/plan-items/counts?by=state", 403)


def test_every_order_is_served_by_an_index(harness: Harness) -> None:
    assert unserved_sorts(harness, PLAN_ITEMS, select(PlanItem)) == []
    pending = select(PlanItem).where(PlanItem.state == "pending")
    assert unserved_sorts(harness, PLAN_ITEMS, pending) == []
