"""Reads a file of purchases: columns customer_id, date, quantity, amount_usd; others ignored."""

import zlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from kehu_chassis import money
from kehu_cli.demo.book import ISO_DATE, Order, day_of, name_key, number_of
from kehu_cli.demo.csv_rows import read_table
from kehu_cli.demo.faults import BadLine, BadValue, sentences

COLUMNS = ("customer_id", "date", "quantity", "amount_usd")
CURRENCY, PRODUCT = "USD", "CD"
LONGEST_CODE = 50


@dataclass(frozen=True)
class OrdersFile:
    """The orders of a file, its invalid lines, and how it was read if that is unusual."""

    orders: tuple[Order, ...]
    bad_lines: tuple[BadLine, ...]
    note: str | None = None

    @property
    def faults(self) -> list[str]:
        """One sentence for each rule that lines break."""
        return sentences(self.bad_lines, len(self.orders) + len(self.bad_lines))


def read_orders(path: Path, date_format: str = ISO_DATE) -> OrdersFile:
    """Read the file; lines with invalid values do not prevent reading the others.

    DataError if the file as a whole cannot be read.
    """
    table = read_table(path, COLUMNS)
    orders, bad = [], []
    nth: Counter[tuple[str, str]] = Counter()
    for line, row in table.rows:
        place = row["customer_id"], row["date"]
        # Counts bad lines, too: fixing one must not renumber the orders after it.
        nth[place] += 1
        try:
            orders.append(_order(row, date_format, nth[place]))
        except BadValue as fault:
            bad.append(BadLine.of(line, fault))
    return OrdersFile(tuple(_with_distinct_names(orders)), tuple(bad), table.note)


def _order(row: dict[str, str], date_format: str, nth: int) -> Order:
    code = row["customer_id"]
    if not code or len(code) > LONGEST_CODE or not code.isprintable():
        raise BadValue(f"customer_id must be 1 to {LONGEST_CODE} printable characters", code)
    ordered_on = day_of(row["date"], "date", date_format)
    pieces = number_of(row["quantity"], "quantity", decimals=6)
    if pieces == 0:
        raise BadValue("quantity must be above 0", row["quantity"])
    return Order(
        number=f"{code}-{ordered_on:%Y%m%d}-{nth}",
        code=code,
        customer=f"Customer {code}",
        ordered_on=ordered_on,
        product=PRODUCT,
        quantity=pieces.normalize(),
        amount=money.exact(number_of(row["amount_usd"], "amount_usd", decimals=2), CURRENCY),
        currency=CURRENCY,
    )


def _with_distinct_names(orders: list[Order]) -> list[Order]:
    """Name the customers so that codes that differ by case or width only stay apart.

    Names are compared without either, and customers of one name would be linked.
    """
    codes: dict[str, set[str]] = {}
    for order in orders:
        codes.setdefault(name_key(order.code), set()).add(order.code)
    alike = {code for spellings in codes.values() if len(spellings) > 1 for code in spellings}
    return [
        replace(order, customer=f"{order.customer} ({zlib.crc32(order.code.encode()):08x})")
        if order.code in alike
        else order
        for order in orders
    ]
