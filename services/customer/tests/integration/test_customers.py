"""Creating, finding, editing, reassigning and deleting customers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy
import time_machine
from sqlalchemy import select, text, update

from kehu_chassis import clock
from kehu_chassis.data import search
from kehu_chassis.identity.directory import Person
from kehu_chassis.testing.plans import unserved_sorts
from kehu_customer.features.customers.models import Customer
from kehu_customer.features.customers.service import LISTING


def test_a_customer_is_created_and_published(world: Any, form: dict[str, Any]) -> None:
    made = world.customer(**form)
    assert made["number"].startswith("KH-")
    assert (made["satisfaction"], made["credit"], made["status"]) == (3, 3, "normal")
    assert made["manager_id"] == str(world.manager.id)
    assert made["missing"] == ["contacts"]
    [created] = world.events("customer-created")
    assert created["id"] == made["id"] and created["opportunity_id"] is None
    [state] = world.events("customer-changed")
    assert created == state | {"opportunity_id": None}


def test_lists_and_details_show_the_same_missing_fields(world: Any) -> None:
    made = world.customer()
    contact = {"name": "Li", "gender": "female", "title": "Buyer", "office_phone": "1"}
    for missing in (["contacts"], []):
        [item] = world.customers()
        assert item["missing"] == world.get(made)["missing"] == missing
        if missing:
            world.as_(world.manager).post(f"/customers/{made['id']}/contacts", contact, 201)


def test_a_page_takes_as_many_queries_as_an_item(world: Any) -> None:
    statements: list[str] = []
    sqlalchemy.event.listen(
        world.harness.database.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    counts = []
    for manager in (world.manager, world.colleague):
        world.customer(manager)
        statements.clear()
        world.customers()
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_required_fields_are_named_and_bounds_hold(world: Any, form: dict[str, Any]) -> None:
    client = world.as_(world.manager)
    for field in ("name", "region", "level", "address", "phone"):
        body = {key: value for key, value in form.items() if key != field}
        problem = client.post("/customers", body, 422)
        assert [error["pointer"] for error in problem["errors"]] == [f"/{field}"]
    for wrong in (
        {"name": "   "},
        {"name": "x" * 201},
        {"level": "gold"},
        {"satisfaction": 6},
        {"credit": "3"},
        {"registered_capital": "-1"},
        {"unknown": 1},
        {"sales_codes": ["x"] * 51},
    ):
        client.post("/customers", form | wrong, 422)


def test_managers_create_their_own_customers_and_directors_the_teams(
    world: Any, form: dict[str, Any]
) -> None:
    other = {"manager_id": str(world.colleague.id)}
    world.as_(world.manager).post("/customers", form | other, 422)
    assert world.customer(world.director, **other)["manager_id"] == str(world.colleague.id)
    outside = {"manager_id": str(world.outsider.id)}
    world.as_(world.director).post("/customers", form | outside, 422)
    agent = {"manager_id": str(world.agent.id)}
    world.as_(world.director).post("/customers", form | agent, 422)
    world.as_(world.agent).post("/customers", form, 403)


def test_duplicates_are_reported_and_may_be_created_on_request(
    world: Any, form: dict[str, Any]
) -> None:
    first = world.customer(**form, registration_no="R-1")
    same = form | {"name": "  北京长城贸易有限公司 ".replace("北", "北")}
    problem = world.as_(world.outsider).post("/customers", same, 409)
    assert problem["code"] == "duplicate-customer"
    [known] = problem["params"]["customers"]
    assert (known["number"], known["manager_name"]) == (first["number"], "Manager")
    assert "address" not in known
    by_number = form | {"name": "Another", "registration_no": "R-1"}
    world.as_(world.outsider).post("/customers", by_number, 409)
    world.as_(world.outsider).post("/customers", same | {"allow_duplicate": True}, 201)
    client = world.as_(world.manager)
    other = world.customer(name="Other")
    path = f"/customers/{other['id']}"
    client.expect(409, "PATCH", path, {"name": form["name"]}, if_match=1)
    client.expect(409, "PATCH", path, {"registration_no": "R-1"}, if_match=1)
    client.expect(200, "PATCH", path, {"name": "OTHER "}, if_match=1)


def test_a_registration_number_is_unique_however_it_is_written(world: Any) -> None:
    made = world.customer(registration_no=" ａ-1 ")
    assert made["registration_no"] == "A-1"
    assert world.customer(registration_no="  ")["registration_no"] is None
    assert world.customer(registration_no=" ")["registration_no"] is None
    again = {"name": "Another", "region": "n", "level": "partner", "address": "A", "phone": "1"}
    problem = world.as_(world.manager).post("/customers", again | {"registration_no": "a-1"}, 409)
    assert problem["params"]["number"] == made["number"]
    client, path = world.as_(world.manager), f"/customers/{made['id']}"
    published = world.events("customer-changed")
    client.expect(200, "PATCH", path, {"registration_no": "a-1 "}, if_match=1)
    assert world.events("customer-changed") == published
    world.win("Won", registration_no="a-1 ")
    world.announce("C-1", "Announced", registration_no="Ａ-1")
    assert world.get(made)["sales_codes"] == ["C-1"]
    assert [event["id"] for event in world.events("customer-linked")] == [made["id"]]
    client.expect(200, "PATCH", path, {"registration_no": " "}, if_match=2)
    assert world.get(made)["registration_no"] is None


def test_an_edit_needs_the_version_and_completes_what_is_missing(world: Any) -> None:
    world.win("Made by event", region=None)
    [made] = world.customers()
    assert made["missing"] == ["region", "address", "phone"]
    client, path = world.as_(world.manager), f"/customers/{made['id']}"
    client.expect(428, "PATCH", path, {"region": "north"})
    client.expect(412, "PATCH", path, {"region": "north"}, if_match=9)
    problem = client.expect(422, "PATCH", path, {"region": "north"}, if_match=1)
    assert {error["pointer"] for error in problem["errors"]} == {"/address", "/phone"}
    body = {"region": "north", "address": "A", "phone": "1"}
    edited = client.request("PATCH", path, body, if_match=1)
    assert edited.headers["ETag"].startswith('"2-')
    assert edited.get_json()["missing"] == []
    _made, edited = world.events("customer-changed")
    assert edited["region"] == "north"
    client.expect(422, "PATCH", path, {"phone": None}, if_match=2)
    client.expect(422, "PATCH", path, {"manager_id": str(world.manager.id)}, if_match=2)
    client.expect(200, "PATCH", path, {}, if_match=2)
    assert len(world.events("customer-changed")) == 2


def test_search_finds_chinese_pinyin_number_and_phone(world: Any, form: dict[str, Any]) -> None:
    made = world.customer(**form)
    world.customer()
    client = world.as_(world.manager)
    for query in ("长城", "myyxgs", made["number"], "65880000", "贸易 长城"):
        found = client.get(f"/customers?q={query}")["items"]
        assert [item["id"] for item in found if item["name"] == form["name"]] == [made["id"]], query
    assert client.get("/customers?q=长长")["items"] == []
    assert client.get("/customers?level=partner")["total"] == 0
    assert client.get("/customers?level=partner,key_account&region=north")["total"] == 2
    client.get("/customers?unknown=1", 422)


def test_customers_are_found_by_manager_region_and_level(world: Any, form: dict[str, Any]) -> None:
    made = world.customer(**form | {"region": "İzmir", "level": "strategic_partner"})
    other = world.customer()
    world.as_(world.director).post(
        f"/customers/{other['id']}/reassign", {"manager_id": str(world.colleague.id)}
    )
    client = world.as_(world.director)
    for query in ("q=izmir", "q=İZMİR", "q=战略合作伙伴", "q=strategic partner", "region=izmir"):
        found = client.get(f"/customers?{query}")["items"]
        assert [item["id"] for item in found] == [made["id"]], query
    name = world.colleague.username
    found = client.get(f"/customers?q={name}")["items"]
    assert [item["id"] for item in found] == [other["id"]]
    found = client.get(f"/customers?q={name} {other['number']}")["items"]
    assert [item["id"] for item in found] == [other["id"]]
    assert client.get(f"/customers?q={name} {made['number']}")["items"] == []
    assert client.get("/customer-directory?region=ＩＺＭＩＲ")["items"][0]["id"] == made["id"]


def test_filters_of_names_use_an_index(world: Any) -> None:
    with world.harness.session() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        for name in ("region", "industry", "source", "type"):
            column = getattr(Customer, name).expression
            statement = select(Customer.id).where(search.folded(column).in_(["east", "west"]))
            compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            plan = "\n".join(session.scalars(text(f"EXPLAIN {compiled}")))
            assert f"ix_customer_{name}_folded" in plan


def test_every_order_of_the_list_comes_from_an_index(world: Any) -> None:
    assert unserved_sorts(world.harness, LISTING, select(Customer)) == []


def test_a_director_reassigns_and_warnings_follow(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.order("E", "1997-06-01")
    world.scan(clock.today())
    warning = world.warned(customer)
    path = f"/customers/{customer['id']}/reassign"
    body = {"manager_id": str(world.colleague.id)}
    world.as_(world.manager).post(path, body, 403)
    world.as_(world.outsider).post(path, body, 403)
    world.as_(world.other_director).post(path, body, 404)
    director = world.as_(world.director)
    director.post(path, {"manager_id": str(world.agent.id)}, 422)
    assert director.post(path, body)["manager_id"] == str(world.colleague.id)
    assert world.warnings(world.manager) == []
    [moved] = world.warnings(world.colleague)
    assert (moved["id"], moved["version"]) == (warning["id"], 2)
    opened, followed = world.events("churn-warning-changed")
    assert opened["manager_id"] == str(world.manager.id)
    assert followed["manager_id"] == str(world.colleague.id)
    director.post(path, body)
    assert len(world.events("customer-changed")) == 2
    world.as_(world.manager).get(f"/customers/{customer['id']}", 404)
    told = [(notice["kind"], notice["recipients"]) for notice in world.events("notice-raised")]
    assert told[-2:] == [
        ("customer-assigned", [str(world.colleague.id)]),
        ("customer-reassigned", [str(world.manager.id)]),
    ]


def test_nobody_is_told_of_what_they_do_themselves(world: Any, form: dict[str, Any]) -> None:
    world.as_(world.manager).post("/customers", form, 201)
    director = world.as_(world.director)
    mine = director.post("/customers", form | {"name": "Mine"}, 201)
    assert world.events("notice-raised") == []
    given = director.post(
        "/customers", form | {"name": "Yours", "manager_id": str(world.manager.id)}, 201
    )
    [notice] = world.events("notice-raised")
    assert (notice["kind"], notice["customer_id"]) == ("customer-assigned", given["id"])
    assert notice["recipients"] == [str(world.manager.id)]
    director.post(f"/customers/{given['id']}/reassign", {"manager_id": str(world.director.id)})
    director.post(f"/customers/{mine['id']}/reassign", {"manager_id": str(world.manager.id)})
    kinds = [notice["kind"] for notice in world.events("notice-raised")[1:]]
    assert kinds == ["customer-reassigned", "customer-assigned"]


@pytest.mark.parametrize("change", [{"enabled": False}, {"roles": ["marketing_specialist"]}])
def test_a_former_manager_who_left_is_not_told(world: Any, change: dict[str, Any]) -> None:
    customer = world.customer()
    with world.harness.session() as session:
        session.execute(update(Person).where(Person.id == world.manager.id).values(change))
    body = {"manager_id": str(world.colleague.id)}
    world.as_(world.director).post(f"/customers/{customer['id']}/reassign", body)
    assert [notice["kind"] for notice in world.events("notice-raised")] == ["customer-assigned"]


def test_a_customer_without_orders_is_deleted_and_restored(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    path = f"/customers/{customer['id']}"
    world.as_(world.manager).expect(403, "DELETE", path, if_match=1)
    director = world.as_(world.director)
    director.expect(428, "DELETE", path)
    director.expect(204, "DELETE", path, if_match=1)
    director.get(path, 404)
    assert world.customers() == []
    world.order("C-1", "2026-01-01")
    [listed] = director.get("/customers?deleted=true")["items"]
    assert listed["id"] == customer["id"] and listed["deleted_at"]
    assert world.as_(world.other_director).get("/customers?deleted=true")["items"] == []
    world.as_(world.manager).get("/customers?deleted=true", 403)
    world.as_(world.executive).get("/customers?deleted=true", 403)
    restored = director.post(f"{path}/restore")
    assert restored["sales_codes"] == ["C-1"]
    assert len(world.orders(customer)) == 1
    assert director.get("/customers?deleted=true")["items"] == []
    director.post(f"{path}/restore", None, 409)
    done = [entry for entry in world.events("audit-recorded") if entry["outcome"] == "done"]
    assert [(entry["operation"], entry["action"]) for entry in done] == [
        ("create_customer", "created"),
        ("delete_customer", "deleted"),
        ("restore_customer", "restored"),
    ]
    assert [change["field"] for change in done[1]["changes"]] == ["deleted_at"]
    deleted = world.harness.published("customer.customer-deleted.v1")[0]["aggregateversion"]
    changed = world.harness.published("customer.customer-changed.v1")
    made, back = (event["aggregateversion"] for event in changed)
    assert made < deleted < back
    director.expect(409, "DELETE", path, if_match=restored["version"])


def test_a_restored_customer_gets_the_orders_and_returns_that_named_its_number(world: Any) -> None:
    customer = world.customer()
    path, director = f"/customers/{customer['id']}", world.as_(world.director)
    director.expect(204, "DELETE", path, if_match=1)
    world.order(None, "2026-01-01", customer_number=customer["number"])
    back = world.harness.example("sales.order-returned.v1") | {
        "customer_number": customer["number"]
    }
    world.harness.deliver("sales.order-returned.v1", back)
    assert world.events("order-recorded") == world.events("return-recorded") == []
    director.post(f"{path}/restore")
    assert len(world.orders(customer)) == 1
    for name in ("order-recorded", "return-recorded"):
        assert [event["customer_id"] for event in world.events(name)] == [customer["id"]]


def test_a_resync_publishes_deleted_customers_too(world: Any) -> None:
    customer, kept = world.customer(), world.customer()
    path = f"/customers/{customer['id']}"
    world.as_(world.director).expect(204, "DELETE", path, if_match=1)
    with world.harness.session() as session:
        found = [(e.type, e.subject, e.version) for e in world.harness.service.snapshots(session)]
    assert ("customer.customer-deleted.v1", customer["id"], 2) in found
    assert [subject for name, subject, _ in found if name == "customer.customer-changed.v1"] == [
        kept["id"]
    ]


def test_a_deleted_customer_is_gone_after_thirty_days(world: Any) -> None:
    customer = world.customer()
    contact = {"name": "Li", "gender": "female", "title": "Buyer", "office_phone": "1"}
    world.as_(world.manager).post(f"/customers/{customer['id']}/contacts", contact, 201)
    path = f"/customers/{customer['id']}"
    world.as_(world.director).expect(204, "DELETE", path, if_match=1)
    assert world.harness.run_job("customer-purge") == {"customers": 0}
    with time_machine.travel(clock.now() + timedelta(days=30, minutes=1), tick=False):
        world.as_(world.director).post(f"{path}/restore", None, 404)
        assert world.harness.run_job("customer-purge") == {"customers": 1}
    entries = world.events("audit-recorded")
    [deleted] = [entry for entry in entries if entry["action"] == "deleted"]
    assert (deleted["actor_id"], deleted["record_type"], deleted["record_id"]) == (
        str(world.director.id),
        "customer",
        customer["id"],
    )
    [purged] = [entry for entry in entries if entry["action"] == "purged"]
    assert purged["actor_kind"] == "system"
    assert [change["old"] for change in purged["changes"]] == [customer["number"]]


def test_how_long_a_customer_can_be_restored_is_a_setting(world: Any) -> None:
    customer = world.customer()
    setting = {"key": "customer_restore_days", "value": 2}
    world.harness.deliver("auth.setting-changed.v1", setting)
    world.as_(world.director).expect(204, "DELETE", f"/customers/{customer['id']}", if_match=1)
    with time_machine.travel(clock.now() + timedelta(days=2, minutes=1), tick=False):
        assert world.as_(world.director).get("/customers?deleted=true")["items"] == []
        assert world.harness.run_job("customer-purge") == {"customers": 1}


def test_a_customer_with_orders_does_not_block_the_purge(world: Any) -> None:
    ordering = world.customer(sales_codes=["C-1"])
    world.customer()
    world.order("C-1", "2026-01-01")
    with world.harness.session() as session:
        session.execute(text("UPDATE customer SET deleted_at = now() - interval '31 days'"))
    assert world.harness.run_job("customer-purge") == {"customers": 1}
    with world.harness.session() as session:
        assert session.scalars(text("SELECT id::text FROM customer")).all() == [ordering["id"]]


def test_codes_of_the_sales_system_belong_to_one_customer(world: Any) -> None:
    one, two = world.customer(sales_codes=["C-1"]), world.customer()
    world.order("C-1", "2026-01-01")
    world.order("C-2", "2026-02-01")
    world.order("C-3", "2026-02-01", status=4)
    client, path = world.as_(world.director), f"/customers/{two['id']}"
    client.expect(409, "PATCH", path, {"sales_codes": ["C-1"]}, if_match=1)
    client.expect(200, "PATCH", path, {"sales_codes": ["C-2", "C-3"]}, if_match=1)
    assert len(world.orders(two)) == 1
    assert [event["sales_codes"] for event in world.events("customer-changed")] == [
        ["C-1"],
        [],
        ["C-2", "C-3"],
    ]
    client.expect(200, "PATCH", path, {"sales_codes": ["C-2"]}, if_match=2)
    client.expect(
        200, "PATCH", f"/customers/{one['id']}", {"sales_codes": ["C-1", "C-3"]}, if_match=1
    )


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_another_managers_customer_is_not_found(world: Any, method: str) -> None:
    customer = world.customer()
    path = f"/customers/{customer['id']}"
    outsider = world.as_(world.outsider if method == "PATCH" else world.other_director)
    outsider.get(path, 404)
    outsider.expect(404, method, path, {"region": "x"} if method == "PATCH" else None, if_match=1)
    for part in ("contacts", "orders", "losses"):
        outsider.get(f"{path}/{part}", 404)


def test_created_at_filter_and_pages(world: Any) -> None:
    for _ in range(3):
        world.customer()
    client = world.as_(world.manager)
    page = client.get("/customers?limit=2&sort=number")
    rest = client.get(f"/customers?limit=2&sort=number&cursor={page['next_cursor']}")
    assert (page["total"], len(page["items"]), len(rest["items"])) == (3, 2, 1)
    moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    assert client.get(f"/customers?created_at_from={moment}")["total"] == 0
