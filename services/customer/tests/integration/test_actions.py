"""The actions that responses show are those that are not refused."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy

from kehu_chassis.testing import User
from kehu_chassis.testing.operations import untrue
from kehu_customer.features.churn.models import ChurnWarning
from kehu_customer.features.contacts.models import Contact
from kehu_customer.features.customers.models import Customer

from .conftest import World

CONTACT = {"name": "Li", "gender": "female", "title": "Buyer", "office_phone": "1"}
LOST = {"reason_code": "competitor", "reason": "Went elsewhere"}


def people(world: World) -> dict[str, User]:
    return {name: one for name, one in vars(world).items() if isinstance(one, User)}


def bodies(world: World) -> dict[str, Any]:
    return {
        "update_customer": {"remark": "Likes tea"},
        "restore_customer": {},
        "link_sales_code": {"code": "NEW"},
        "unlink_sales_code": {"code": "E"},
        "reassign_customer": {"manager_id": str(world.colleague.id)},
        "reactivate_customer": {"reason": "A new order"},
        "create_contact": CONTACT,
        "update_contact": {"name": "Wang"},
        "reprieve_churn_warning": {"measure": "Called"},
        "confirm_churn_warning": LOST,
    }


def lose(world: World, path: str) -> None:
    world.as_(world.manager).post(f"{path}/reprieves", {"measure": "Called"}, 201)
    world.as_(world.manager).post(f"{path}/confirm", LOST)


def listed(world: World, who: User, query: str = "") -> list[dict[str, Any]]:
    response = world.as_(who).request("GET", f"/customers{query}")
    return response.get_json()["items"] if response.status_code == 200 else []


@pytest.mark.parametrize("state", ["new", "shared", "ordered", "lost", "deleted"])
def test_what_is_shown_of_a_customer_is_true(
    world: World, request: pytest.FixtureRequest, state: str
) -> None:
    world.mention("NEW")
    if state in ("ordered", "lost"):
        made = request.getfixturevalue("customer")
    else:
        made = world.customer(sales_codes=["E"])
    if state == "lost":
        lose(world, request.getfixturevalue("path"))
    if state == "shared":
        setting = {"key": "customer_sharing", "value": "full"}
        world.harness.deliver("auth.setting-changed.v1", setting, subject="customer_sharing")
    path = f"/customers/{made['id']}"
    if state == "deleted":
        world.as_(world.director).expect(204, "DELETE", path, if_match="*")
    shown = {}
    for name, who in people(world).items():
        items = listed(world, who, "?deleted=true" if state == "deleted" else "")
        actions = items[0]["actions"] if items else None
        if items and state != "deleted":
            assert world.as_(who).get(path)["actions"] == actions
        client, ids = world.as_(who), {"customer_id": made["id"]}
        faults = untrue(world.harness, client, Customer, ids, bodies(world), shown=actions)
        assert faults == [], (name, state)
        shown[name] = actions
    assert ("delete_customer" in (shown["director"] or [])) == (state in ("new", "shared"))
    assert (shown["director"] == ["restore_customer"]) == (state == "deleted")


def test_codes_are_editable_only_for_those_who_may_link_them(world: World) -> None:
    path = f"/customers/{world.customer()['id']}"
    fields = {
        who: set(world.as_(who).get(path)["editable"])
        for who in people(world).values()
        if world.as_(who).request("GET", path).status_code == 200
    }
    assert fields[world.director] - fields[world.manager] == {"sales_codes"}
    assert fields[world.executive] == set() and "manager_id" not in fields[world.director]


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_shown_of_a_contact_is_true(world: World, number: int) -> None:
    made = world.customer()
    path = f"/customers/{made['id']}/contacts"
    first, *_ = [world.as_(world.manager).post(path, CONTACT, 201) for _ in range(number)]
    for name, who in people(world).items():
        client = world.as_(who)
        page = client.request("GET", path)
        items = page.get_json()["items"] if page.status_code == 200 else []
        actions = items[0]["actions"] if items else None
        ids = {"customer_id": made["id"], "contact_id": first["id"]}
        faults = untrue(world.harness, client, Contact, ids, bodies(world), shown=actions)
        assert faults == [], name
        if name in ("manager", "director"):
            assert ("delete_contact" in actions) == (number > 1)


@pytest.mark.parametrize("state", ["open", "reprieved", "confirmed"])
def test_what_is_shown_of_a_warning_is_true(world: World, path: str, state: str) -> None:
    if state == "reprieved":
        world.as_(world.director).post(f"{path}/reprieves", {"measure": "Called"}, 201)
    if state == "confirmed":
        lose(world, path)
    for name, who in people(world).items():
        client = world.as_(who)
        page = client.request("GET", "/churn-warnings")
        items = page.get_json()["items"] if page.status_code == 200 else []
        actions = items[0]["actions"] if items else None
        ids = {"warning_id": path.rpartition("/")[2]}
        faults = untrue(world.harness, client, ChurnWarning, ids, bodies(world), shown=actions)
        assert faults == [], name
        if name == "director":
            number = {"open": 1, "reprieved": 2, "confirmed": 0}[state]
            assert len(actions) == number


def test_the_actions_of_a_page_take_as_many_queries_as_those_of_a_record(world: World) -> None:
    statements: list[str] = []
    engine, executed = world.harness.database.engine, "before_cursor_execute"
    sqlalchemy.event.listen(engine, executed, lambda *args: statements.append(args[2]))
    counts = []
    for number in (1, 2, 3):
        world.customer()
        statements.clear()
        items = listed(world, world.director)
        assert len(items) == number and "delete_customer" in items[0]["actions"]
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts
