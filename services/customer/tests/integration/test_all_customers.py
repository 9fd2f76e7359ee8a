"""The orders and the contacts of all customers, within the caller's scope."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import select

from kehu_chassis.testing.plans import unserved_sorts
from kehu_customer.features.contacts import service as contacts
from kehu_customer.features.contacts.models import Contact
from kehu_customer.features.orders import service as orders
from kehu_customer.features.orders.models import SalesOrder

PERSON = {"gender": "female", "title": "Buyer", "office_phone": "1"}


@pytest.fixture
def two(world: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A customer of the manager and one of the outsider, each with orders and a contact."""
    ours = world.customer(name="Ours", sales_codes=["C-1"])
    theirs = world.customer(world.outsider, name="Theirs")
    for status in range(1, 7):
        world.order("C-1", f"2026-01-0{status}", status=status, number=f"N-{status}")
    world.order(None, "2026-02-01", number="M-1", customer_number=theirs["number"], currency="CNY")
    world.order("C-404", "2026-03-01", number="X-1")
    for customer, user in ((ours, world.manager), (theirs, world.outsider)):
        person = PERSON | {"name": f"Li of {customer['name']}", "department": "采购部"}
        world.as_(user).post(f"/customers/{customer['id']}/contacts", person, 201)
    return ours, theirs


def _numbers(world: Any, user: Any, query: str = "") -> list[str]:
    page = world.as_(user).get(f"/orders?{query}")
    assert page["total"] == len(page["items"])
    return [order["order_no"] for order in page["items"]]


def test_orders_of_all_customers_are_listed_within_the_scope(world: Any, two: Any) -> None:
    for user, numbers in (
        (world.manager, ["N-6", "N-5"]), (world.director, ["N-6", "N-5"]), (world.colleague, []),
        (world.outsider, ["M-1"]), (world.other_director, ["M-1"]),
        (world.executive, ["M-1", "N-6", "N-5"]), (world.agent, ["M-1", "N-6", "N-5"]),
    ):  # fmt: skip
        assert _numbers(world, user) == numbers, user.username
    world.as_(world.admin).get("/orders", 403)
    [order] = world.as_(world.outsider).get("/orders")["items"]
    assert (order["customer_name"], order["customer_id"]) == ("Theirs", two[1]["id"])
    assert order["customer_number"] == two[1]["number"]
    [same] = world.as_(world.outsider).get(f"/customers/{two[1]['id']}/orders")["items"]
    assert same == order


def test_orders_of_all_customers_are_filtered(world: Any, two: Any) -> None:
    ours, theirs = two
    for query, numbers in (
        ("status=1,2,3,4,5,6&sort=order_no", ["M-1", "N-1", "N-2", "N-3", "N-4", "N-5", "N-6"]),
        (f"customer_id={theirs['id']}", ["M-1"]),
        (f"customer_id={ours['id']},{theirs['id']}", ["M-1", "N-6", "N-5"]),
        ("currency=CNY", ["M-1"]),
        ("ordered_on_from=2026-01-06", ["M-1", "N-6"]),
        ("ordered_at_to=2026-01-05", ["N-5"]),
        ("order_no=N-5,X-1", ["N-5"]),
        ("q=n6", ["N-6"]),
        ("q=N&status=1", ["N-1"]),
        ("q=_", []),
    ):
        assert _numbers(world, world.executive, query) == numbers, query
    assert _numbers(world, world.manager, f"customer_id={theirs['id']}") == []
    world.as_(world.manager).get("/orders?customer_number=1", 422)


def test_orders_of_all_customers_have_pages(world: Any, two: Any) -> None:
    client, seen, cursor = world.as_(world.executive), [], ""
    while cursor is not None:
        page = client.get(f"/orders?limit=1{cursor and f'&cursor={cursor}'}")
        seen += [order["order_no"] for order in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["M-1", "N-6", "N-5"]


def test_contacts_of_all_customers_are_listed_within_the_scope(world: Any, two: Any) -> None:
    for user, names in (
        (world.manager, ["Li of Ours"]), (world.director, ["Li of Ours"]), (world.colleague, []),
        (world.outsider, ["Li of Theirs"]), (world.executive, ["Li of Ours", "Li of Theirs"]),
    ):  # fmt: skip
        for query in ("", "&department=采购部", "&q=Li", "&is_primary=true"):
            page = world.as_(user).get(f"/contacts?sort=name{query}")
            assert [one["name"] for one in page["items"]] == names, (user.username, query)
    world.as_(world.admin).get("/contacts", 403)
    [one] = world.as_(world.executive).get(f"/contacts?customer_id={two[0]['id']}")["items"]
    assert (one["customer_name"], one["customer_number"]) == ("Ours", two[0]["number"])
    assert world.as_(world.manager).get(f"/contacts?customer_id={two[1]['id']}")["items"] == []
    [own] = world.as_(world.manager).get("/contacts")["items"]
    assert own["actions"] == ["update_contact"]  # the last one of a customer stays


def test_they_are_exported_within_the_scope(world: Any, two: Any) -> None:
    def rows(user: Any, path: str) -> list[dict[str, str]]:
        response = world.as_(user).request("GET", path)
        assert response.status_code == 200, response.text
        return list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))

    for user, found in ((world.director, {"Ours"}), (world.executive, {"Ours", "Theirs"})):
        for path in ("/orders/export?status=5,6", "/contacts/export"):
            names = {value for row in rows(user, path) for value in row.values()}
            assert names & {"Ours", "Theirs"} == found, path
    for path in ("/orders/export", "/contacts/export"):
        assert world.as_(world.manager).request("GET", path).status_code == 403


def test_every_order_of_these_lists_comes_from_an_index(world: Any) -> None:
    assert unserved_sorts(world.harness, orders.ALL, select(SalesOrder)) == []
    assert unserved_sorts(world.harness, contacts.ALL, select(Contact)) == []
