"""Rows from sales events."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kehu_customer.features.orders import rules


@dataclass
class Event:
    version: int
    data: dict[str, Any]


def _lines(*amounts: str) -> list[dict[str, Any]]:
    return [{"product_code": "P", "quantity": 1, "amount": amount} for amount in amounts]


@pytest.mark.parametrize(
    ("total", "mismatch"),
    [("103.00", False), ("103.02", False), ("102.98", False), ("103.03", True), ("0", True)],
)
def test_a_total_may_differ_from_its_parts_by_a_cent_for_each_line(
    total: str, mismatch: bool
) -> None:
    money = {"discount": Decimal(2), "freight": Decimal(4), "tax": Decimal(1)}
    lines = _lines("60.00", "40.00")
    assert rules.total_mismatch(lines, Decimal(total), "USD", **money) is mismatch


@pytest.mark.parametrize(
    ("total", "mismatch"), [("101", False), ("99", False), ("102", True), ("98", True)]
)
def test_a_total_in_yen_may_differ_by_a_yen(total: str, mismatch: bool) -> None:
    nothing = dict.fromkeys(("discount", "freight", "tax"), Decimal(0))
    assert rules.total_mismatch(_lines("100"), Decimal(total), "JPY", **nothing) is mismatch


def test_of_several_versions_only_the_highest_counts() -> None:
    received = [Event(v, {"n": n}) for v, n in ((2, "b"), (3, "a"), (1, "b"), (2, "a"))]
    assert [(key, event.version) for key, event in rules.newest(received, "n").items()] == [
        ("a", 3),
        ("b", 2),
    ]


def test_the_business_date_is_that_of_the_company() -> None:
    data = {
        "order_no": "1",
        "ordered_at": "1996-12-31T16:00:00Z",
        "status": 6,
        "currency": "USD",
        "lines": [{"product_code": "P", "quantity": 1e-05, "amount": "1", "name": None}],
        "total": "1",
    }
    row = rules.order_row(Event(1, data))
    assert row["ordered_on"] == date(1997, 1, 1)
    assert row["lines"] == [{"product_code": "P", "amount": "1.00", "quantity": "0.00001"}]
