"""E4: who was lost, why, and how many were rescued."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis.testing import Harness

from .conftest import customer_state

PATH = "/customer-churn"


def test_lost_customers_with_manager_date_and_reason(
    harness: Harness, staff: Any, make_customer: Any, lose: Any
) -> None:
    customer = make_customer(staff.manager, name="One")
    loss = lose(customer, reason_code="price", reason="Too dear")
    report = harness.as_(staff.executive).get(PATH)
    assert (report["lost"], report["won_back"], report["total"]) == (1, 0, 1)
    assert report["by_reason"] == [{"reason_code": "price", "lost": 1, "won_back": 0}]
    assert report["by_manager"] == [
        {
            "manager_id": str(staff.manager.id),
            "manager_name": "Manager",
            "lost": 1,
            "won_back": 0,
        }
    ]
    assert report["items"] == [
        {
            "id": loss["warning_id"],
            "customer_id": customer["id"],
            "customer_number": customer["number"],
            "customer_name": "One",
            "manager_id": str(staff.manager.id),
            "manager_name": "Manager",
            "lost_at": "2026-11-21T02:00:00+00:00",
            "reason_code": "price",
            "reason": "Too dear",
            "confirmed_by": loss["confirmed_by"],
            "confirmed_by_name": None,
            "won_back_at": None,
        }
    ]
    assert harness.as_(staff.executive).get(f"{PATH}/rows")["items"] == report["items"]


def test_the_manager_is_the_one_at_confirmation(
    harness: Harness, staff: Any, make_customer: Any, lose: Any
) -> None:
    customer = make_customer(staff.manager)
    lose(customer)
    make_customer(staff.outsider, id=customer["id"], version=3, status="lost")
    assert harness.as_(staff.director).get(PATH)["lost"] == 1
    assert harness.as_(staff.other_director).get(PATH)["lost"] == 0


def test_a_filter_by_customer_is_one_of_all_figures(
    harness: Harness, staff: Any, make_customer: Any, lose: Any, make_warning: Any
) -> None:
    customer, other = make_customer(staff.manager), make_customer(staff.manager)
    for each, reason in ((customer, "price"), (other, "service")):
        make_warning(each, "reprieved")
        lose(each, reason_code=reason)
    report = harness.as_(staff.executive).get(f"{PATH}?customer_id={customer['id']}")
    assert (report["total"], report["lost"]) == (1, 1)
    assert [row["reason_code"] for row in report["by_reason"]] == ["price"]
    assert [row["lost"] for row in report["by_manager"]] == [1]
    assert report["warnings"]["opened"] == 1
    rows = harness.as_(staff.executive).get(f"{PATH}/warnings/rows?customer_id={other['id']}")
    assert [row["customer_id"] for row in rows["items"]] == [other["id"]]


@pytest.mark.parametrize("back_first", [False, True])
def test_won_back_customers_are_shown_whichever_event_comes_first(
    harness: Harness, staff: Any, make_customer: Any, lose: Any, win_back: Any, back_first: bool
) -> None:
    customer = make_customer(staff.manager)
    if back_first:
        win_back(customer, "2026-12-01T02:00:00Z")
        lose(customer, lost_at="2026-11-21T02:00:00Z")
    else:
        lose(customer, lost_at="2026-11-21T02:00:00Z")
        win_back(customer, "2026-12-01T02:00:00Z")
    report = harness.as_(staff.executive).get(PATH)
    assert (report["lost"], report["won_back"]) == (1, 1)
    assert report["by_reason"][0]["won_back"] == report["by_manager"][0]["won_back"] == 1
    assert report["items"][0]["won_back_at"] == "2026-12-01T02:00:00+00:00"
    assert harness.as_(staff.executive).get("/customer-composition")["total"] == 1


def test_each_loss_has_its_own_reactivation(
    harness: Harness, staff: Any, make_customer: Any, lose: Any, win_back: Any
) -> None:
    customer = make_customer(staff.manager)
    lose(customer, lost_at="2026-01-01T02:00:00Z", version=2)
    win_back(customer, "2026-02-01T02:00:00Z", version=3)
    lose(customer, lost_at="2026-03-01T02:00:00Z", version=4)
    items = harness.as_(staff.executive).get(PATH)["items"]
    assert [item["won_back_at"] for item in items] == [None, "2026-02-01T02:00:00+00:00"]
    win_back(customer, "2026-04-01T02:00:00Z", version=5)
    items = harness.as_(staff.executive).get(PATH)["items"]
    assert [item["won_back_at"] for item in items] == [
        "2026-04-01T02:00:00+00:00",
        "2026-02-01T02:00:00+00:00",
    ]


def test_losses_by_period_manager_name_and_reason(
    harness: Harness, staff: Any, make_customer: Any, lose: Any
) -> None:
    one = make_customer(staff.manager, name="北京长城")
    two = make_customer(staff.outsider, name="上海明珠")
    lose(one, lost_at="2025-12-31T15:59:59Z", reason_code="price")
    lose(two, lost_at="2025-12-31T16:00:00Z", reason_code="service")
    client = harness.as_(staff.executive)
    for query, name in (
        ("?year=2025", "北京长城"),
        ("?from=2026-01-01", "上海明珠"),
        (f"?manager_id={staff.manager.id}", "北京长城"),
        ("?customer_name=明珠", "上海明珠"),
        ("?reason_code=price", "北京长城"),
        (f"?customer_id={two['id']}", "上海明珠"),
    ):
        items = client.get(f"{PATH}/rows{query}")["items"]
        assert [item["customer_name"] for item in items] == [name], query
    assert client.get(f"{PATH}?reason_code=price,service")["lost"] == 2
    assert client.get(f"{PATH}?year=2025")["by_reason"][0]["reason_code"] == "price"


def test_a_replayed_loss_counts_once(
    harness: Harness, staff: Any, make_customer: Any, lose: Any
) -> None:
    customer = make_customer(staff.manager)
    loss = lose(customer)
    harness.deliver("customer.customer-lost.v1", loss, subject=loss["id"], version=2)
    harness.deliver("customer.customer-lost.v1", loss, subject=loss["id"], version=7)
    assert harness.as_(staff.executive).get(PATH)["lost"] == 1


def test_the_rescue_rate_of_warnings(
    harness: Harness, staff: Any, make_customer: Any, make_warning: Any, lose: Any
) -> None:
    for state in ("open", "reprieved", "recovered", "recovered"):
        make_warning(make_customer(staff.manager), state)
    confirmed = make_customer(staff.manager)
    make_warning(confirmed, "confirmed")
    lose(confirmed)
    # Under reprieve, yet lost by then: no rescue.
    make_warning(make_customer(staff.manager, status="lost"), "reprieved")
    report = harness.as_(staff.executive).get(PATH)["warnings"]
    assert report == {
        "opened": 6,
        "open": 1,
        "reprieved": 2,
        "confirmed": 1,
        "recovered": 2,
        "rescued": 3,
        "rescue_rate": 0.5,
    }
    rows = harness.as_(staff.executive).get(f"{PATH}/warnings/rows?state=recovered")
    assert rows["total"] == 2


def test_warnings_count_by_the_day_they_were_opened_and_in_scope(
    harness: Harness, staff: Any, make_customer: Any, make_warning: Any
) -> None:
    make_warning(make_customer(staff.manager, name="One"), opened_at="2025-12-31T16:00:00Z")
    make_warning(make_customer(staff.outsider, name="Two"), opened_at="2025-12-31T15:59:59Z")
    executive, director = harness.as_(staff.executive), harness.as_(staff.director)
    assert executive.get(f"{PATH}?year=2026")["warnings"]["opened"] == 1
    assert executive.get(PATH)["warnings"]["opened"] == 2
    assert director.get(PATH)["warnings"]["opened"] == 1
    rows = director.get(f"{PATH}/warnings/rows")["items"]
    assert [(row["customer_name"], row["manager_id"]) for row in rows] == [
        ("One", str(staff.manager.id))
    ]
    filtered = executive.get(f"{PATH}/warnings/rows?customer_name=two")["items"]
    assert [row["customer_name"] for row in filtered] == ["Two"]
    assert executive.get(f"{PATH}?manager_id={staff.outsider.id}")["warnings"]["opened"] == 1


def test_a_warnings_customer_data_are_shown_until_the_customer_arrives(
    harness: Harness, staff: Any, make_customer: Any, make_warning: Any
) -> None:
    customer = customer_state(staff.manager, name="Before")
    make_warning(customer)

    def names() -> list[str]:
        items = harness.as_(staff.director).get(f"{PATH}/warnings/rows")["items"]
        return [item["customer_name"] for item in items]

    assert names() == ["Before"]
    make_customer(staff.manager, id=customer["id"], name="After")
    make_warning(customer)
    assert names() == ["After", "After"]


def test_an_older_state_of_a_warning_changes_nothing(
    harness: Harness, staff: Any, make_customer: Any, make_warning: Any
) -> None:
    warning = make_warning(make_customer(staff.manager), "recovered")
    old = warning | {"state": "open"}
    harness.deliver("customer.churn-warning-changed.v1", old, subject=warning["id"], version=1)
    assert harness.as_(staff.executive).get(PATH)["warnings"]["recovered"] == 1


def test_a_loss_without_manager_is_seen_by_every_director(
    harness: Harness, staff: Any, make_customer: Any, lose: Any
) -> None:
    lose(make_customer(None))
    for reader in (staff.director, staff.other_director, staff.executive):
        report = harness.as_(reader).get(PATH)
        assert report["lost"] == 1
        assert report["by_manager"][0]["manager_id"] is None


def test_an_empty_report(harness: Harness, staff: Any) -> None:
    report = harness.as_(staff.executive).get(f"{PATH}?year=1999")
    assert (report["lost"], report["items"], report["by_reason"]) == (0, [], [])
    assert report["warnings"]["rescue_rate"] is None
