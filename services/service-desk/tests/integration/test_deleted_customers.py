"""Requests of deleted customers: they show the name while the customer may be restored."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis.testing import Harness

DELETED, PURGED = "customer.customer-deleted.v1", "customer.customer-purged.v1"


def _deliver(harness: Harness, event_type: str, data: dict[str, Any], version: int) -> None:
    harness.deliver(event_type, data, subject=data["id"], version=version)


@pytest.mark.parametrize("with_state", [False, True])
def test_a_request_of_a_deleted_customer_shows_its_name_until_it_is_purged(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any, with_state: bool
) -> None:
    customer = make_customer(staff.manager, name="Acme")
    made = make_request(customer=customer)

    def shown() -> tuple[str | None, str | None]:
        client = harness.as_(staff.agent)
        request = client.get(f"/requests/{made['id']}")
        [listed] = client.get("/requests")["items"]
        assert listed["customer_name"] == request["customer_name"]
        return request["customer_name"], request["customer_number"]

    deleted = customer if with_state else {"id": customer["id"]}
    _deliver(harness, DELETED, deleted, 2)
    assert shown() == ("Acme", customer["number"])
    assert harness.as_(staff.manager).get("/requests")["total"] == 1
    _deliver(harness, PURGED, {"id": customer["id"]}, 3)
    assert shown() == ("", "")


def test_a_deletion_that_arrives_before_the_state_shows_the_name(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager, name="Before")
    made = make_request(customer=customer)
    _deliver(harness, DELETED, customer | {"name": "After"}, 3)
    make_customer(staff.manager, version=2, id=customer["id"], name="Between")
    shown = harness.as_(staff.agent).get(f"/requests/{made['id']}")
    assert shown["customer_name"] == "After"


def test_a_purge_stays_whatever_arrives_late(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager, name="Acme")
    made = make_request(customer=customer)
    _deliver(harness, PURGED, {"id": customer["id"]}, 4)
    _deliver(harness, DELETED, customer, 3)
    assert harness.as_(staff.agent).get(f"/requests/{made['id']}")["customer_name"] == ""
