"""Published orders compared with those that the customer service shows."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest
from rich.console import Console

from kehu_cli.demo.book import Order
from kehu_cli.demo.client import DemoError
from kehu_cli.demo.display import Display
from kehu_cli.demo.sales_system import Effect, watch

DAY = date(1997, 1, 1)


class Reader:
    """A user who sees these customers, each with its codes and the numbers of its orders."""

    def __init__(self, *customers: tuple[list[str], list[str]]) -> None:
        self._customers = {str(n): customer for n, customer in enumerate(customers)}

    def total(self, _path: str) -> int:
        return len(self._customers)

    def pages(self, path: str, **_query: Any) -> list[dict[str, Any]]:
        if path == "/customer/customers":
            return [
                {"id": one, "sales_codes": codes} for one, (codes, _) in self._customers.items()
            ]
        _, orders = self._customers[path.split("/")[3]]
        return [
            {
                "order_no": number, "status": 6, "ordered_on": DAY.isoformat(),
                "currency": "USD", "total": "1.50",
            }
            for number in orders
        ]  # fmt: skip


def watched(*customers: tuple[list[str], list[str]]) -> Effect:
    """Return the effect of two orders of A and one of B on these customers."""
    orders = [
        Order(number, code, code, DAY, "CD", Decimal(1), Decimal("1.50"), "USD")
        for number, code in (("A-1", "A"), ("A-2", "A"), ("B-1", "B"))
    ]
    reader, display = cast(Any, Reader(*customers)), Display(Console(quiet=True))
    return watch(reader, orders, 0.0, display, workers=1, handled=lambda: None)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait: nothing changes any more."""
    monkeypatch.setattr("kehu_cli.demo.sales_system.wait_for", _look_twice)


def _look_twice(read: Any, expected: int, **_options: Any) -> int:
    found: int = read()
    return found if found == expected else read()


def test_orders_exactly_as_published_are_counted() -> None:
    effect = watched((["A"], ["A-1", "A-2"]), (["B"], ["B-1"]))
    assert (effect.customers, effect.orders, effect.as_published) == (2, 3, 3)
    assert effect.amounts == {"USD": Decimal("4.50")}


def test_two_codes_of_one_customer_count_as_one_customer() -> None:
    effect = watched((["A", "B"], ["A-1", "A-2", "B-1"]))
    assert (effect.customers, effect.orders) == (1, 3)


def test_a_duplicated_order_is_counted_twice() -> None:
    effect = watched((["A"], ["A-1", "A-2"]), (["B"], ["B-1", "A-2"]))
    assert (effect.customers, effect.orders, effect.as_published) == (2, 4, 3)
    assert effect.amounts == {"USD": Decimal("6.00")}


def test_orders_of_another_file_are_counted_separately() -> None:
    effect = watched((["A"], ["A-1", "A-2", "A-0"]), (["B"], ["B-1"]))
    assert (effect.orders, effect.others, effect.as_published) == (3, 1, 3)
    assert effect.amounts == {"USD": Decimal("4.50")}


def test_a_missing_customer_is_reported() -> None:
    with pytest.raises(DemoError, match="1 published customers do not exist: B"):
        watched((["A"], ["A-1", "A-2"]), ([], []))
