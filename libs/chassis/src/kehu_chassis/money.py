"""Currencies by ISO 4217, and amounts as they are written.

The table is that of the package `iso4217`. A code without decimals, such as XXX, XTS or gold, is no
currency of an amount. See docs/adr/0038.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from iso4217 import Currency

# The only spelling of an amount below 10^16, in requests, events and files.
SPELLING = r"(0|[1-9][0-9]{0,15})(\.[0-9]{1,4})?"
# The same for numbers of any size and sign: what is too large or too precise has a code of its own.
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
LARGEST = Decimal("9999999999999999.9999")
DECIMALS = 4  # no currency has more
# Codes that ISO 4217 withdrew since 2015: what is older still names them.
_WITHDRAWN = {
    "ANG": 2, "BGN": 2, "BYR": 0, "CUC": 2, "HRK": 2, "LTL": 2, "MRO": 2, "SLL": 2, "STD": 2,
    "VEF": 2, "ZWL": 2,
}  # fmt: skip


class TooPrecise(ValueError):
    """An amount with more decimals than its currency has, which ``decimals`` holds."""

    def __init__(self, amount: Decimal, currency: str, decimals: int) -> None:
        super().__init__(f"{amount} has more than the {decimals} decimals of {currency}")
        self.decimals = decimals


@cache
def decimals(currency: str | None) -> int | None:
    """How many decimals an amount of a currency has; None if there is no such currency."""
    try:
        return Currency(currency).exponent
    except ValueError:
        return _WITHDRAWN.get(currency or "")


def is_currency(code: str) -> bool:
    """Whether amounts may have this currency."""
    return decimals(code) is not None


def exact(amount: Decimal, currency: str) -> Decimal:
    """The same amount with the decimals of its currency; TooPrecise if that would change it."""
    places = decimals(currency)
    if places is None:
        return amount
    fitted = amount.quantize(Decimal(1).scaleb(-places))
    if fitted != amount:
        raise TooPrecise(amount, currency, places)
    return fitted


def shown(amount: Decimal, currency: str | None) -> Decimal:
    """The same amount with the decimals of its currency, and with more if it would change without:
    unit prices, and amounts stored before they were checked."""
    places = decimals(currency)
    if places is None:
        return amount
    needed = -int(amount.normalize().as_tuple().exponent)
    return amount.quantize(Decimal(1).scaleb(-max(places, needed)))
