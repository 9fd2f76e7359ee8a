"""Linking codes of the sales system by hand, and taking them away again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from kehu_chassis.actor import SYSTEM
from kehu_customer.features.customer_management import service as management

from .conftest import order_data
from .test_concurrency import _received, meanwhile
from .test_opportunities import lose

LINK, UNLINK = "link-sales-code", "unlink-sales-code"


def _post(
    world: Any, user: Any, customer: dict[str, Any], verb: str, code: str, status: int
) -> Any:
    path = f"/customers/{customer['id']}/{verb}"
    return world.as_(user).post(path, {"code": code}, status)


def test_account_managers_take_no_code(world: Any, form: dict[str, Any]) -> None:
    world.order("C-1", "2026-01-01")
    customer, client = world.customer(), world.as_(world.manager)
    path = f"/customers/{customer['id']}"
    for code in ("C-1", "C-future"):
        body = {"sales_codes": [code]}
        refused = client.post("/customers", form | body, 403)
        assert refused["params"]["permission"] == "customer:reassign"
        client.expect(403, "PATCH", path, body, if_match=1)
        _post(world, world.manager, customer, LINK, code, 403)
    assert world.orders(customer) == []
    assert client.post("/customers", form | {"sales_codes": []}, 201)["sales_codes"] == []
    refusals = [entry for entry in world.events("audit-recorded") if entry["outcome"] == "refused"]
    assert {(entry["operation"], entry["actor_id"]) for entry in refusals} == {
        (operation, str(world.manager.id))
        for operation in ("create_customer", "update_customer", "link_sales_code")
    }


def test_an_edit_that_leaves_the_codes_alone_needs_no_more(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1", "C-2"])
    client, path = world.as_(world.manager), f"/customers/{customer['id']}"
    body = {"sales_codes": ["C-2", "C-1"], "region": "x"}
    client.expect(200, "PATCH", path, body, if_match=1)
    client.expect(403, "PATCH", path, {"sales_codes": ["C-1"]}, if_match=2)


def test_directors_link_known_codes_only(world: Any, form: dict[str, Any]) -> None:
    customer, client = world.customer(), world.as_(world.director)
    path = f"/customers/{customer['id']}"
    body = {"sales_codes": ["C-future"]}
    for problem in (
        client.post("/customers", form | body, 422),
        client.expect(422, "PATCH", path, body, if_match=1),
    ):
        [error] = problem["errors"]
        assert (error["pointer"], error["code"]) == ("/sales_codes", "unknown-sales-code")
    _post(world, world.director, customer, LINK, "C-future", 422)
    assert client.get("/unlinked-accounts")["items"] == []
    world.order("C-ordered", "2026-01-01")
    world.harness.deliver(
        "sales.order-returned.v1",
        world.harness.example("sales.order-returned.v1") | {"customer_code": "C-returned"},
    )
    for code in ("C-ordered", "C-returned"):
        _post(world, world.director, customer, LINK, code, 200)
    assert world.get(customer)["sales_codes"] == ["C-ordered", "C-returned"]
    other = world.customer()
    _post(world, world.director, other, LINK, "C-ordered", 409)
    _post(world, world.director, customer, LINK, "C-ordered", 200)
    _post(world, world.director, customer, LINK, " ", 422)


def test_a_guessed_code_that_came_free_stays_unknown(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.as_(world.director).expect(204, "DELETE", f"/customers/{customer['id']}", if_match=1)
    _post(world, world.director, world.customer(), LINK, "C-1", 422)
    restored = world.as_(world.director).post(f"/customers/{customer['id']}/restore")
    assert restored["sales_codes"] == []


def test_codes_of_other_teams_customers_are_not_touched(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    for verb in (LINK, UNLINK):
        _post(world, world.other_director, customer, verb, "C-1", 404)
        _post(world, world.executive, customer, verb, "C-1", 403)
        _post(world, world.agent, customer, verb, "C-1", 403)


def test_unlinking_gives_the_orders_back_and_is_audited(world: Any) -> None:
    wrong, right = world.customer(sales_codes=["C-1"]), world.customer()
    world.order("C-1", "2026-01-01", version=7)
    back = world.harness.example("sales.order-returned.v1") | {"customer_code": "C-1"}
    world.harness.deliver("sales.order-returned.v1", back)
    after = _post(world, world.director, wrong, UNLINK, "C-1", 200)
    assert (after["sales_codes"], after["version"]) == ([], 2)
    assert world.orders(wrong) == []
    [waiting] = world.as_(world.director).get("/unlinked-accounts")["items"]
    assert (waiting["code"], waiting["waiting_orders"]) == ("C-1", 1)
    _post(world, world.director, wrong, UNLINK, "C-1", 422)
    _post(world, world.director, right, LINK, "C-1", 200)
    assert len(world.orders(right)) == 1
    world.order("C-1", "2026-01-02", version=8, number=world.orders(right)[0]["order_no"])
    for name, versions in (("order-recorded", [7, 8, 9, 10]), ("return-recorded", [1, 2, 3])):
        published = world.harness.published(f"customer.{name}.v1")
        assert [event["aggregateversion"] for event in published] == versions
        owners = [event["data"]["customer_id"] for event in published]
        assert owners[:3] == [wrong["id"], None, right["id"]]
    acts = [entry for entry in world.events("audit-recorded") if "sales-code" in entry["action"]]
    assert [(entry["action"], entry["record_id"]) for entry in acts] == [
        ("sales-code-unlinked", wrong["id"]),
        ("sales-code-linked", right["id"]),
    ]
    assert acts[0]["changes"] == [{"field": "sales_codes", "old": '["C-1"]', "new": "[]"}]


def test_an_order_that_names_our_number_stays(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "2026-01-01", customer_number=customer["number"])
    world.order("C-1", "2026-01-02")
    _post(world, world.director, customer, UNLINK, "C-1", 200)
    assert [order["ordered_on"] for order in world.orders(customer)] == ["2026-01-01"]


def test_no_event_links_a_code_again_that_a_person_has_taken_away(world: Any) -> None:
    customer = world.customer(name="Acme", registration_no="R-1")
    world.announce("C-1", "Acme")
    _post(world, world.director, customer, UNLINK, "C-1", 200)
    world.announce("C-1", "Acme", version=2, registration_no="R-1")
    world.announce("C-1", "Acme", version=3, customer_number=customer["number"])
    world.order("C-1", "2026-01-01", customer_number=customer["number"])
    world.order("C-1", "2026-01-02")
    assert [item["sales_codes"] for item in world.customers()] == [[]]
    assert [order["ordered_on"] for order in world.orders(customer)] == ["2026-01-01"]
    _post(world, world.director, customer, LINK, "C-1", 200)
    assert len(world.orders(customer)) == 2


def test_no_event_takes_a_code_away_that_a_person_has_linked(world: Any) -> None:
    customer = world.customer(name="Acme", registration_no="R-1", sales_codes=["C-1"])
    world.announce("C-1", "Acme", registration_no="R-2", phone="2")
    [item] = world.customers()
    assert (item["id"], item["sales_codes"]) == (customer["id"], ["C-1"])
    assert {found["sales"] for found in world.get(customer)["sales_differences"]} == {"R-2", "2"}


def test_a_link_by_name_is_undone_with_what_it_filled(world: Any) -> None:
    world.win("Acme", region=None, contact_name=None)
    world.announce("C-1", "Acme", registration_no="R-2", region="south")
    [acme] = world.customers()
    assert acme["registration_no"] == "R-2"
    _post(world, world.director, acme, UNLINK, "C-1", 200)
    after = world.get(acme)
    assert (after["registration_no"], after["region"]) == (None, None)


def test_the_churn_state_follows_the_orders(world: Any) -> None:
    wrong, right = world.customer(sales_codes=["C-0"]), world.customer()
    world.order("C-0", "1997-06-01")
    world.scan("1998-06-30")
    world.order("C-1", "1998-05-01")
    _post(world, world.director, wrong, LINK, "C-1", 200)
    assert world.warned(wrong)["state"] == "recovered"
    _post(world, world.director, wrong, UNLINK, "C-1", 200)
    assert world.warned(wrong)["state"] == "open"
    _post(world, world.director, right, LINK, "C-0", 409)
    _post(world, world.director, wrong, UNLINK, "C-0", 200)
    assert (world.warned(wrong)["last_order_on"], world.warned(wrong)["kind"]) == (
        None,
        "never_ordered",
    )


def test_codes_of_a_lost_customer_can_be_corrected(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1", "C-2"])
    world.order("C-1", "1997-06-01")
    world.scan("1998-06-30")
    lose(world, customer)
    _post(world, world.director, customer, UNLINK, "C-2", 200)
    world.order("C-3", "1998-06-01")
    linked = _post(world, world.director, customer, LINK, "C-3", 200)
    assert linked["status"] == "normal"


def test_one_edit_of_fields_and_codes_is_one_version(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.mention("C-2")
    body = {"sales_codes": ["C-2"], "name": "New name"}
    path = f"/customers/{customer['id']}"
    edited = world.as_(world.director).expect(200, "PATCH", path, body, if_match=1)
    assert (edited["version"], edited["sales_codes"]) == (2, ["C-2"])


def test_two_directors_link_one_code_at_once(world: Any) -> None:
    one, two = world.customer(), world.customer()
    world.order("C-1", "2026-01-01")
    client, statuses = world.as_(world.director), []

    def link() -> None:
        path = f"/customers/{two['id']}/{LINK}"
        statuses.append(client.request("POST", path, {"code": "C-1"}).status_code)

    with meanwhile(world, link) as session:
        management.link_code(session, SYSTEM, UUID(one["id"]), code="C-1")
    assert statuses == [409]
    assert (len(world.orders(one)), len(world.orders(two))) == (1, 0)


@pytest.mark.parametrize("first", ["unlink", "order"])
def test_no_order_is_orphaned_when_intake_and_unlinking_meet(world: Any, first: str) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "2026-01-01")
    data = order_data("C-1", "2026-01-02", number="N")
    ident = UUID(customer["id"])
    if first == "unlink":
        with meanwhile(world, lambda: world.order("C-1", "2026-01-02", number="N")) as session:
            management.unlink_code(session, SYSTEM, ident, code="C-1")
    else:
        from kehu_customer.features.sales_intake import service as sales_intake

        def unlink() -> None:
            _post(world, world.director, customer, UNLINK, "C-1", 200)

        with meanwhile(world, unlink) as session:
            received = _received(world, "sales.order-paid.v1", data)
            sales_intake.ingest_orders(session, [received])
    assert world.orders(customer) == []
    [waiting] = world.as_(world.director).get("/unlinked-accounts")["items"]
    assert waiting["waiting_orders"] == 2
