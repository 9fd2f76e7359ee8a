"""E1: what each customer contributes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness
from kehu_reporting import pages

PATH = "/customer-contribution"


def _items(harness: Harness, user: Any, query: str = "") -> list[tuple[str, str, str]]:
    items = harness.as_(user).get(PATH + query)["items"]
    return [(item["customer_name"], item["currency"], item["amount"]) for item in items]


def test_orders_of_status_5_and_6_less_returns(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any, make_return: Any
) -> None:
    customer = make_customer(staff.manager, name="One")
    for status in range(1, 7):
        make_order(customer, "10.00", status=status)
    make_order(customer, "100.50", profit="20.25")
    make_return(customer, "5.25")
    report = harness.as_(staff.executive).get(PATH)
    assert report["items"] == [
        {
            "customer_id": customer["id"],
            "customer_number": customer["number"],
            "customer_name": "One",
            "manager_id": str(staff.manager.id),
            "manager_name": "Manager",
            "currency": "CNY",
            "orders": 3,
            "ordered": "120.50",
            "returned": "5.25",
            "amount": "115.25",
            "share": 1.0,
            "profit": "20.25",
            "orders_with_profit": 1,
        }
    ]
    assert report["totals"] == [
        {
            "currency": "CNY",
            "customers": 1,
            "orders": 3,
            "ordered": "120.50",
            "returned": "5.25",
            "amount": "115.25",
            "profit": "20.25",
            "orders_with_profit": 1,
        }
    ]


def test_currencies_are_never_added(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    one, two = make_customer(staff.manager, name="One"), make_customer(staff.manager, name="Two")
    make_order(one, "10.00")
    make_order(one, "99.00", currency="USD")
    make_order(two, "30.00")
    report = harness.as_(staff.executive).get(PATH)
    shown = [(i["customer_name"], i["currency"], i["amount"], i["share"]) for i in report["items"]]
    assert shown == [
        ("Two", "CNY", "30.00", 0.75),
        ("One", "CNY", "10.00", 0.25),
        ("One", "USD", "99.00", 1.0),
    ]
    dollars = harness.as_(staff.executive).get(f"{PATH}?currency=USD")
    assert (dollars["total"], dollars["items"]) == (1, report["items"][2:])
    assert dollars["totals"] == report["totals"]
    assert [(t["currency"], t["amount"], t["customers"]) for t in report["totals"]] == [
        ("CNY", "40.00", 2),
        ("USD", "99.00", 1),
    ]


def test_the_period_is_of_days_in_the_companys_time_zone(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any, make_return: Any
) -> None:
    customer = make_customer(staff.manager, name="One")
    make_order(customer, "1.00", ordered_at="2025-12-31T15:59:59Z")  # 23:59:59 in Shanghai
    make_order(customer, "10.00", ordered_at="2025-12-31T16:00:00Z")  # midnight: 2026
    make_order(customer, "100.00", ordered_at="2026-12-31T15:59:59Z")
    make_order(customer, "1000.00", ordered_at="2026-12-31T16:00:00Z")
    for query, amount in (
        ("", "1111.00"),
        ("?year=2026", "110.00"),
        ("?from=2026-01-01&to=2026-12-31", "110.00"),
        ("?to=2025-12-31", "1.00"),
        ("?from=2027-01-01", "1000.00"),
        ("?from=2025-12-31&to=2025-12-31", "1.00"),
    ):
        assert _items(harness, staff.executive, query) == [("One", "CNY", amount)], query
    make_return(customer, "5.00", returned_at="2026-06-01T00:00:00Z")
    assert _items(harness, staff.executive, "?year=2026") == [("One", "CNY", "105.00")]
    assert _items(harness, staff.executive, "?year=2027") == [("One", "CNY", "1000.00")]


def test_an_empty_period_is_an_empty_report(harness: Harness, staff: Any) -> None:
    report = harness.as_(staff.executive).get(f"{PATH}?year=1999")
    assert report == {
        "period": {"from": "1999-01-01", "to": "1999-12-31"},
        "items": [],
        "totals": [],
        "next_cursor": None,
        "total": 0,
        "total_capped": False,
    }
    assert harness.as_(staff.executive).get(f"{PATH}/rows?year=1999")["items"] == []


def test_bad_parameters_are_named(harness: Harness, staff: Any) -> None:
    for query, pointer in (
        ("?year=2026&from=2026-01-01", "/year"),
        ("?from=2026-02-01&to=2026-01-01", "/to"),
        ("?from=0001-01-01", "/from"),
        ("?to=9999-12-31", "/to"),
        ("?year=99999", "/year"),
        ("?format=csv", "/format"),
        ("?sort=secret", "/sort"),
        ("?colour=red", "/colour"),
        ("?manager_id=x", "/manager_id/0"),
    ):
        problem = harness.as_(staff.executive).get(PATH + query, 422)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_director_sees_the_team_and_customers_without_manager(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    for name, manager in (("Ours", staff.manager), ("Theirs", staff.outsider), ("Free", None)):
        make_order(make_customer(manager, name=name), "10.00")
    assert {i[0] for i in _items(harness, staff.director)} == {"Ours", "Free"}
    assert {i[0] for i in _items(harness, staff.other_director)} == {"Theirs", "Free"}
    assert {i[0] for i in _items(harness, staff.executive)} == {"Ours", "Theirs", "Free"}
    report = harness.as_(staff.director).get(PATH)
    assert report["totals"][0]["amount"] == "20.00"
    assert {item["share"] for item in report["items"]} == {0.5}
    rows = harness.as_(staff.director).get(f"{PATH}/rows")
    assert {row["customer_name"] for row in rows["items"]} == {"Ours", "Free"}
    assert rows["total"] == 2


def test_the_scope_follows_the_customers_present_manager(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    customer = make_customer(staff.manager, name="One")
    make_order(customer, "10.00")
    make_customer(staff.outsider, id=customer["id"], version=2, name="One")
    assert _items(harness, staff.director) == []
    assert _items(harness, staff.other_director) == [("One", "CNY", "10.00")]


@pytest.mark.parametrize("role", ["account_manager", "service_agent", "marketing_specialist"])
def test_other_roles_see_no_reports(harness: Harness, role: str) -> None:
    client = harness.as_(harness.user(role))
    for path in (
        PATH,
        f"{PATH}/rows",
        "/customer-composition",
        "/customer-composition/rows",
        "/customer-churn",
        "/customer-churn/rows",
        "/customer-churn/warnings/rows",
        "/sales-funnel",
        "/sales-funnel/rows",
    ):
        client.get(path, 403)
        harness.as_(None).get(path, 401)


def test_filtering_by_name_and_manager_leaves_the_share_alone(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    make_order(make_customer(staff.manager, name="北京长城"), "30.00")
    make_order(make_customer(staff.outsider, name="上海明珠 100%_"), "10.00")
    items = harness.as_(staff.executive).get(f"{PATH}?customer_name=长城")["items"]
    assert [(i["customer_name"], i["share"]) for i in items] == [("北京长城", 0.75)]
    assert len(_items(harness, staff.executive, "?customer_name=%25_")) == 1
    assert len(_items(harness, staff.executive, "?customer_name=１００")) == 1
    assert _items(harness, staff.executive, "?customer_name=_长") == []
    client, of_manager = harness.as_(staff.executive), f"manager_id={staff.outsider.id}"
    report = client.get(f"{PATH}?{of_manager}")
    assert [(i["customer_name"], i["share"]) for i in report["items"]] == [("上海明珠 100%_", 0.25)]
    assert (report["total"], report["totals"][0]["amount"]) == (1, "40.00")
    for query, name in (("customer_name=长城", "北京长城"), (of_manager, "上海明珠 100%_")):
        rows = client.get(f"{PATH}/rows?{query}")["items"]
        assert [row["customer_name"] for row in rows] == [name]


def test_sorting_and_paging_give_every_row_once(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    for number in range(7):
        make_order(make_customer(staff.manager, name=f"C{number}"), f"{number % 3}.00")
    client = harness.as_(staff.executive)
    for sort in ("-amount", "amount", "customer_name", "-profit", "orders"):
        seen, cursor = [], ""
        while True:
            page = client.get(f"{PATH}?limit=3&sort={sort}{cursor}")
            seen += page["items"]
            assert page["total"] == (7 if not cursor else None)
            assert page["total_capped"] == (False if not cursor else None)
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len({item["customer_id"] for item in seen}) == len(seen) == 7, sort
        if sort == "-amount":
            amounts = [float(item["amount"]) for item in seen]
            assert amounts == sorted(amounts, reverse=True)
        if sort == "customer_name":
            assert [item["customer_name"] for item in seen] == [f"C{n}" for n in range(7)]


def test_counting_is_capped(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for _ in range(3):
        make_order(make_customer(staff.manager))
    for cap, total, capped in ((3, 3, False), (2, 2, True)):
        monkeypatch.setattr(pages, "COUNT_CAP", cap)
        page = harness.as_(staff.executive).get(f"{PATH}?limit=1")
        assert (page["total"], page["total_capped"]) == (total, capped)


def test_a_foreign_cursor_is_refused(harness: Harness, staff: Any) -> None:
    for cursor in ("x", "WyJ4IiwgMV0", "W10", "bnVsbA", "_" * 500):
        problem = harness.as_(staff.executive).get(f"{PATH}?cursor={cursor}", 422)
        assert problem["code"] == "invalid-cursor"


def test_a_cursor_belongs_to_its_query(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    for _ in range(3):
        make_order(make_customer(staff.manager))
    client = harness.as_(staff.executive)
    cursor = client.get(f"{PATH}?limit=1")["next_cursor"]
    client.get(f"{PATH}?limit=1&cursor={cursor}")
    client.get(f"{PATH}?limit=1&sort=amount&cursor={cursor}", 422)


def test_figures_drill_down_to_orders_and_returns(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any, make_return: Any
) -> None:
    customer = make_customer(staff.manager)
    order = make_order(customer, "10.00", status=5)
    make_order(customer, "20.00", status=4)
    back = make_return(customer, "4.00", order_no=order["order_no"])
    make_order(make_customer(staff.manager, name="Other"), "1.00")
    client = harness.as_(staff.executive)
    rows = client.get(f"{PATH}/rows?customer_id={customer['id']}")["items"]
    assert [(r["kind"], r["number"], r["amount"], r["status"]) for r in rows] == [
        ("return", back["return_no"], "-4.00", None),
        ("order", order["order_no"], "10.00", 5),
    ]
    assert rows[0]["order_no"] == order["order_no"]
    assert client.get(f"{PATH}/rows?kind=return")["total"] == 1


def test_a_cancelled_order_no_longer_counts(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    customer = make_customer(staff.manager, name="One")
    order = make_order(customer, "10.00", version=2)
    late = order | {"status": 2}
    harness.deliver("customer.order-recorded.v1", late, subject=order["order_id"], version=1)
    assert _items(harness, staff.executive) == [("One", "CNY", "10.00")]
    gone = order | {"status": 4}
    harness.deliver("customer.order-recorded.v1", gone, subject=order["order_id"], version=3)
    assert _items(harness, staff.executive) == []


def test_a_customer_first_mentioned_by_an_order_is_shown_with_the_orders_data(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    customer = {
        "id": str(new_id()),
        "number": "KH-2026-000009",
        "name": "Early",
        "manager_id": str(staff.manager.id),
    }
    make_order(customer, "10.00")
    assert _items(harness, staff.director) == [("Early", "CNY", "10.00")]
    assert harness.as_(staff.executive).get("/customer-composition")["total"] == 0
    make_customer(staff.outsider, id=customer["id"], name="Now known")
    assert _items(harness, staff.other_director) == [("Now known", "CNY", "10.00")]


def test_an_order_without_customer_counts_nowhere_until_it_has_one(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    customer = make_customer(staff.manager, name="One")
    order = make_order(
        customer, "10.00", customer_id=None, customer_number=None, customer_name=None
    )
    assert _items(harness, staff.executive) == []
    known = order | {"customer_id": customer["id"], "customer_name": "One", "customer_number": "1"}
    # At the same version; the older event may come again, or only now.
    for state in (known, order):
        harness.deliver("customer.order-recorded.v1", state, subject=order["order_id"], version=1)
        assert _items(harness, staff.executive) == [("One", "CNY", "10.00")]


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(3))))
def test_an_order_moves_with_its_code_in_any_order_of_arrival(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any, arrival: tuple[int, ...]
) -> None:
    wrong, right = (
        make_customer(staff.manager, name="One"),
        make_customer(staff.manager, name="Two"),
    )
    order = make_order(wrong, "10.00")
    states = [order | {"customer_id": one} for one in (wrong["id"], None, right["id"])]
    for nth in (*arrival, *arrival):
        harness.deliver(
            "customer.order-recorded.v1", states[nth], subject=order["order_id"], version=nth + 1
        )
    assert _items(harness, staff.executive) == [("Two", "CNY", "10.00")]


def test_a_return_that_loses_its_customer_counts_nowhere(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any, make_return: Any
) -> None:
    customer = make_customer(staff.manager)
    make_order(customer, "10.00")
    back = make_return(customer, "4.00") | {"customer_id": None}
    harness.deliver("customer.return-recorded.v1", back, subject=back["return_no"], version=2)
    [row] = harness.as_(staff.executive).get("/customer-contribution")["items"]
    assert (row["amount"], row["returned"]) == ("10.00", "0.00")


def test_a_return_counts_once_its_customer_is_known(
    harness: Harness, staff: Any, make_customer: Any, make_return: Any
) -> None:
    ident = str(new_id())
    make_return({"id": ident}, "4.00")
    assert _items(harness, staff.executive) == []
    make_customer(staff.manager, id=ident, name="Late")
    assert _items(harness, staff.executive) == [("Late", "CNY", "-4.00")]


def test_a_deleted_customer_is_gone(
    harness: Harness, staff: Any, make_customer: Any, make_order: Any
) -> None:
    customer = make_customer(staff.manager)
    harness.deliver(
        "customer.customer-deleted.v1", {"id": customer["id"]}, subject=customer["id"], version=2
    )
    make_order(customer)
    assert _items(harness, staff.executive) == []


def test_thousands_of_orders_arrive_in_batches(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    customer = make_customer(staff.manager, name="One")
    example = harness.example("customer.order-recorded.v1")
    bodies = []
    for number in range(1000):
        ident = str(new_id())
        data = example | {
            "order_id": ident,
            "order_no": f"SO-{number}",
            "customer_id": customer["id"],
            "status": 6,
            "currency": "CNY",
            "total": "1.00",
        }
        bodies.append(harness.envelope("customer.order-recorded.v1", data, subject=ident))
    for start in range(0, 1000, 100):
        harness.inbox.handle(bodies[start : start + 100])
    harness.inbox.handle(bodies[:100])
    assert harness.failed() == []
    assert _items(harness, staff.executive) == [("One", "CNY", "1000.00")]
