"""The actions that responses show are those that are not refused."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy

from kehu_chassis.testing import Harness
from kehu_chassis.testing.operations import untrue
from kehu_service_desk.features.notifications.models import Notification
from kehu_service_desk.features.requests.models import ServiceRequest

from .conftest import MakeCustomer, MakeRequest, Staff

STATUSES = ("created", "assigned", "handled", "archived", "cancelled")


def bodies(staff: Staff) -> dict[str, Any]:
    return {
        "assign_request": {"assignee_id": str(staff.colleague.id)},
        "handle_request": {"handling": "Sent new ones"},
        "give_request_feedback": {"result": "Fine", "satisfaction": 5},
        "close_request": {"reason": "not_solvable"},
        "cancel_request": {"reason": "Twice"},
        "withdraw_request": {"reason": "Twice"},
    }


@pytest.mark.parametrize("sharing", ["own", "full"])
@pytest.mark.parametrize("status", STATUSES)
def test_what_is_shown_of_a_request_is_true(
    harness: Harness, staff: Staff, make_request: MakeRequest, status: str, sharing: str
) -> None:
    made = make_request(status, creator=staff.manager)
    if sharing == "full":
        setting = {"key": "customer_sharing", "value": "full"}
        harness.deliver("auth.setting-changed.v1", setting, subject="customer_sharing")
    for name, who in vars(staff).items():
        client = harness.as_(who)
        items = client.get("/requests")["items"]
        actions = items[0]["actions"] if items else None
        if items:
            assert client.get(f"/requests/{made['id']}")["actions"] == actions
        ids = {"request_id": made["id"]}
        faults = untrue(harness, client, ServiceRequest, ids, bodies(staff), shown=actions)
        assert faults == [], (name, status)
        if (name, sharing) == ("colleague", "own"):
            assert actions is None
        if (name, status) == ("director", "created"):
            assert "assign_request" in (actions or [])


def test_what_is_shown_of_a_notification_is_true(
    harness: Harness, staff: Staff, make_request: MakeRequest
) -> None:
    make_request("assigned", assignee=staff.manager)
    [notification] = harness.as_(staff.manager).get("/notifications")["items"]
    assert notification["actions"] == ["read_notification"]
    for who in (staff.manager, staff.director):
        shown = notification["actions"] if who is staff.manager else None
        ids = {"notification_id": notification["id"]}
        assert untrue(harness, harness.as_(who), Notification, ids, {}, shown=shown) == []


def test_the_actions_of_a_page_take_as_many_queries_as_those_of_a_record(
    harness: Harness, staff: Staff, make_request: MakeRequest, make_customer: MakeCustomer
) -> None:
    """Whose customer it is, another table says."""
    statements: list[str] = []
    engine, executed = harness.database.engine, "before_cursor_execute"
    sqlalchemy.event.listen(engine, executed, lambda *args: statements.append(args[2]))
    counts = []
    for number in (1, 2, 3):
        make_request(customer=make_customer(staff.manager))
        statements.clear()
        items = harness.as_(staff.manager).get("/requests")["items"]
        assert len(items) == number and items[0]["actions"] == ["take_request"]
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts
