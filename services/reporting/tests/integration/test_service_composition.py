"""E3: how service requests are composed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

PATH = "/service-composition"
CHANGED = "service-desk.request-changed.v1"


@pytest.fixture
def make_request(harness: Harness, staff: Any) -> Callable[..., dict[str, Any]]:
    """Delivers a request: ``make_request(customer, type="complaint")``."""

    def make(customer: dict[str, Any], version: int = 1, **changes: Any) -> dict[str, Any]:
        data = harness.example(CHANGED) | {
            "id": str(new_id()),
            "customer_id": customer["id"],
            "type": "consultation",
            "status": "created",
            "created_by": str(staff.outsider.id),
            "created_at": "2026-03-01T02:00:00Z",
            "assignee_id": None,
            "satisfaction": None,
            **changes,
        }
        harness.deliver(CHANGED, data, subject=data["id"], version=version)
        return data

    return make


def test_requests_are_counted_by_type(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager)
    for satisfaction in (5, 2):
        make_request(customer, status="archived", satisfaction=satisfaction)
    make_request(customer, status="cancelled")
    make_request(customer, type="complaint")
    report = harness.as_(staff.executive).get(PATH)
    assert report["total"] == 4
    assert report["items"] == [
        {
            "value": "consultation",
            "count": 3,
            "share": 0.75,
            "archived": 2,
            "cancelled": 1,
            "satisfaction": 3.5,
        },
        {
            "value": "complaint",
            "count": 1,
            "share": 0.25,
            "archived": 0,
            "cancelled": 0,
            "satisfaction": None,
        },
    ]
    rows = harness.as_(staff.executive).get(f"{PATH}/rows?type=complaint")
    assert [row["customer_name"] for row in rows["items"]] == [customer["name"]]


def test_a_request_of_a_deleted_customer_shows_its_name_until_it_is_purged(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager, name="Acme")
    make_request(customer)
    for version, what, name in ((2, "deleted", "Acme"), (3, "purged", "")):
        event, ident = f"customer.customer-{what}.v1", customer["id"]
        harness.deliver(event, {"id": ident}, subject=ident, version=version)
        [row] = harness.as_(staff.executive).get(f"{PATH}/rows")["items"]
        assert row["customer_name"] == name


def test_the_newest_state_counts_whatever_comes_first(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager)
    request = make_request(customer, version=3, status="archived", satisfaction=4)
    make_request(customer, id=request["id"], version=2, status="handled")
    make_request(customer, id=request["id"], version=3, status="archived")
    (item,) = harness.as_(staff.executive).get(PATH)["items"]
    assert (item["count"], item["archived"]) == (1, 1)


def test_the_period_is_when_they_were_created(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager)
    make_request(customer, created_at="2025-12-31T16:00:00Z")
    make_request(customer, created_at="2025-12-31T15:59:59Z")
    client = harness.as_(staff.executive)
    assert client.get(f"{PATH}?year=2026")["total"] == 1
    assert client.get(f"{PATH}/rows?year=2026")["total"] == 1
    assert client.get(f"{PATH}?year=1999")["items"] == []


def test_a_director_counts_the_teams_customers_and_work(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    ours, theirs = make_customer(staff.manager), make_customer(staff.outsider)
    make_request(ours)
    make_request(theirs)
    make_request(theirs, assignee_id=str(staff.manager.id))
    make_request({"id": str(new_id())}, created_by=str(staff.manager.id))
    for path in (PATH, f"{PATH}/rows"):
        assert harness.as_(staff.executive).get(path)["total"] == 4
        assert harness.as_(staff.director).get(path)["total"] == 3
        assert harness.as_(staff.other_director).get(path)["total"] == 3
        harness.as_(staff.manager).get(path, 403)


def test_the_report_is_a_file_too(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    make_request(make_customer(staff.manager))
    client = harness.as_(staff.executive)
    for path in (f"{PATH}/export", f"{PATH}/rows/export"):
        response = client.request("GET", path)
        assert response.mimetype == "text/csv" and "Consultation" in response.text
