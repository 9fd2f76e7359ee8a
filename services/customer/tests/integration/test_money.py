"""Amounts of orders and customers in the decimals of their currencies."""

from typing import Any

import pytest

from .conftest import order_data

PATHS = ("total", "discount", "freight", "tax", "profit", "paid_amount")
MISSPELT = ("1e3", "+5", "05", "１２", "1,000", "5.", ".5", "1_000", "0x1", "")


@pytest.mark.parametrize(
    ("currency", "sent", "amount"),
    [
        ("KWD", "1.005", "1.005"),
        ("KWD", "5", "5.000"),
        ("JPY", "5000", "5000"),
        ("JPY", "5000.00", "5000"),
        ("CLF", "123456789012345.6789", "123456789012345.6789"),
        ("USD", "5", "5.00"),
        ("BGN", "7.5", "7.50"),
    ],
)
def test_orders_are_stored_and_published_exactly(
    world: Any, currency: str, sent: str, amount: str
) -> None:
    customer = world.customer(sales_codes=["C-1"])
    order = order_data("C-1", "2026-01-01", currency=currency, amount=sent, paid_amount=sent)
    world.harness.deliver("sales.order-paid.v1", order)
    [shown] = world.orders(customer)
    assert (shown["total"], shown["paid_amount"]) == (amount, amount)
    detail = world.as_(world.director).get(f"/customers/{customer['id']}/orders/{shown['id']}")
    assert [line["amount"] for line in detail["lines"]] == [amount]
    assert detail["total_mismatch"] is False
    [event] = world.events("order-recorded")
    assert (event["total"], event["lines"][0]["amount"]) == (amount, amount)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        *(({"currency": code}, "currency") for code in ("AAA", "XXX", "XTS", "XAU", "usd")),
        *(({"currency": "JPY", path: "0.5"}, path) for path in PATHS),
        ({"currency": "JPY", "amount": "0.5"}, "lines/0/amount"),
        ({"currency": "USD", "total": "29.333"}, "total"),
        ({"currency": "KWD", "total": "1.0001"}, "total"),
        *(({"total": text}, "total") for text in MISSPELT),
    ],
)
def test_orders_with_wrong_money_are_dead_letters_that_name_the_field(
    world: Any, fields: dict[str, Any], named: str
) -> None:
    order = {"total": "30", **fields}
    envelope = world.harness.envelope(
        "sales.order-paid.v1", order_data("C-1", "2026-01-01", **order)
    )
    world.harness.inbox.handle([envelope])
    [dead] = world.harness.failed()
    assert dead.state == "dead"
    assert named in dead.reason


def test_a_refused_order_that_is_corrected_later_ends_the_warning_and_the_loss(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "2026-01-01")
    wrong = order_data("C-1", "2026-06-01", number="late", currency="JPY", amount="10.5")
    world.harness.inbox.handle([world.harness.envelope("sales.order-paid.v1", wrong)])
    world.scan("2026-08-01")
    path, client = f"/churn-warnings/{world.warned(customer)['id']}", world.as_(world.manager)
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    client.post(f"{path}/confirm", {"reason_code": "other", "reason": "Silent"})
    assert world.get(customer)["status"] == "lost"
    right = order_data("C-1", "2026-06-01", number="late", currency="JPY", amount="10")
    world.harness.deliver("sales.order-paid.v1", right)
    assert world.get(customer)["status"] == "normal"


def test_capital_has_the_decimals_of_its_currency(world: Any, form: dict[str, Any]) -> None:
    url = "/customers"
    capital = {"registered_capital": "1000000", "annual_turnover": "5.5"}
    made = world.as_(world.director).post(url, form | capital | {"capital_currency": "KWD"}, 201)
    assert (made["registered_capital"], made["annual_turnover"]) == ("1000000.000", "5.500")
    refused = world.as_(world.director).request(
        "PATCH", f"{url}/{made['id']}", {"capital_currency": "JPY"}, if_match=made["version"]
    )
    assert _errors(refused) == [("/annual_turnover", "too-precise")]


def test_all_faults_of_a_customer_are_named_at_once(world: Any, form: dict[str, Any]) -> None:
    body = form | {
        "name": "New",
        "manager_id": "00000000-0000-0000-0000-000000000001",
        "registered_capital": "1.005",
        "annual_turnover": "1.005",
        "sales_codes": ["?1", "?2"],
    }
    assert _errors(world.as_(world.director).request("POST", "/customers", body)) == [
        ("/annual_turnover", "too-precise"),
        ("/manager_id", "unknown-reference"),
        ("/registered_capital", "too-precise"),
        ("/sales_codes", "unknown-sales-code"),
        ("/sales_codes", "unknown-sales-code"),
    ]


def _errors(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return sorted((error["pointer"], error["code"]) for error in response.get_json()["errors"])
