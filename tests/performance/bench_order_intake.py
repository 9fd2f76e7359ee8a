"""The rate of order intake: customers and orders through the inbox, against bare INSERTs.

    python tests/performance/bench_order_intake.py [ORDERS.csv]

Reads a file with columns customer_id, date, amount_usd (and quantity), such as the CDNOW sample;
without one it makes up 6,919 purchases of 2,357 customers.  Batches of 100 go through the customer
service's inbox in this process, as from its consumer: with contract check, inbox row, outbox rows
and watch over warnings, but without the broker.  The bare figure inserts the same order rows, 100
at a time, and nothing else.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import text

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from kehu_chassis.data.database import Database  # noqa: E402
from kehu_chassis.runtime import migrate  # noqa: E402
from kehu_chassis.testing import Harness  # noqa: E402
from kehu_customer.app import service  # noqa: E402
from tests.support import embedded_postgres  # noqa: E402

BATCH = 100


def purchases(
    path: str | None, *, customers: int = 2357, orders: int = 6919
) -> list[dict[str, Any]]:
    """The rows of the file, or made-up ones, at least one for each customer."""
    if path:
        with Path(path).open(newline="") as file:
            return list(csv.DictReader(file))
    chance = random.Random(1)
    first = date(1997, 1, 1)
    rows = [_made_up(chance, number, first) for number in range(customers)]
    others = range(orders - customers)
    rows += [_made_up(chance, chance.randrange(customers), first) for _ in others]
    return rows


def _made_up(chance: random.Random, customer: int, first: date) -> dict[str, Any]:
    return {
        "customer_id": f"{customer:05}",
        "date": (first + timedelta(days=chance.randrange(545))).isoformat(),
        "quantity": str(chance.randrange(1, 6)),
        "amount_usd": f"{chance.randrange(500, 9000) / 100:.2f}",
    }


def customer_events(harness: Harness, rows: Sequence[dict[str, Any]]) -> list[bytes]:
    """One event for each customer."""
    codes = sorted({row["customer_id"] for row in rows})
    return [
        harness.envelope(
            "sales.customer-changed.v1", {"code": code, "name": f"Customer {code}"}, subject=code
        )
        for code in codes
    ]


def order_events(harness: Harness, rows: Sequence[dict[str, Any]]) -> list[bytes]:
    """One paid order for each purchase."""
    seen: Counter[tuple[str, str]] = Counter()
    bodies = []
    for row in rows:
        key = (row["customer_id"], row["date"])
        seen[key] += 1
        number = f"{key[0]}-{key[1].replace('-', '')}-{seen[key]}"
        line = {
            "product_code": "CD",
            "quantity": row["quantity"],
            "amount": row["amount_usd"],
        }
        data = {
            "order_no": number,
            "customer_code": key[0],
            "ordered_at": f"{key[1]}T00:00:00+08:00",
            "status": 6,
            "currency": "USD",
            "lines": [line],
            "total": row["amount_usd"],
        }
        bodies.append(harness.envelope("sales.order-paid.v1", data, subject=number))
    return bodies


def batches(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Slices of the consumer's batch size."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def measured(label: str, count: int, work: Callable[[], object]) -> float:
    """Run the work; print and return its rate per second."""
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    print(f"{label:44} {count:7,} in {seconds:6.2f} s  {count / seconds:9,.0f}/s")
    return count / seconds


def intake(harness: Harness, bodies: Sequence[bytes]) -> Callable[[], None]:
    """Work that passes bodies to the inbox, batch by batch."""

    def work() -> None:
        for batch in batches(bodies):
            harness.inbox.handle(batch)
        assert not harness.failed(), harness.failed()[0].reason

    return work


def bare_inserts(harness: Harness) -> Callable[[], None]:
    """Work that inserts copies of the recorded orders into a bare table."""
    with harness.session() as session:
        rows = [dict(r) for r in session.execute(text("SELECT * FROM sales_order")).mappings()]
        session.execute(text("CREATE TABLE bare_order (LIKE sales_order INCLUDING ALL)"))
    names = list(rows[0])
    statement = sql.SQL("INSERT INTO bare_order ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(map(sql.Placeholder, names)),
    )
    for row in rows:
        row["lines"] = psycopg.types.json.Jsonb(row["lines"])

    def work() -> None:
        with psycopg.connect(harness.settings.database_url) as connection:
            for start in range(0, len(rows), BATCH):
                with connection.cursor() as cursor:
                    cursor.executemany(statement, rows[start : start + BATCH])
                connection.commit()

    return work


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("orders", nargs="?", help="a CSV file; without it, rows are made up")
    rows = purchases(parser.parse_args().orders)
    with embedded_postgres.temporary() as server:
        database = Database(server.superuser_url, service="customer", pool=2, application="bench")
        migrate.upgrade(service, database)
        database.dispose()
        harness = Harness(service, server.superuser_url, ROOT / "contracts")
        customers, orders = customer_events(harness, rows), order_events(harness, rows)
        measured("customers recorded", len(customers), intake(harness, customers))
        rate = measured("orders recorded", len(orders), intake(harness, orders))
        measured("the same orders again (duplicates)", len(orders), intake(harness, orders))
        bare = measured("bare INSERT of the same rows", len(orders), bare_inserts(harness))
        print(f"order intake at {rate / bare:.3f} of bare INSERTs")
        harness.close()


if __name__ == "__main__":
    main()
