"""Currencies and amounts by ISO 4217."""

from decimal import Decimal

import pytest

from kehu_chassis import money

DECIMALS = {"CNY": 2, "USD": 2, "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "TND": 3, "CLF": 4}


@pytest.mark.parametrize(("currency", "decimals"), DECIMALS.items())
def test_decimals_of_currencies(currency: str, decimals: int) -> None:
    assert money.decimals(currency) == decimals


@pytest.mark.parametrize("code", ["AAA", "XXX", "XTS", "XAU", "XDR", "DEM", "cny", "CN", "", "元"])
def test_other_codes_are_no_currencies(code: str) -> None:
    assert not money.is_currency(code)


def test_withdrawn_currencies_of_old_orders_remain() -> None:
    assert [code for code in ("BGN", "HRK", "LTL", "SLL") if not money.is_currency(code)] == []


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("5", "CNY", "5.00"),
        ("5", "JPY", "5"),
        ("1200.00", "JPY", "1200"),
        ("1.5", "KWD", "1.500"),
        ("0", "CLF", "0.0000"),
        ("9999999999999999.9999", "CLF", "9999999999999999.9999"),
        ("-0.1", "CNY", "-0.10"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(amount: str, currency: str, text: str) -> None:
    assert str(money.exact(Decimal(amount), currency)) == text
    assert str(money.shown(Decimal(amount), currency)) == text


@pytest.mark.parametrize(
    ("amount", "currency"), [("100.5", "JPY"), ("1.001", "CNY"), ("1.0001", "KWD")]
)
def test_an_amount_is_never_rounded(amount: str, currency: str) -> None:
    with pytest.raises(money.TooPrecise):
        money.exact(Decimal(amount), currency)
    assert str(money.shown(Decimal(amount), currency)) == amount


def test_unit_prices_keep_their_decimals() -> None:
    assert str(money.shown(Decimal("12.500000"), "CNY")) == "12.50"
    assert str(money.shown(Decimal("0.000125"), "JPY")) == "0.000125"
