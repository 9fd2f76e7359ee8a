"""A notification leads only to what its reader may open now."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from kehu_chassis.data.database import NIL, new_id
from kehu_chassis.identity.directory import Person
from kehu_chassis.testing import Harness, User
from kehu_service_desk.features.notifications import rules
from kehu_service_desk.features.notifications import service as notifications
from kehu_service_desk.features.notifications.service import Notice

OPPORTUNITY = "marketing.opportunity-changed.v1"
# Who may open what, if the manager works with it: table R.
READERS = {
    "customer": {"director", "manager", "executive", "agent"},
    "churn_warning": {"director", "manager", "executive"},
    "opportunity": {"director", "manager", "executive"},
    "service_request": {"director", "other_director", "manager", "executive", "agent"},
}
TYPES = {
    "opportunity-assigned": "opportunity",
    "opportunity-reassigned": "opportunity",
    "request-assigned": "service_request",
    "request-reassigned": "service_request",
    "request-reopened": "service_request",
    "request-in-another-round": "service_request",
    "churn-warned": "churn_warning",
    "churn-warned-never-ordered": "churn_warning",
    "churn-warned-unmanaged": "churn_warning",
    "churn-unattended": "churn_warning",
}


@pytest.fixture
def people(harness: Harness, staff: Any) -> dict[str, User]:
    return vars(staff) | {
        "marketing": harness.user("marketing_specialist", name="marketing"),
        "admin": harness.user("admin", name="admin"),
    }


@pytest.fixture
def records(harness: Harness, staff: Any, make_customer: Any, make_request: Any) -> dict[str, Any]:
    """One record of each type with which the manager works, and the customer of all."""
    customer = make_customer(staff.manager)
    request = make_request("assigned", customer=customer, assignee=staff.manager)
    return {
        "customer": customer["id"],
        "churn_warning": str(new_id()),
        "opportunity": opportunity(harness, staff.manager)["id"],
        "service_request": request["id"],
    }


def opportunity(
    harness: Harness, assignee: User, version: int = 1, **changes: Any
) -> dict[str, Any]:
    state: dict[str, Any] = harness.example(OPPORTUNITY) | {
        "id": str(new_id()), "created_by": str(NIL), "assignee_id": str(assignee.id), **changes,
    }  # fmt: skip
    harness.deliver(OPPORTUNITY, state, subject=state["id"], version=version)
    return state


def _notify(harness: Harness, people: Any, code: str, records: dict[str, Any]) -> None:
    record_type = TYPES.get(code, "customer")
    params = {"customer_id": records["customer"], "warning_id": records["churn_warning"]}
    notice = Notice(f"{code}:1", code, params, record_type, records[record_type])
    with harness.session() as session:
        notifications.notify(session, [who.id for who in people.values()], notice)


def _links(harness: Harness, user: User, record_type: str) -> list[Any]:
    items = harness.as_(user).get("/notifications")["items"]
    return [item["record_id"] for item in items if item["record_type"] == record_type]


@pytest.mark.parametrize("code", rules.CODES)
def test_each_kind_leads_only_those_who_may_open_it(
    harness: Harness, people: dict[str, User], records: dict[str, Any], code: str
) -> None:
    record_type = TYPES.get(code, "customer")
    _notify(harness, people, code, records)
    for name, user in people.items():
        [item] = [
            i for i in harness.as_(user).get("/notifications")["items"] if i["code"] == code
            and i["params"] == {}
        ]  # fmt: skip
        expected = name in READERS[record_type]
        assert (name, item["openable"]) == (name, expected)
        assert item["record_id"] == (records[record_type] if expected else None), name
        assert item["title"]
        read = harness.as_(user).post(f"/notifications/{item['id']}/read")
        assert (read["openable"], read["record_id"]) == (expected, item["record_id"])
        if record_type == "service_request":
            harness.as_(user).get(f"/requests/{records[record_type]}", _status(name, expected))


def _status(name: str, expected: bool) -> int:
    if expected:
        return 200
    return 403 if name in ("marketing", "admin") else 404


def test_a_link_ends_with_the_access_and_the_reader_is_told_so(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    customer = make_customer(staff.manager)
    data = harness.example("customer.notice-raised.v1") | {
        "customer_id": customer["id"], "recipients": [str(staff.manager.id)], "audience": "users",
    }  # fmt: skip
    harness.deliver("customer.notice-raised.v1", data)
    client = harness.as_(staff.manager)
    tag = client.request("GET", "/notifications").headers["ETag"]
    assert _links(harness, staff.manager, "customer") == [customer["id"]]
    handed_over = customer | {"manager_id": str(staff.colleague.id)}
    harness.deliver("customer.customer-changed.v1", handed_over, subject=customer["id"], version=2)
    assert client.request("GET", "/notifications", if_none_match=tag).status_code == 200
    assert _links(harness, staff.manager, "customer") == [None]
    shared = {"key": "customer_sharing", "value": "full"}
    harness.deliver("auth.setting-changed.v1", shared, subject="customer_sharing")
    assert _links(harness, staff.manager, "customer") == [customer["id"]]
    gone = {"id": customer["id"]}
    harness.deliver("customer.customer-deleted.v1", gone, subject=customer["id"], version=3)
    assert _links(harness, staff.manager, "customer") == [None]


def test_warnings_follow_the_manager_and_are_not_shared(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    customer = make_customer(staff.manager)
    warning = harness.example("customer.churn-warned.v1") | {
        "id": str(new_id()), "customer_id": customer["id"], "manager_id": str(staff.manager.id),
    }  # fmt: skip
    harness.deliver("customer.churn-warned.v1", warning, subject=warning["id"])
    assert _links(harness, staff.manager, "churn_warning") == [warning["id"]]
    shared = {"key": "customer_sharing", "value": "full"}
    harness.deliver("auth.setting-changed.v1", shared, subject="customer_sharing")
    handed_over = customer | {"manager_id": str(staff.colleague.id)}
    harness.deliver("customer.customer-changed.v1", handed_over, subject=customer["id"], version=2)
    assert _links(harness, staff.manager, "churn_warning") == [None]


def test_the_previous_assignee_opens_an_opportunity_only_as_its_creator(
    harness: Harness, staff: Any
) -> None:
    for creator, expected in ((NIL, None), (staff.manager.id, "id")):
        state = opportunity(harness, staff.manager, created_by=str(creator))
        data = harness.example("marketing.opportunity-assigned.v1") | state
        data |= {"previous_assignee_id": None, "assigned_by": str(staff.director.id)}
        harness.deliver("marketing.opportunity-assigned.v1", data, subject=state["id"], version=1)
        assert _links(harness, staff.manager, "opportunity")[0] == state["id"]
        moved = state | {"assignee_id": str(staff.colleague.id)}
        harness.deliver(OPPORTUNITY, moved, subject=state["id"], version=2)
        data |= {**moved, "previous_assignee_id": str(staff.manager.id)}
        harness.deliver("marketing.opportunity-assigned.v1", data, subject=state["id"], version=2)
        link = state["id"] if expected else None
        assert _links(harness, staff.manager, "opportunity")[:2] == [link, link]
        assert _links(harness, staff.colleague, "opportunity")[0] == state["id"]
    harness.deliver(
        "marketing.opportunity-deleted.v1", {"id": state["id"]}, subject=state["id"], version=3
    )
    assert _links(harness, staff.colleague, "opportunity")[0] is None


def test_a_summary_leads_to_the_list(harness: Harness, staff: Any) -> None:
    warning = harness.example("customer.churn-warned.v1") | {"manager_id": None}
    harness.deliver("customer.churn-warned.v1", warning, subject=warning["id"])
    [item] = harness.as_(staff.director).get("/notifications")["items"]
    assert (item["openable"], item["record_id"]) == (True, None)
    with harness.session() as session:
        # Somebody else's work by now.
        session.execute(
            update(Person).where(Person.id == staff.director.id).values(roles=["service_agent"])
        )
    agent = User(roles=("service_agent",), id=staff.director.id)
    [item] = harness.as_(agent).get("/notifications")["items"]
    assert (item["openable"], item["record_id"]) == (False, None)
