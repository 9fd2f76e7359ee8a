"""Rows from sales events, and whether their figures agree."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kehu_chassis import clock, money

# What decides the customer of a code, the strongest first after a person.
PERSON, NUMBER, REGISTRATION, NAME = "person", "number", "registration_no", "name"

CANCELLED = 4
SHIPPED, PAID = 5, 6
DELIVERED = (SHIPPED, PAID)
_TOLERANCE = Decimal("0.01")  # for each line, as each may have been rounded; or what is smallest
_ZERO = Decimal(0)
_EXTRAS = ("discount", "freight", "tax")
_MONEY = ("amount", "unit_price")  # of a line
_TEXTS = (
    "delivery_address",
    "payment_method",
    "salesperson",
    "opportunity_number",
    "contract_number",
)


@dataclass(frozen=True)
class Applied:
    """The effect of a recorded or attached order on a customer.

    It does not count if it is cancelled or has moved to another customer.
    """

    customer_id: UUID
    ordered_at: datetime
    ordered_on: date
    counts: bool


def recorded_version(row: Any) -> int:
    """The version of a recorded order or return, as published: it rises with the sales system's
    version, and whenever the row is given to another customer in between."""
    version: int = row["version"] + row["moves"]
    return version


def newest(received: Iterable[Any], key: str) -> dict[str, Any]:
    """Of every order (or return, or code) only the event with the highest version, by number."""
    found: dict[str, Any] = {}
    for event in received:
        known = found.get(event.data[key])
        if known is None or event.version > known.version:
            found[event.data[key]] = event
    return dict(sorted(found.items()))


def order_row(event: Any) -> dict[str, Any]:
    """The columns of an order, from its event."""
    data = event.data
    ordered_at, currency = moment(data["ordered_at"]), data["currency"]
    extras = {name: money.shown(Decimal(data.get(name) or 0), currency) for name in _EXTRAS}
    total, lines = money.shown(Decimal(data["total"]), currency), data["lines"]
    return {
        "order_no": data["order_no"],
        "version": event.version,
        "account_code": data.get("customer_code"),
        "customer_number": data.get("customer_number"),
        "status": int(data["status"]),  # JSON Schema takes 5.0 for a whole number, too
        "ordered_at": ordered_at,
        "ordered_on": clock.local_day(ordered_at),
        "currency": currency,
        "lines": [_line(line, currency) for line in lines],
        "total": total,
        "total_mismatch": total_mismatch(lines, total, currency, **extras),
        "profit": amount(data.get("profit"), currency),
        "paid_amount": amount(data.get("paid_amount"), currency),
        "planned_ship_on": _if_given(date.fromisoformat, data.get("planned_ship_on")),
        "shipped_at": _if_given(moment, data.get("shipped_at")),
        "planned_payment_on": _if_given(date.fromisoformat, data.get("planned_payment_on")),
        "paid_at": _if_given(moment, data.get("paid_at")),
        **extras,
        **{name: data.get(name) for name in _TEXTS},
    }


def return_row(event: Any) -> dict[str, Any]:
    """The columns of a return, from its event."""
    data, currency = event.data, event.data["currency"]
    return {
        "return_no": data["return_no"],
        "version": event.version,
        "order_no": data.get("order_no"),
        "account_code": data.get("customer_code"),
        "customer_number": data.get("customer_number"),
        "returned_at": moment(data["returned_at"]),
        "currency": currency,
        "lines": [_line(line, currency) for line in data["lines"]],
        "total": amount(data["total"], currency),
    }


def total_mismatch(
    lines: list[dict[str, Any]],
    total: Decimal,
    currency: str,
    *,
    discount: Decimal,
    freight: Decimal,
    tax: Decimal,
) -> bool:
    """Whether a total is further from its parts than rounding explains."""
    parts = sum((Decimal(line["amount"]) for line in lines), _ZERO) - discount + freight + tax
    smallest = Decimal(1).scaleb(-(money.decimals(currency) or 0))
    return abs(total - parts) > max(_TOLERANCE, smallest) * len(lines)


def moment(text: str) -> datetime:
    """A moment of an event; the contract requires an offset."""
    return datetime.fromisoformat(text)


def amount(value: Decimal | str | None, currency: str) -> Decimal | None:
    """An amount or unit price in the decimals of its currency, a price with more if it has more."""
    return None if value is None else money.shown(Decimal(value), currency)


def shown_lines(lines: Iterable[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Lines with their amounts and prices in the decimals of the currency, prices with more."""
    return [
        line
        | {name: str(amount(line[name], currency)) for name in _MONEY if line.get(name) is not None}
        for line in lines
    ]


def _line(line: dict[str, Any], currency: str) -> dict[str, Any]:
    """A line without empty fields, its quantity as a text."""
    names = ("product_code", "name", "unit", "unit_price", "amount")
    kept = {name: line[name] for name in names if line.get(name) is not None}
    [shown] = shown_lines([kept], currency)
    return shown | {"quantity": format(Decimal(str(line["quantity"])), "f")}


def _if_given(read: Callable[[str], Any], text: str | None) -> Any:
    return None if text is None else read(text)
