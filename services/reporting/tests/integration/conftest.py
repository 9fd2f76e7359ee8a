"""People, and makers of events, for the tests of reporting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness, User

Make = Callable[..., dict[str, Any]]
OPEN = (
    "qualification",
    "needs_analysis",
    "value_proposition",
    "decision_makers",
    "proposal",
    "negotiation",
)
STAGES = (*OPEN, "won", "lost", "lost_to_competitor")


@dataclass
class Staff:
    executive: User
    director: User
    other_director: User
    manager: User
    outsider: User


@pytest.fixture
def staff(harness: Harness) -> Staff:
    """Two teams: manager and director in the east (the manager one level below), another west."""
    east, west = harness.department("East"), harness.department("West")
    below = harness.department("East 1", parent=east)
    return Staff(
        executive=harness.user("executive", name="executive"),
        director=harness.user("sales_director", department=east, name="director"),
        other_director=harness.user("sales_director", department=west, name="other"),
        manager=harness.user("account_manager", department=below, name="manager"),
        outsider=harness.user("account_manager", department=west, name="outsider"),
    )


def customer_state(manager: User | None = None, **changes: Any) -> dict[str, Any]:
    """The public state of a customer as the customer service publishes it."""
    return {
        "id": str(new_id()),
        "number": "KH-2026-000001",
        "name": "北京长城贸易有限公司",
        "region": None,
        "manager_id": str(manager.id) if manager else None,
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
def make_customer(harness: Harness) -> Make:
    """Delivers a customer: ``make_customer(manager, name="…")``."""

    def make(manager: User | None = None, version: int = 1, **changes: Any) -> dict[str, Any]:
        state = customer_state(manager, **changes)
        harness.deliver("customer.customer-changed.v1", state, subject=state["id"], version=version)
        return state

    return make


def order_state(customer: dict[str, Any], total: str = "100.00", **changes: Any) -> dict[str, Any]:
    """An order as the customer service records it."""
    return {
        "order_id": str(new_id()),
        "order_no": f"SO-{new_id()}",
        "customer_id": customer["id"],
        "customer_number": customer["number"],
        "customer_name": customer["name"],
        "manager_id": customer["manager_id"],
        "status": 6,
        "ordered_at": "2026-03-01T02:00:00Z",
        "currency": "CNY",
        "total": total,
        "profit": None,
        "paid_amount": None,
        "lines": [{"product_code": "A4", "quantity": "1", "amount": total}],
        **changes,
    }


@pytest.fixture
def make_order(harness: Harness) -> Make:
    """Records an order: ``make_order(customer, "12.00", status=5)``."""

    def make(
        customer: dict[str, Any], total: str = "100.00", version: int = 1, **changes: Any
    ) -> dict[str, Any]:
        order = order_state(customer, total, **changes)
        harness.deliver(
            "customer.order-recorded.v1", order, subject=order["order_id"], version=version
        )
        return order

    return make


@pytest.fixture
def make_return(harness: Harness) -> Make:
    """Records a return: ``make_return(customer, "12.00")``."""

    def make(customer: dict[str, Any], total: str, **changes: Any) -> dict[str, Any]:
        back = {
            "return_no": f"R-{new_id()}",
            "customer_id": customer["id"],
            "order_no": None,
            "returned_at": "2026-03-05T02:00:00Z",
            "currency": "CNY",
            "total": total,
            **changes,
        }
        harness.deliver("customer.return-recorded.v1", back, subject=back["return_no"])
        return back

    return make


def warning_state(customer: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A churn warning as the customer service publishes it."""
    return {
        "id": str(new_id()),
        "customer_id": customer["id"],
        "customer_number": customer["number"],
        "customer_name": customer["name"],
        "manager_id": customer["manager_id"],
        "kind": "inactive",
        "state": "open",
        "last_order_on": "2026-04-30",
        "cut_off_on": "2026-05-21",
        "opened_at": "2026-11-20T18:00:00Z",
        "closed_at": None,
        "next_review_on": None,
        **changes,
    }


@pytest.fixture
def make_warning(harness: Harness) -> Make:
    """Opens a churn warning; a state other than open arrives as a second event."""
    event_type = "customer.churn-warning-changed.v1"

    def make(customer: dict[str, Any], state: str = "open", **changes: Any) -> dict[str, Any]:
        warning = warning_state(customer, **changes)
        harness.deliver(event_type, warning, subject=warning["id"], version=1)
        if state != "open":
            warning = warning | {"state": state}
            harness.deliver(event_type, warning, subject=warning["id"], version=2)
        return warning

    return make


def loss_state(
    customer: dict[str, Any], lost_at: str = "2026-11-21T02:00:00Z", **changes: Any
) -> dict[str, Any]:
    """A lost customer as the customer service publishes it."""
    return customer | {
        "status": "lost",
        "lost_at": lost_at,
        "warning_id": str(new_id()),
        "reason_code": "price",
        "reason": "Went to a cheaper one",
        "manager_at_loss_id": customer["manager_id"],
        "confirmed_by": str(new_id()),
        **changes,
    }


@pytest.fixture
def lose(harness: Harness) -> Make:
    """Loses a customer: ``lose(customer, reason_code="service")``; the fact and the new state."""

    def make(customer: dict[str, Any], version: int = 2, **changes: Any) -> dict[str, Any]:
        loss = loss_state(customer, **changes)
        state = {name: loss[name] for name in customer}
        harness.deliver("customer.customer-lost.v1", loss, subject=loss["id"], version=version)
        harness.deliver("customer.customer-changed.v1", state, subject=loss["id"], version=version)
        return loss

    return make


@pytest.fixture
def win_back(harness: Harness) -> Make:
    """Reactivates a customer at a moment; the fact and the new state."""

    def make(customer: dict[str, Any], at: str, version: int = 3) -> dict[str, Any]:
        state = customer | {"status": "normal", "lost_at": None}
        data = state | {"cause": "order", "reactivated_at": at, "reason": None}
        harness.deliver(
            "customer.customer-reactivated.v1", data, subject=data["id"], version=version
        )
        harness.deliver("customer.customer-changed.v1", state, subject=data["id"], version=version)
        return data

    return make


@pytest.fixture
def make_stage(harness: Harness) -> Make:
    """Delivers a stage: ``make_stage("trial", 7, type="open")``."""

    def make(code: str, position: int, version: int = 1, **changes: Any) -> dict[str, Any]:
        stage = harness.example("marketing.stage-changed.v1") | {
            "id": str(uuid5(NAMESPACE_URL, code)),
            "code": code,
            "position": position,
            "label_en": code.replace("_", " ").capitalize(),
            **changes,
        }
        harness.deliver("marketing.stage-changed.v1", stage, subject=stage["id"], version=version)
        return stage

    return make


@pytest.fixture
def pipeline(make_stage: Make) -> dict[str, dict[str, Any]]:
    """The nine stages that marketing begins with."""
    kinds = {"won": "won", "lost": "lost", "lost_to_competitor": "lost"}
    return {
        code: make_stage(code, position, type=kinds.get(code, "open"))
        for position, code in enumerate(STAGES, 1)
    }


@pytest.fixture
def make_opportunity(harness: Harness, staff: Staff) -> Make:
    """Delivers an opportunity: ``make_opportunity("negotiation", expected_amount="5.00")``."""

    def make(stage: str | None = "qualification", version: int = 9, **changes: Any) -> Any:
        status = {None: "unassigned", "won": "won", "lost": "lost", "lost_to_competitor": "lost"}
        kind = {None: None, "won": "won", "lost": "lost", "lost_to_competitor": "lost"}
        data = harness.example("marketing.opportunity-changed.v1") | {
            "id": str(new_id()),
            "stage": stage,
            "stage_type": kind.get(stage, "open"),
            "status": status.get(stage, "developing"),
            "assignee_id": str(staff.manager.id) if stage else None,
            "created_by": str(staff.manager.id),
            "created_at": "2026-03-01T02:00:00Z",
            "expected_amount": "100.00",
            "amount": None,
            "currency": "CNY",
            **changes,
        }
        harness.deliver(
            "marketing.opportunity-changed.v1", data, subject=data["id"], version=version
        )
        return data

    return make


@pytest.fixture
def move(harness: Harness) -> Callable[..., None]:
    """Moves an opportunity through stages, a day in each: ``move(opportunity, "a", "b")``."""

    def make(opportunity: dict[str, Any], *stages: str, days: int = 1) -> None:
        before: str | None = None
        for day, stage in enumerate(stages, 1):
            change = harness.example("marketing.opportunity-stage-changed.v1") | {
                "opportunity_id": opportunity["id"],
                "from_stage": before,
                "to_stage": stage,
                "changed_at": f"2026-03-{day:02}T02:00:00Z",
                "seconds_in_from_stage": days * 86_400 if before else None,
            }
            harness.deliver(
                "marketing.opportunity-stage-changed.v1",
                change,
                subject=opportunity["id"],
                version=day,
            )
            before = stage

    return make
