"""One team's records of every kind, created through the gateway and the broker."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from tests.support.stack import RunningStack, Session, eventually
from tests.support.trade import paid_order

CONTACT = {"name": "Li", "gender": "female", "title": "Buyer", "office_phone": "1"}
VIEW = {"list_name": "customers", "filters": {"level": "partner"}}
PLAN_ITEM = {"date": "2026-12-13", "content": "x"}


@dataclass(frozen=True)
class Records:
    """A director, their account manager and the ids of their records, by the names of the path
    parameters.  A search for ``secret`` finds all of them."""

    secret: str
    department_id: str
    director: Session
    manager: Session
    ids: dict[str, str]


def records_of_a_team(stack: RunningStack) -> Records:
    """Create a team and its records."""
    department = stack.department("Ours")
    manager = stack.person("account_manager", department_id=department)
    director = stack.person("sales_director", department_id=department)
    secret = f"Secret{uuid4().hex[:8]}"
    customer = a_customer(manager, secret)
    path = f"/api/v1/customer/customers/{customer}"
    ids = {
        "customer_id": customer,
        "contact_id": manager.post(f"{path}/contacts", CONTACT, 201)["id"],
        "order_id": an_order(stack, manager, path),
        "request_id": a_request(director, manager, customer),
        **a_warning(stack, manager, customer),
        **an_opportunity(director, manager, secret),
        "view_id": manager.post("/api/v1/auth/saved-views", VIEW | {"name": secret}, 201)["id"],
        "session_id": manager.get("/api/v1/auth/me/sessions")["items"][0]["id"],
        "notification_id": eventually(
            lambda: manager.get("/api/v1/service-desk/notifications")["items"]
        )[0]["id"],
    }
    return Records(secret, department, director, manager, ids)


def a_customer(manager: Session, name: str) -> str:
    """A customer of the manager."""
    form = {"name": name, "region": "north", "address": "1 Road", "phone": "1", "level": "ordinary"}
    made = eventually(lambda: manager.post("/api/v1/customer/customers", form, 201))
    return str(made["id"])


def an_order(stack: RunningStack, manager: Session, customer: str) -> str:
    """An old paid order, as the sales system publishes it."""
    customer_number = manager.get(customer)["number"]
    stack.publish_as_sales(paid_order(f"SO-{uuid4().hex[:8]}", customer_number=customer_number))
    (order,) = eventually(lambda: manager.get(f"{customer}/orders")["items"])
    return str(order["id"])


def a_warning(stack: RunningStack, manager: Session, customer: str) -> dict[str, str]:
    """The churn warning of a customer with an old order, and the scan that opened it."""
    scan = stack.admin.request("POST", "/api/v1/customer/churn-scans", {})
    eventually(lambda: stack.admin.get(scan.headers["Location"])["state"] == "done")
    found = manager.get(f"/api/v1/customer/churn-warnings?customer_id={customer}")
    return {
        "warning_id": found["items"][0]["id"],
        "scan_id": scan.headers["Location"].rpartition("/")[2],
    }


def a_request(director: Session, manager: Session, customer: str) -> str:
    """A service request, assigned to the manager."""
    form = {"type": "complaint", "summary": "x", "description": "x", "customer_id": customer}
    made = eventually(lambda: manager.post("/api/v1/service-desk/requests", form, 201))
    body = {"assignee_id": manager.user["id"]}
    eventually(lambda: director.post(f"/api/v1/service-desk/requests/{made['id']}/assign", body))
    return str(made["id"])


def an_opportunity(director: Session, manager: Session, name: str) -> dict[str, str]:
    """An opportunity in development, with a step planned."""
    form = {"customer_name": name, "success_rate": 40, "summary": "x", "description": "x"}
    made = eventually(lambda: manager.post("/api/v1/marketing/opportunities", form, 201))
    path = f"/api/v1/marketing/opportunities/{made['id']}"
    body = {"assignee_id": manager.user["id"]}
    eventually(lambda: director.post(f"{path}/assign", body))
    item = manager.post(f"{path}/plan-items", PLAN_ITEM, 201)
    return {"opportunity_id": made["id"], "item_id": item["id"]}
