"""The mirror of the sales system's orders."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import order_data


def test_shipped_and_paid_orders_are_shown_newest_first(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    for status in range(1, 7):
        world.order("C-1", f"2026-01-0{status}", status=status, number=f"N-{status}")
    assert [order["order_no"] for order in world.orders(customer)] == ["N-6", "N-5"]
    assert [o["order_no"] for o in world.orders(customer, "?status=4,1")] == ["N-4", "N-1"]
    assert world.orders(customer, "?status=1,2,3,4,5,6&ordered_on_from=2026-01-04")[-1][
        "order_no"
    ] == ("N-4")
    assert [o["order_no"] for o in world.orders(customer, "?q=n-6")] == ["N-6"]
    assert world.orders(customer, "?q=N%25") == world.orders(customer, "?q=_N") == []
    for query in ("n6", "ｎ－６", "N%206"):
        assert [o["order_no"] for o in world.orders(customer, f"?q={query}")] == ["N-6"], query
    client = world.as_(world.manager)
    client.get(f"/customers/{customer['id']}/orders?status=x", 422)


def test_the_detail_shows_lines_and_total(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1001"])
    world.harness.deliver("sales.order-paid.v1", world.harness.example("sales.order-paid.v1"))
    [order] = world.orders(customer)
    path = f"/customers/{customer['id']}/orders/{order['id']}"
    detail = world.as_(world.manager).get(path)
    assert (detail["total"], detail["freight"], detail["unpaid_amount"]) == (
        "3050.00",
        "50.00",
        "0.00",
    )
    assert detail["lines"][0] == {
        "product_code": "P-100",
        "name": "打印纸 A4",
        "quantity": "20",
        "unit": "箱",
        "unit_price": "118.50",
        "amount": "2370.00",
    }
    assert not detail["total_mismatch"]
    other = world.customer()
    world.as_(world.manager).get(f"/customers/{other['id']}/orders/{order['id']}", 404)
    world.as_(world.outsider).get(path, 404)
    world.as_(world.agent).get(path)


@pytest.mark.fault("F33")
def test_status_decides_and_a_version_not_newer_changes_nothing(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "2026-01-01", number="N", version=3, status=5, kind="paid")
    world.order("C-1", "2026-01-01", number="N", version=2, status=1, kind="placed")
    world.order("C-1", "2026-01-01", number="N", version=3, status=4, kind="cancelled")
    [order] = world.orders(customer)
    assert (order["status"], order["version"]) == (5, 3)
    assert len(world.events("order-recorded")) == 1
    world.order("C-1", "2026-01-02", number="N", version=4, status=6, amount="30.00")
    [order] = world.orders(customer)
    assert (order["status"], order["total"], order["ordered_on"]) == (6, "30.00", "2026-01-02")
    first, second = world.harness.published("customer.order-recorded.v1")
    assert first["subject"] == second["subject"] == order["id"]
    assert [first["aggregateversion"], second["aggregateversion"]] == [3, 4]
    assert second["data"]["customer_id"] == customer["id"]
    assert second["data"]["lines"] == [{"product_code": "CD", "quantity": "2", "amount": "30.00"}]


def test_a_whole_number_may_have_a_zero_fraction(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "2026-01-01", status=5.0)
    assert world.harness.failed() == []
    assert [order["status"] for order in world.orders(customer)] == [5]


def test_a_total_that_does_not_agree_is_kept_and_flagged(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "2026-01-01", total="50.00")
    [order] = world.orders(customer)
    assert order["total_mismatch"] and order["total"] == "50.00"


def test_within_one_batch_the_highest_version_counts(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    bodies = [
        world.harness.envelope(
            "sales.order-paid.v1",
            order_data("C-1", "2026-01-01", number="N", amount=f"{version}.00"),
            version=version,
        )
        for version in (2, 5, 1, 4)
    ]
    world.harness.inbox.handle(bodies)
    assert [order["total"] for order in world.orders(customer)] == ["5.00"]


@pytest.mark.fault("F35")
def test_orders_of_unknown_codes_wait_and_count_nowhere(world: Any) -> None:
    for day in (1, 2, 3):
        world.order("C-9", f"2026-01-0{day}")
    assert world.events("order-recorded") == []
    [account] = world.as_(world.director).get("/unlinked-accounts")["items"]
    assert (account["code"], account["waiting_orders"]) == ("C-9", 3)
    assert account["last_ordered_at"].startswith("2026-01-02T16:00")
    world.as_(world.manager).get("/unlinked-accounts", 403)
    customer = world.customer(sales_codes=["C-9"])
    assert len(world.orders(customer)) == 3
    assert len(world.events("order-recorded")) == 3
    assert world.as_(world.director).get("/unlinked-accounts")["items"] == []


def test_our_number_attaches_directly_and_links_the_code(world: Any) -> None:
    customer = world.customer()
    world.order("C-7", "2026-01-01")
    world.order(None, "2026-01-02", customer_number=customer["number"])
    assert len(world.orders(customer)) == 1
    world.order("C-7", "2026-01-03", customer_number=customer["number"])
    assert len(world.orders(customer)) == 3
    assert world.get(customer)["sales_codes"] == ["C-7"]
    _made, changed = world.events("customer-changed")
    assert changed["sales_codes"] == ["C-7"]
    world.order(None, "2026-01-04", customer_number="KH-1999-000001")
    assert len(world.events("order-recorded")) == 3


def test_an_order_moved_to_another_code_moves(world: Any) -> None:
    one, two = world.customer(sales_codes=["C-1"]), world.customer(sales_codes=["C-2"])
    world.order("C-1", "2026-01-01", number="N")
    world.order("C-2", "2026-01-01", number="N", version=2)
    assert (len(world.orders(one)), len(world.orders(two))) == (0, 1)
    world.order("C-3", "2026-01-01", number="N", version=3)
    assert world.orders(two) == []
    assert [event["customer_id"] for event in world.events("order-recorded")] == [
        one["id"],
        two["id"],
        None,
    ]


def test_returns_are_published_and_do_not_count_as_orders(world: Any) -> None:
    customer = world.customer()
    data = world.harness.example("sales.order-returned.v1")
    world.harness.deliver("sales.order-returned.v1", data, version=2)
    assert world.events("return-recorded") == []
    path = f"/customers/{customer['id']}"
    world.as_(world.director).expect(
        200, "PATCH", path, {"sales_codes": [data["customer_code"]]}, if_match=1
    )
    world.harness.deliver("sales.order-returned.v1", data | {"total": "1.00"}, version=1)
    [event] = world.events("return-recorded")
    assert (event["customer_id"], event["total"]) == (customer["id"], "320.00")
    assert world.orders(customer, "?status=1,2,3,4,5,6") == []
    world.scan_later()
    assert world.warned(customer)["kind"] == "never_ordered"


def test_a_return_moved_to_an_unknown_code_loses_its_customer(world: Any) -> None:
    data = world.harness.example("sales.order-returned.v1")
    customer = world.customer(sales_codes=[data["customer_code"]])
    world.harness.deliver("sales.order-returned.v1", data)
    world.harness.deliver("sales.order-returned.v1", data | {"customer_code": "?"}, version=2)
    recorded = world.events("return-recorded")
    assert [event["customer_id"] for event in recorded] == [customer["id"], None]


def test_bad_events_become_dead_letters_and_good_ones_are_recorded(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    good = order_data("C-1", "2026-01-01", number="good")
    line = good["lines"][0]
    bad = [
        good | {"order_no": "x", "status": 7},
        good | {"order_no": "x", "lines": [line | {"quantity": -1}]},
        good | {"order_no": "x", "lines": [line | {"quantity": "0"}]},
        good | {"order_no": "x", "total": "1" * 16},
        good | {"order_no": "x", "total": 29.33},
        good | {"order_no": "x", "ordered_at": "0001-01-01T00:00:00Z"},
        good | {"order_no": "x", "ordered_at": "2026-01-01T23:59:60Z"},
        good | {"order_no": "x", "ordered_at": "2026-01-01T00:00:00+24:00"},
        good | {"order_no": "x" * 101},
        good | {"order_no": "x", "currency": "dollars"},
        good | {"order_no": "x", "shipped_at": "9999-01-01T00:00:00Z"},
        {key: value for key, value in good.items() if key != "customer_code"},
    ]
    envelope = world.harness.envelope
    bodies = [envelope("sales.order-paid.v1", data) for data in bad]
    bodies.insert(3, envelope("sales.order-paid.v1", good))
    bodies += [b"{", b"[]", json.dumps({"specversion": "1.0"}).encode(), b"\xff"]
    bodies += [envelope("sales.unknown.v1", {}), envelope("sales.order-paid.v2", good)]
    bodies.append(envelope("sales.order-paid.v1", good | {"order_no": "a\u0000b"}))
    world.harness.inbox.handle(bodies)
    assert [order["order_no"] for order in world.orders(customer)] == ["good"]
    dead = world.harness.failed()
    assert len(dead) == len(bodies) - 1
    assert all(row.state == "dead" and row.reason for row in dead)


def test_one_failing_order_does_not_block_the_others(world: Any, monkeypatch: Any) -> None:
    from kehu_customer.features.orders import rules

    customer, read = world.customer(sales_codes=["C-1"]), rules.order_row

    def fail_on_one(event: Any) -> Any:
        if event.data["order_no"] == "bad":
            raise RuntimeError("cannot read this one")
        return read(event)

    monkeypatch.setattr(rules, "order_row", fail_on_one)
    world.harness.inbox.handle(
        [
            world.harness.envelope(
                "sales.order-paid.v1", order_data("C-1", "2026-01-01", number=number)
            )
            for number in ("a", "bad", "b")
        ]
    )
    assert {order["order_no"] for order in world.orders(customer)} == {"a", "b"}
    [failed] = world.harness.failed()
    assert "cannot read" in failed.reason


def test_filters_beyond_what_a_column_holds_are_refused(world: Any) -> None:
    customer = world.customer()
    client, path = world.as_(world.manager), f"/customers/{customer['id']}/orders"
    client.get(f"{path}?status=40000", 422)
    client.get(f"{path}?status=99999999999999999999", 422)
    client.get("/customers?satisfaction=40000", 422)


def test_outer_space_and_invisible_characters_make_no_other_code_or_number(world: Any) -> None:
    customer = world.customer(sales_codes=["  C-1 "])
    assert customer["sales_codes"] == ["C-1"]
    world.order(" C-1", "2026-01-01", number="N-1 ", version=1, amount="10.00")
    world.order("\u200bC-1", "2026-01-02", number="\tN-1", version=2, amount="20.00")
    [order] = world.orders(customer)
    assert (order["order_no"], order["total"]) == ("N-1", "20.00")
    world.announce("C-2\u3000", " Acme\u200b ", region="\ufeff华东 ", phone="  ")
    [made] = [one for one in world.customers() if one["id"] != customer["id"]]
    assert (made["name"], made["region"], made["sales_codes"]) == ("Acme", "华东", ["C-2"])
    assert world.get(made, world.executive)["phone"] is None


def test_an_empty_code_is_no_code(world: Any) -> None:
    customer = world.customer()
    world.order("  ", "2026-01-01", number="N-1", customer_number=f" {customer['number']} ")
    assert [order["order_no"] for order in world.orders(customer)] == ["N-1"]
