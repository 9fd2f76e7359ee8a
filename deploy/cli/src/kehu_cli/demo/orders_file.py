"""Reads a file of purchases: columns customer_id, date, quantity, amount_usd; others ignored."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from kehu_cli.demo.book import LARGEST, Order, day_of
from kehu_cli.demo.csv_rows import read_rows

COLUMNS = ("customer_id", "date", "quantity", "amount_usd")
CURRENCY, PRODUCT = "USD", "CD"
LONGEST_CODE = 50


@dataclass(frozen=True)
class BadLine:
    """A line that is not a valid order, and the reason."""

    line: int
    reason: str


@dataclass(frozen=True)
class OrdersFile:
    """The orders of a file, and its invalid lines."""

    orders: tuple[Order, ...]
    bad_lines: tuple[BadLine, ...]


def read_orders(path: Path) -> OrdersFile:
    """Read the file; invalid lines do not prevent reading the others."""
    orders, bad = [], []
    nth: Counter[tuple[str, str]] = Counter()
    for line, row in read_rows(path, COLUMNS):
        fields = [row[name] for name in COLUMNS]
        # Counts bad lines, too: fixing one must not renumber the orders after it.
        nth[fields[0], fields[1]] += 1
        try:
            orders.append(_order(*fields, nth=nth[fields[0], fields[1]]))
        except ValueError as error:
            bad.append(BadLine(line, str(error)))
    return OrdersFile(tuple(orders), tuple(bad))


def _order(code: str, day: str, quantity: str, amount: str, *, nth: int) -> Order:
    if not code or len(code) > LONGEST_CODE or not code.isprintable():
        raise ValueError(f"customer_id must be 1 to {LONGEST_CODE} characters, not {code!r}")
    ordered_on = day_of(day, "date")
    pieces = _number(quantity, "quantity")
    if pieces <= 0 or pieces != round(pieces, 6):
        raise ValueError(f"quantity is {quantity!r}; it must be above 0, with six decimals at most")
    value = _number(amount, "amount_usd")
    if value < 0 or value != round(value, 2):
        raise ValueError(f"amount_usd is {amount!r}; it must be from 0, with two decimals at most")
    return Order(
        number=f"{code}-{ordered_on:%Y%m%d}-{nth}",
        code=code,
        customer=f"Customer {code}",
        ordered_on=ordered_on,
        product=PRODUCT,
        quantity=pieces.normalize(),
        amount=value.quantize(Decimal("0.01")),
        currency=CURRENCY,
    )


def _number(text: str, column: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{column} is {text!r}, not a number") from None
    if not number.is_finite() or abs(number) >= LARGEST:
        raise ValueError(f"{column} is {text!r}, which is too large")
    return number
