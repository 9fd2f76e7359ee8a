"""What the list of customers shows beside them, and how it is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kehu_chassis import clock
from kehu_chassis.data import counts


def _item(world: Any, user: Any, customer: dict[str, Any]) -> dict[str, Any]:
    items = world.as_(user).get("/customers")["items"]
    [item] = [item for item in items if item["id"] == customer["id"]]
    return dict(item)


def test_a_customer_is_listed_with_last_order_open_warning_and_primary_contact(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    bare = world.customer()
    today = clock.today()
    world.order("E", today - timedelta(9))
    world.order("E", today - timedelta(5))
    world.order("E", today - timedelta(1), kind="cancelled", status=4)
    path = f"/customers/{customer['id']}/contacts"
    person = {"name": "王芳", "gender": "female", "title": "Buyer", "office_phone": "010-6588"}
    contact = world.as_(world.manager).post(path, person, 201)
    world.as_(world.manager).post(path, person | {"name": "Other"}, 201)
    world.scan_later()
    warning = world.warned(customer)
    for user in (world.manager, world.director, world.executive):
        item = _item(world, user, customer)
        assert item["last_ordered_on"] == str(today - timedelta(5))
        assert (item["warning_id"], item["warning_state"]) == (warning["id"], "open")
        assert (item["primary_contact_id"], item["primary_contact_name"]) == (contact["id"], "王芳")
        assert (item["manager_name"], item["created_by_name"]) == ("Manager", "Director")
    item = _item(world, world.executive, bare)
    assert item["last_ordered_on"] is item["primary_contact_id"] is item["primary_contact_name"]
    assert item["primary_contact_name"] is None


def test_a_warning_is_listed_only_while_it_is_open(world: Any, customer: dict[str, Any]) -> None:
    warning = world.warned(customer)
    path = f"/churn-warnings/{warning['id']}"
    world.as_(world.manager).post(f"{path}/reprieves", {"measure": "Visit"}, 201, if_match=1)
    assert _item(world, world.manager, customer)["warning_state"] == "reprieved"
    world.order("E", clock.today())
    item = _item(world, world.manager, customer)
    assert (item["warning_id"], item["warning_state"]) == (None, None)


def test_only_whoever_may_read_a_warning_sees_it_in_the_list(
    world: Any, customer: dict[str, Any]
) -> None:
    item = _item(world, world.agent, customer)  # reads all customers, and no warnings
    assert (item["warning_id"], item["warning_state"]) == (None, None)
    assert item["last_ordered_on"] == "1997-06-01"


@pytest.mark.parametrize("cap", [counts.COUNT_CAP, 1])
def test_customers_are_counted_by_status_and_manager(
    world: Any, monkeypatch: pytest.MonkeyPatch, cap: int
) -> None:
    monkeypatch.setattr(counts, "COUNT_CAP", cap)
    for user in (world.manager, world.manager, world.outsider):
        world.customer(user)

    def counted(user: Any, query: str) -> dict[str, int]:
        found = world.as_(user).get(f"/customers/counts?{query}")["items"]
        return {one["name"] or one["value"]: one["count"] for one in found}

    def at_most(count: int) -> int:
        return min(count, cap)

    assert counted(world.executive, "by=status") == {"normal": at_most(3), "lost": 0}
    assert counted(world.executive, "by=manager_id") == {"Manager": at_most(2), "Outsider": 1}
    assert counted(world.director, "by=status") == {"normal": at_most(2), "lost": 0}
    assert counted(world.colleague, "by=manager_id") == {}
    assert counted(world.executive, "by=status&without_manager=true") == {"normal": 0, "lost": 0}
    assert counted(world.executive, "by=status&level=ordinary") == {"normal": 0, "lost": 0}
    world.as_(world.admin).get("/customers/counts?by=status", 403)
    world.as_(world.executive).get("/customers/counts?by=status&deleted=true", 403)


def test_warnings_are_counted_by_state_and_manager(world: Any, customer: dict[str, Any]) -> None:
    client = world.as_(world.director)
    found = client.get("/churn-warnings/counts?by=state")["items"]
    assert [(one["value"], one["count"]) for one in found] == [
        ("open", 1), ("reprieved", 0), ("confirmed", 0), ("recovered", 0),
    ]  # fmt: skip
    [one] = client.get("/churn-warnings/counts?by=manager_id&state=open")["items"]
    assert (one["value"], one["name"], one["count"]) == (str(world.manager.id), "Manager", 1)
    assert client.get(f"/churn-warnings/counts?by=manager_id&q={'x' * 20}")["items"] == []
    [open_, *_] = world.as_(world.outsider).get("/churn-warnings/counts?by=state")["items"]
    assert open_["count"] == 0
    world.as_(world.agent).get("/churn-warnings/counts?by=state", 403)
