"""Requests are found by their customers' present names."""

from __future__ import annotations

from typing import Any

from kehu_chassis.messaging.events import decode
from kehu_chassis.testing import Harness
from kehu_service_desk.features.requests import consumers


def test_a_request_is_found_by_its_whole_summary_and_its_customers_present_name(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager, name="Before")
    summary = "words " * 50 + "at-the-end"
    made = make_request(customer=customer, summary=summary)
    other = make_request()
    make_customer(staff.manager, version=2, id=customer["id"], name="长城 After")
    make_customer(staff.manager, version=1, id=customer["id"], name="Before")
    client = harness.as_(staff.agent)
    for query in ("at-the-end", "after", "cc", f"长城 {made['number']}"):
        found = client.get(f"/requests?q={query}")["items"]
        assert [item["id"] for item in found if item["id"] != other["id"]] == [made["id"]], query
    assert client.get("/requests?q=before")["items"] == []
    assert client.get(f"/requests/{made['id']}")["version"] == made["version"]


def test_names_follow_events_before_and_after_the_replica_and_never_go_back(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager, name="Before")
    made = make_request(customer=customer)

    def follow(version: int, name: str) -> None:
        """Run the requests' own handler alone."""
        body = harness.envelope(
            "customer.customer-changed.v1",
            customer | {"name": name},
            subject=customer["id"],
            version=version,
        )
        with harness.session() as session:
            consumers.customer_changed(session, [decode(body, harness.contracts)])

    client = harness.as_(staff.agent)
    follow(3, "After")
    assert client.get("/requests?q=after")["total"] == 1
    follow(2, "Between")
    make_customer(staff.manager, version=2, id=customer["id"], name="Between")
    assert client.get("/requests?q=between")["total"] == 0
    harness.deliver("customer.customer-deleted.v1", {"id": customer["id"]}, version=4)
    follow(3, "After")
    assert client.get("/requests?q=after")["items"][0]["id"] == made["id"]
