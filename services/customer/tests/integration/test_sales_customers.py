"""The sales system's customers: linked, made, filled; and orders racing with their linking."""

from __future__ import annotations

import threading
from typing import Any

from .conftest import order_data


def test_an_unknown_customer_is_made_without_manager(world: Any) -> None:
    world.announce("C-1", "Acme", region="south", phone="1")
    [item] = world.customers()
    assert (item["manager_id"], item["region"], item["sales_codes"]) == (None, "south", ["C-1"])
    [created] = world.events("customer-created")
    assert created["sales_codes"] == ["C-1"]
    world.announce("C-1", "Acme", region="south", phone="1")
    world.announce("C-1", "Acme", region="south", phone="1", version=2)
    assert len(world.customers()) == 1
    assert [event["type"].split(".")[1] for event in world.harness.published()] == [
        "customer-created",
        "customer-changed",
    ]


def test_directors_find_customers_without_manager(world: Any) -> None:
    world.announce("C-1", "Acme")
    managed = world.customer()
    director = world.as_(world.director)
    assert len(director.get("/customers")["items"]) == 2
    [found] = director.get("/customers?without_manager=true")["items"]
    assert found["name"] == "Acme"
    assert world.as_(world.manager).get("/customers?without_manager=true")["items"] == []
    body = {"manager_id": str(world.manager.id)}
    director.post(f"/customers/{found['id']}/reassign", body)
    assert director.get("/customers?without_manager=true")["items"] == []
    assert {item["id"] for item in world.as_(world.manager).get("/customers")["items"]} == {
        managed["id"],
        found["id"],
    }


def test_customers_are_matched_by_code_number_registration_and_name(world: Any) -> None:
    coded = world.customer(name="Coded", sales_codes=["C-1"])
    numbered = world.customer(name="Numbered")
    registered = world.customer(name="Registered", registration_no="R-1")
    named = world.customer(name="Named")
    number = numbered["number"]
    world.announce("C-1", "Named", customer_number=number, registration_no="R-1")
    world.announce("C-2", "Named", customer_number=number, registration_no="R-1")
    world.announce("C-3", "Named", customer_number="KH-1-000001", registration_no="R-1")
    world.announce("C-4", " NAMED ")
    codes = [world.get(c)["sales_codes"] for c in (coded, numbered, registered, named)]
    assert codes == [["C-1"], ["C-2"], ["C-3"], ["C-4"]]
    assert len(world.customers()) == 4


def test_only_empty_fields_are_filled_and_differences_shown(world: Any) -> None:
    world.win("Acme", region="north", contact_name=None)
    world.announce("C-1", "ACME", region="south", phone="1", address="Street 1")
    [item] = world.customers()
    customer = world.get(item)
    assert (customer["region"], customer["phone"], customer["address"]) == (
        "north",
        "1",
        "Street 1",
    )
    assert customer["sales_differences"] == [
        {"code": "C-1", "field": "region", "ours": "north", "sales": "south"}
    ]
    _won, changed = world.events("customer-changed")
    assert changed["phone"] == "1"
    world.announce("C-1", "ACME", region="north", phone="2", version=3)
    world.announce("C-1", "ACME", region="west", phone="3", version=2)
    assert world.get(item)["sales_differences"] == [
        {"code": "C-1", "field": "phone", "ours": "1", "sales": "2"}
    ]


def test_two_codes_of_one_name_in_one_batch_are_one_customer(world: Any) -> None:
    bodies = [
        world.harness.envelope(
            "sales.customer-changed.v1", {"code": code, "name": name, **more}, subject=code
        )
        for code, name, more in [
            ("C-1", "Acme", {"phone": "1"}),
            ("C-2", "ACME ", {"region": "north"}),
            ("C-3", "Other", {"registration_no": "R-1"}),
            ("C-4", "Third", {"registration_no": "R-1"}),
        ]
    ]
    world.harness.inbox.handle(bodies)
    acme, other = world.customers()
    assert (acme["sales_codes"], acme["phone"], acme["region"]) == (["C-1", "C-2"], "1", "north")
    assert (other["name"], other["sales_codes"]) == ("Other", ["C-3", "C-4"])


def _announce_in_one_batch(world: Any, *bodies: tuple[str, str, int]) -> None:
    world.harness.inbox.handle(
        [
            world.harness.envelope(
                "sales.customer-changed.v1", {"code": code, "name": name}, version=version
            )
            for code, name, version in bodies
        ]
    )


def test_a_renamed_customer_announced_in_one_batch_is_found_by_its_first_name(world: Any) -> None:
    world.win("Acme")
    _announce_in_one_batch(world, ("C", "Acme", 1), ("C", "Acme Group", 2))
    [item] = world.customers()
    assert (item["name"], item["sales_codes"]) == ("Acme", ["C"])


def test_a_late_first_name_moves_the_code_and_undoes_what_was_made(world: Any) -> None:
    world.win("Acme")
    world.announce("C", "Acme Group", version=2, phone="2")
    acme, made = world.customers()
    world.announce("C", "Acme", version=1, phone="1")
    [item] = world.customers()
    assert (item["id"], item["phone"], item["sales_codes"]) == (acme["id"], "1", ["C"])
    assert [event["id"] for event in world.events("customer-deleted")] == [made["id"]]
    world.order("C", "2026-01-01")
    assert len(world.orders(item)) == 1


def test_a_late_first_name_renames_what_was_made(world: Any) -> None:
    world.announce("C", "Acme Group", version=2, region="south")
    world.order("C", "1997-01-01")
    world.scan("1998-06-30")
    world.announce("C", "Acme", version=1)
    [item] = world.customers()
    assert (item["name"], item["region"]) == ("Acme", "south")
    assert world.warned(item)["customer_name"] == "Acme"


def test_a_customer_that_has_been_used_is_not_undone(world: Any) -> None:
    def order() -> None:
        world.order("C-order", "2026-01-01")

    def assign() -> None:
        made = {item["name"]: item for item in world.customers()}["assign Group"]
        body = {"manager_id": str(world.manager.id)}
        world.as_(world.director).post(f"/customers/{made['id']}/reassign", body)

    def win() -> None:
        world.win("win Group")

    def announce() -> None:
        world.announce("D", "announce Group")

    for built in (order, assign, win, announce):
        name = built.__name__
        world.win(name)
        world.announce(f"C-{name}", f"{name} Group", version=2)
        built()
        world.announce(f"C-{name}", name, version=1)
        named = {item["name"]: item["sales_codes"] for item in world.customers()}
        assert named[name] == [] and f"C-{name}" in named[f"{name} Group"], name


def test_linking_attaches_waiting_orders(world: Any) -> None:
    for day in range(1, 4):
        world.order("C-1", f"2026-01-0{day}")
    world.announce("C-1", "Acme")
    [item] = world.customers()
    assert len(world.orders(item)) == 3
    assert {event["customer_id"] for event in world.events("order-recorded")} == {item["id"]}


def test_no_order_is_orphaned_when_intake_and_linking_race(world: Any) -> None:
    harness, count = world.harness, 12
    named = [
        harness.envelope("sales.customer-changed.v1", {"code": f"C-{i}", "name": f"N {i}"})
        for i in range(count)
    ]
    ordered = [
        harness.envelope(
            "sales.order-paid.v1",
            order_data(f"C-{i}", "2026-01-01", number=f"O-{i}-{copy}"),
            subject="o",
        )
        for i in range(count)
        for copy in range(3)
    ]
    lanes = [named[: count // 2], named[count // 2 :][::-1], ordered[::2], ordered[1::2][::-1]]
    start = threading.Barrier(len(lanes))

    def run(lane: list[bytes]) -> None:
        start.wait()
        for at in range(0, len(lane), 4):
            harness.inbox.handle(lane[at : at + 4])

    threads = [threading.Thread(target=run, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert harness.failed() == []
    customers = world.customers()
    assert len(customers) == count
    assert all(len(world.orders(customer)) == 3 for customer in customers)
    assert len(world.events("order-recorded")) == count * 3
