"""The real purchases of 2,357 customers: every order, every amount, every warning."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

FILE = Path(__file__).parents[5] / "shared/data/cdnow/cdnow_sample.csv"
BATCH = 100


@pytest.mark.skipif(not FILE.exists(), reason=f"no data file at {FILE}")
def test_all_purchases_and_the_warnings_of_june_1998(world: Any) -> None:
    with FILE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    bodies = list(_bodies(world, rows))
    for start in range(0, len(bodies), BATCH):
        world.harness.inbox.handle(bodies[start : start + BATCH])
    assert world.harness.failed() == []
    totals = text("SELECT count(*), count(DISTINCT customer_id), sum(total) FROM sales_order")
    with world.harness.session() as session:
        assert tuple(session.execute(totals).one()) == (6919, 2357, Decimal("244091.94"))
    scan = world.scan("1998-06-30")
    assert (scan["customers_looked_at"], scan["warnings_opened"]) == (2357, 1840)
    assert world.scan("1998-06-30")["warnings_opened"] == 0


def _bodies(world: Any, rows: list[dict[str, str]]) -> Any:
    envelope = world.harness.envelope
    for code in sorted({row["customer_id"] for row in rows}):
        yield envelope(
            "sales.customer-changed.v1", {"code": code, "name": f"Customer {code}"}, subject=code
        )
    nth: Counter[tuple[str, str]] = Counter()
    for row in rows:
        key = (row["customer_id"], row["date"])
        nth[key] += 1
        number = f"{key[0]}-{key[1].replace('-', '')}-{nth[key]}"
        data = {
            "order_no": number,
            "customer_code": key[0],
            "ordered_at": f"{key[1]}T00:00:00+08:00",
            "status": 6,
            "currency": "USD",
            "lines": [
                {"product_code": "CD", "quantity": row["quantity"], "amount": row["amount_usd"]}
            ],
            "total": row["amount_usd"],
        }
        yield envelope("sales.order-paid.v1", data, subject=number)
