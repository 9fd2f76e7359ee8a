"""The speed of large reports: pages through Flask, against the bare SQL of the same page.

    python tests/performance/bench_reports.py [CUSTOMERS [SALES]]

Fills an embedded PostgreSQL by SQL, as events would over years: 200,000 customers of 200 managers
and 1,000,000 orders unless other numbers are given.  Then requests pages of the customer
contribution (E1), of its rows and of the customers, as an executive, from the service's Flask
application in this process: token, permission, parameters, queries, JSON.  The bare figure runs the
statements of such a request, with their parameters, on a separate connection and fetches the rows.
One run measures both in turn, so the ratio holds on any machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import text

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from kehu_chassis.data.database import Database  # noqa: E402
from kehu_chassis.runtime import migrate  # noqa: E402
from kehu_chassis.testing import Harness  # noqa: E402
from kehu_reporting.app import service  # noqa: E402
from tests.performance.timing import bare, milliseconds, p95, statements_of  # noqa: E402
from tests.support import embedded_postgres  # noqa: E402

ROUNDS = 20
PATHS = (
    "/customer-contribution",
    "/customer-contribution?year=2025",
    "/customer-contribution/rows",
    "/customer-contribution/rows?sort=-amount",
    "/customer-composition/rows?sort=-created_at",
)
CUSTOMERS = """
    INSERT INTO customer_ref (id, number, name, manager_id, level, region, satisfaction, credit,
                              status, created_at, deleted, version)
    SELECT md5('customer' || n)::uuid, 'KH-2025-' || lpad(n::text, 6, '0'), 'Customer ' || n,
           md5('manager' || n % 200)::uuid, 'ordinary', 'East', 3, 3, 'normal',
           timestamptz '2020-01-01' + n * interval '15 minutes', false, 1
    FROM generate_series(1, :customers) AS n
"""
SALES = """
    INSERT INTO sale (id, kind, number, order_no, customer_id, status, occurred_at, currency,
                      amount, version)
    SELECT md5('order' || n)::uuid, 'order', 'SO-' || n, 'SO-' || n,
           md5('customer' || (1 + (n * 7919) % :customers))::uuid, 6,
           timestamptz '2020-01-01' + n * (interval '6 years' / :sales), 'CNY',
           (n * 7907) % 1000000 / 100.0, 1
    FROM generate_series(1, CAST(:sales AS bigint)) AS n
"""


def fill(harness: Harness, customers: int, sales: int) -> None:
    """Insert customers and orders, and update the statistics as autovacuum would."""
    with harness.session() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text(CUSTOMERS), {"customers": customers})
        session.execute(text(SALES), {"customers": customers, "sales": sales})
    with harness.database.engine.connect() as connection:
        vacuum = connection.execution_options(isolation_level="AUTOCOMMIT")
        vacuum.execute(text("SET statement_timeout = 0"))
        vacuum.execute(text("VACUUM ANALYZE customer_ref, sale"))


def measure(harness: Harness, client: Any, path: str) -> None:
    """Print the p95 of a page and of its bare SQL, taken in turn."""

    def request() -> None:
        assert client.get(path)["items"]

    sent = statements_of(harness, request)
    pages, queries = [], []
    with harness.database.engine.connect() as connection:
        for _ in range(ROUNDS):
            pages.append(milliseconds(request))
            queries.append(milliseconds(lambda: bare(connection, sent)))
    ratio = p95(pages) / p95(queries)
    print(f"{path:46} {p95(pages):9,.1f} ms  bare {p95(queries):9,.1f} ms  ratio {ratio:5.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("customers", nargs="?", type=int, default=200_000)
    parser.add_argument("sales", nargs="?", type=int, default=1_000_000)
    given = parser.parse_args()
    customers, sales = given.customers, given.sales
    with embedded_postgres.temporary() as server:
        database = Database(server.superuser_url, service="reporting", pool=2, application="bench")
        migrate.upgrade(service, database)
        database.dispose()
        harness = Harness(service, server.superuser_url, ROOT / "contracts")
        seconds = milliseconds(lambda: fill(harness, customers, sales)) / 1000
        print(
            f"{customers:,} customers and {sales:,} orders made in {seconds:.0f} s; p95 of {ROUNDS}"
        )
        client = harness.as_(harness.user("executive"))
        for path in PATHS:
            measure(harness, client, path)
        harness.close()


if __name__ == "__main__":
    main()
