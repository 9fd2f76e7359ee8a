"""What people and the sales system do every day: opportunities are won, orders are placed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import uuid4

from tests.support.stack import RunningStack, Session, cloud_event, eventually

ORDER, KNOWN = "sales.order-paid.v1", "sales.customer-changed.v1"


def win(director: Session, manager: Session, name: str) -> str:
    """Create and win an opportunity; returns its path."""
    form = {"customer_name": name, "success_rate": 40, "summary": "Paper", "description": "Much"}
    made = manager.post("/api/v1/marketing/opportunities", form, 201)
    path = f"/api/v1/marketing/opportunities/{made['id']}"
    # Other services receive users by event, so the director may be known a moment later.
    eventually(lambda: director.get(path))
    eventually(lambda: director.post(f"{path}/assign", {"assignee_id": manager.user["id"]}))
    manager.post(f"{path}/win", {"amount": "1000.00"})
    return path


def customer_of(reader: Session, opportunity: str) -> str:
    """The id of the customer created from a won opportunity, once it is known."""
    customer_id: str = eventually(lambda: reader.get(opportunity)["customer_id"], what=opportunity)
    return customer_id


def paid_order(number: str, *, version: int = 1, **changes: Any) -> tuple[str, bytes]:
    """Routing key and event of a paid order, as the sales system sends it; None omits a field."""
    data = {
        "order_no": number, "customer_code": f"C-{number}", "status": 6, "currency": "CNY",
        "ordered_at": "2025-01-15T10:00:00+08:00", "total": "300.00",
        "lines": [{"product_code": "A4", "name": "Paper", "quantity": "3", "amount": "300.00"}],
    }  # fmt: skip
    fields = {name: value for name, value in (data | changes).items() if value is not None}
    return ORDER, cloud_event(ORDER, fields, subject=number, version=version)


def sell(stack: RunningStack, name: str, number: str | None = None) -> str:
    """Publish an order as the sales system; returns its number."""
    number = number or f"SO-{uuid4().hex[:8]}"
    code = f"C-{name}"
    known = cloud_event(KNOWN, {"code": code, "name": name}, subject=code)
    stack.publish_as_sales((KNOWN, known), paid_order(number, customer_code=code))
    return number


def customers_named(reader: Session, name: str) -> list[str]:
    """The ids of the customers found by this name."""
    items = reader.get(f"/api/v1/customer/customers?q={quote(name)}")["items"]
    return [item["id"] for item in items]


def orders_of(reader: Session, customer_id: str) -> list[str]:
    """The numbers of a customer's orders, in order."""
    items = reader.get(f"/api/v1/customer/customers/{customer_id}/orders")["items"]
    return sorted(item["order_no"] for item in items)


def dead_letters(stack: RunningStack, service: str) -> int:
    """The number of a service's dead letters; earlier tests may have left some."""
    total: int = stack.admin.get(f"/api/v1/{service}/dead-letters")["total"]
    return total
