"""The two main flows of Kehu, through the gateway and the broker only."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.support.stack import RunningStack, Session, cloud_event, eventually


@dataclass
class Team:
    director: Session
    manager: Session
    other_manager: Session
    executive: Session
    agent: Session


@pytest.fixture(scope="module")
def team(stack: RunningStack) -> Team:
    east, west = stack.department("East"), stack.department("West")
    return Team(
        director=stack.person("sales_director", department_id=east),
        manager=stack.person("account_manager", department_id=east),
        other_manager=stack.person("account_manager", department_id=west),
        executive=stack.person("executive"),
        agent=stack.person("service_agent", department_id=east),
    )


def win(team: Team, name: str) -> dict[str, Any]:
    form = {
        "customer_name": name, "success_rate": 40, "summary": "Paper", "description": "A contract",
        "expected_amount": "1000.00", "contact_name": "王芳", "region": "north",
    }  # fmt: skip
    made = team.manager.post("/api/v1/marketing/opportunities", form, 201)
    path = f"/api/v1/marketing/opportunities/{made['id']}"
    # Other services receive users by event, so the director may be known a moment later.
    eventually(lambda: team.director.get(path))
    body = {"assignee_id": team.manager.user["id"]}
    eventually(lambda: team.director.post(f"{path}/assign", body))
    won: dict[str, Any] = team.manager.post(f"{path}/win", {})
    return won


def customer_named(session: Session, name: str) -> dict[str, Any] | None:
    items = session.get(f"/api/v1/customer/customers?q={name}")["items"]
    found = [item for item in items if item["name"] == name]
    assert len(found) <= 1
    return found[0] if found else None


def order(number: str, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "order_no": number, "customer_code": f"C-{name}", "ordered_at": "2025-01-15T10:00:00+08:00",
        "status": 6, "currency": "CNY", "total": "300.00",
        "lines": [
            {"product_code": "A4", "name": "Paper", "quantity": "3", "amount": "300.00"},
        ],
    } | changes  # fmt: skip


def test_a_won_opportunity_becomes_a_customer_with_orders_and_a_churn_warning(
    stack: RunningStack, team: Team
) -> None:
    name = f"Acme{uuid4().hex[:8]}"
    won = win(team, name)
    customer = eventually(lambda: customer_named(team.manager, name))
    assert customer["manager_id"] == team.manager.user["id"]
    path = f"/api/v1/customer/customers/{customer['id']}"
    eventually(
        lambda: (
            team.manager.get(f"/api/v1/marketing/opportunities/{won['id']}")["customer_id"]
            == customer["id"]
        )
    )
    contacts = team.manager.get(f"{path}/contacts")["items"]
    assert [contact["name"] for contact in contacts] == ["王芳"]

    # The sales system has a customer of this name and sells to it.
    known = {"code": f"C-{name}", "name": name}
    number = f"SO-{uuid4().hex[:8]}"
    event = cloud_event("sales.order-paid.v1", order(number, name), subject=number)
    stack.publish_as_sales(
        ("sales.order-paid.v1", event),
        ("sales.order-paid.v1", event),  # a duplicate changes nothing
        (
            "sales.customer-changed.v1",
            cloud_event("sales.customer-changed.v1", known, subject=f"C-{name}"),
        ),
    )
    orders = eventually(lambda: team.manager.get(f"{path}/orders")["items"])
    assert [(o["order_no"], o["total"]) for o in orders] == [(number, "300.00")]
    assert team.other_manager.request("GET", f"{path}/orders").status == 404

    # Six months later the company has not ordered again.
    response = stack.admin.request("POST", "/api/v1/customer/churn-scans", {"as_of": "2025-08-01"})
    assert response.status == 202
    scan = response.headers["Location"]
    eventually(lambda: stack.admin.get(scan)["state"] == "done")
    warnings_path = f"/api/v1/customer/churn-warnings?customer_id={customer['id']}"
    (warning,) = team.manager.get(warnings_path)["items"]
    assert (warning["kind"], warning["state"]) == ("inactive", "open")
    eventually(
        lambda: [
            n
            for n in team.manager.get("/api/v1/service-desk/notifications")["items"]
            if n["code"] == "churn-warned"
        ]
    )
    one = f"/api/v1/customer/churn-warnings/{warning['id']}"
    confirm = {"reason_code": "competitor", "reason": "Bought elsewhere"}
    assert team.other_manager.request("POST", f"{one}/confirm", confirm).status == 404
    team.manager.expect(409, "POST", f"{one}/confirm", confirm)
    team.manager.post(f"{one}/reprieves", {"measure": "Visited them"}, 201)
    team.manager.post(f"{one}/confirm", confirm)
    assert team.manager.get(path)["status"] == "lost"

    def churn_rows() -> list[Any]:
        report = team.executive.get("/api/v1/reporting/customer-churn/rows?customer_name=" + name)
        rows: list[Any] = report["items"]
        return rows

    assert len(eventually(churn_rows)) == 1

    # The company orders again and is a customer again.
    again = f"SO-{uuid4().hex[:8]}"
    stack.publish_as_sales(
        (
            "sales.order-placed.v1",
            cloud_event(
                "sales.order-placed.v1",
                order(again, name, status=1, ordered_at="2099-01-01T00:00:00Z"),
                subject=again,
            ),
        )
    )
    eventually(lambda: team.manager.get(path)["status"] == "normal")


def test_a_request_is_handled_again_until_the_customer_is_satisfied(
    stack: RunningStack, team: Team
) -> None:
    name = f"Beta{uuid4().hex[:8]}"
    win(team, name)
    customer = eventually(lambda: customer_named(team.manager, name))
    form = {
        "type": "complaint", "summary": "Torn paper", "description": "Two boxes were torn.",
        "customer_id": customer["id"],
    }  # fmt: skip
    made = eventually(lambda: team.agent.post("/api/v1/service-desk/requests", form, 201))
    path = f"/api/v1/service-desk/requests/{made['id']}"
    assert team.other_manager.request("GET", path).status == 404
    body = {"assignee_id": team.agent.user["id"]}
    team.director.post(f"{path}/assign", body)
    eventually(
        lambda: [
            n
            for n in team.agent.get("/api/v1/service-desk/notifications")["items"]
            if n["code"] == "request-assigned"
        ]
    )
    for satisfaction, status in ((2, "assigned"), (5, "archived")):
        team.agent.post(f"{path}/handle", {"handling": "Sent new boxes"})
        feedback = {"result": "Received", "satisfaction": satisfaction}
        assert team.agent.post(f"{path}/feedback", feedback)["status"] == status
    assert team.agent.get(path)["rounds"] == 2


def test_poison_events_do_not_block_good_ones(stack: RunningStack, team: Team) -> None:
    name = f"Gamma{uuid4().hex[:8]}"
    win(team, name)
    customer = eventually(lambda: customer_named(team.manager, name))
    kind = "sales.order-paid.v1"
    number = customer["number"]

    def bought(order_no: str, **changes: Any) -> bytes:
        data = order(order_no, name, customer_number=number, **changes)
        return cloud_event(kind, data, subject=order_no)

    poison = [
        (kind, b"not json"),
        (kind, b'{"hello": "world"}'),
        (kind, bought("P-1", status=7)),
        (kind, bought("P-2", lines=[{"product_code": "A", "quantity": "-1", "amount": "1.00"}])),
        (kind, bought("P-3", total="a lot")),
        ("sales.unknown.v1", cloud_event("sales.unknown.v1", {}, subject="x")),
    ]
    before = stack.admin.get("/api/v1/customer/dead-letters?state=dead")["total"]
    good = [f"G-{uuid4().hex[:8]}" for _ in range(3)]
    mixed = [poison[0], poison[1], (kind, bought(good[0])), *poison[2:5], (kind, bought(good[1]))]
    stack.publish_as_sales(*mixed, poison[5], (kind, bought(good[2])))
    path = f"/api/v1/customer/customers/{customer['id']}/orders"
    eventually(lambda: team.manager.get(path)["total"] == 3)
    dead = eventually(
        lambda: (
            page
            if (page := stack.admin.get("/api/v1/customer/dead-letters?state=dead"))["total"]
            >= before + len(poison)
            else None
        )
    )
    assert dead["total"] == before + len(poison)
    reasons = " ".join(item["reason"] for item in dead["items"])
    for reason in ("not JSON", "not a CloudEvent", "status", "quantity", "total", "unknown event"):
        assert reason in reasons
    (one, *_) = dead["items"]
    letter = f"/api/v1/customer/dead-letters/{one['id']}"
    stack.admin.expect(202, "POST", f"{letter}/replay", {})
    eventually(lambda: stack.admin.get(letter)["state"] == "dead", what="the replay fails again")
    stack.admin.expect(204, "DELETE", letter)


def test_an_order_waits_for_an_unknown_customer(stack: RunningStack, team: Team) -> None:
    name = f"Delta{uuid4().hex[:8]}"
    number = f"SO-{uuid4().hex[:8]}"
    event = cloud_event("sales.order-paid.v1", order(number, name), subject=number)
    stack.publish_as_sales(("sales.order-paid.v1", event))
    known = {"code": f"C-{name}", "name": name, "region": "north"}
    changed = cloud_event("sales.customer-changed.v1", known, subject=f"C-{name}")
    stack.publish_as_sales(("sales.customer-changed.v1", changed))
    customer = eventually(lambda: customer_named(team.director, name))
    assert customer["manager_id"] is None
    path = f"/api/v1/customer/customers/{customer['id']}/orders"
    eventually(lambda: team.director.get(path)["total"] == 1)
