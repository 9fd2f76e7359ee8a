"""People, customers and requests for the tests of the service desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness, User

MakeCustomer = Callable[..., dict[str, Any]]
MakeRequest = Callable[..., dict[str, Any]]

# Why work cannot be given to a person any more.
UNAVAILABLE = pytest.mark.parametrize(
    "change", [{"enabled": False}, {"roles": ["marketing_specialist"]}], ids=["disabled", "role"]
)


@dataclass
class Staff:
    director: User
    other_director: User
    manager: User
    colleague: User
    agent: User
    executive: User


@pytest.fixture
def staff(harness: Harness) -> Staff:
    east, west = harness.department("East"), harness.department("West")
    return Staff(
        director=harness.user("sales_director", department=east, name="director"),
        other_director=harness.user("sales_director", department=west, name="other"),
        manager=harness.user("account_manager", department=east, name="manager"),
        colleague=harness.user("account_manager", department=east, name="colleague"),
        agent=harness.user("service_agent", department=harness.department("Desk"), name="agent"),
        executive=harness.user("executive", name="executive"),
    )


def customer_state(**changes: Any) -> dict[str, Any]:
    """The public state of a customer as the customer service publishes it."""
    return {
        "id": str(new_id()),
        "number": "KH-2026-000001",
        "name": "北京长城贸易有限公司",
        "region": None,
        "manager_id": None,
        "level": "ordinary",
        "satisfaction": 3,
        "credit": 3,
        "address": None,
        "phone": None,
        "industry": None,
        "source": None,
        "type": None,
        "stage": None,
        "registration_no": None,
        "status": "normal",
        "lost_at": None,
        "sales_codes": [],
        "is_prospect": False,
        "merged_into": None,
        "created_at": "2026-01-05T02:00:00Z",
        "created_by": str(UUID(int=0)),
        **changes,
    }


@pytest.fixture
def make_customer(harness: Harness) -> MakeCustomer:
    """Delivers a customer: ``make_customer(manager=somebody, name="…")``."""

    def make(manager: User | None = None, version: int = 1, **changes: Any) -> dict[str, Any]:
        manager_id = str(manager.id) if manager else None
        state = customer_state(manager_id=manager_id, **changes)
        harness.deliver("customer.customer-changed.v1", state, subject=state["id"], version=version)
        return state

    return make


@pytest.fixture
def make_request(harness: Harness, staff: Staff, make_customer: MakeCustomer) -> MakeRequest:
    """Makes a request in a status: ``make_request("handled", creator=…, assignee=…)``."""

    def make(
        status: str = "created", *, creator: User | None = None, assignee: User | None = None,
        customer: dict[str, Any] | None = None, **form: Any,
    ) -> dict[str, Any]:  # fmt: skip
        customer = customer or make_customer(staff.manager)
        assignee = assignee or staff.agent
        body = {
            "customer_id": customer["id"],
            "type": "complaint",
            "summary": "Two boxes arrived wet",
            "description": "They want new ones.",
            **form,
        }
        made = harness.as_(creator or staff.agent).post("/requests", body, 201)
        path = f"/requests/{made['id']}"
        if status in ("assigned", "handled", "archived"):
            assign = {"assignee_id": str(assignee.id)}
            made = harness.as_(staff.director).post(f"{path}/assign", assign)
        if status in ("handled", "archived"):
            made = harness.as_(assignee).post(f"{path}/handle", {"handling": "Sent new ones"})
        if status == "archived":
            good = {"result": "Fine", "satisfaction": 5}
            made = harness.as_(staff.agent).post(f"{path}/feedback", good)
        if status == "cancelled":
            made = harness.as_(staff.director).post(f"{path}/cancel", {"reason": "twice"})
        assert made["status"] == status
        return made

    return make
