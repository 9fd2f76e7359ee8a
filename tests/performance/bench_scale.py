"""The speed of lists and reports at scale, against the bare SQL of the same page.

    python tests/performance/bench_scale.py [--customers 1000000] [--orders 5000000]
        [--rounds 20] [--only WORD]

Fills the databases of all services on an embedded PostgreSQL by SQL, as years of use would; a try
with --customers 20000 takes about a minute.  Then requests pages from the services' Flask
applications in this process, as each role: plain, with each sort and filter, with numbers, common
and rare words.  The bare figure runs the statements of a request, with their parameters, on a
separate connection and fetches the rows.  One run measures both in turn, so that the ratio holds on
any machine.  The goals are those of a machine without other work; the plan of every statement of a
page that misses its goal follows it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import kehu_auth.app  # noqa: E402
import kehu_customer.app  # noqa: E402
import kehu_marketing.app  # noqa: E402
import kehu_reporting.app  # noqa: E402
import kehu_service_desk.app  # noqa: E402
from kehu_chassis.actor import SYSTEM  # noqa: E402
from kehu_chassis.data.database import Database  # noqa: E402
from kehu_chassis.runtime import garbage, migrate  # noqa: E402
from kehu_chassis.testing import Harness  # noqa: E402
from kehu_customer.features.churn import service as churn  # noqa: E402
from tests.performance.bench_order_intake import (  # noqa: E402
    batches,
    customer_events,
    intake,
    measured,
    order_events,
    purchases,
)
from tests.performance.filling import PEOPLE, fill  # noqa: E402
from tests.performance.timing import bare, milliseconds, p95, statements_of  # noqa: E402
from tests.support import embedded_postgres  # noqa: E402

PAGE, COMMON, EXACT = 30.0, 100.0, 20.0  # goals in ms, p95
MANY_PAGES = 300

SERVICES = (
    kehu_customer.app.service, kehu_marketing.app.service, kehu_service_desk.app.service,
    kehu_auth.app.service, kehu_reporting.app.service,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A request and its goal in milliseconds; None: there is none."""

    service: str
    role: str
    path: str
    goal: float | None = PAGE


def cases(customers: int) -> Iterator[Case]:
    """All requests that are measured."""
    rare = f"KH-{2017 + 777 * 9 // (customers + 1)}-000777"
    searches = (
        (f"q={rare}", EXACT), (f"q={rare.replace('-', '').lower()}", EXACT),
        ("q=technology", COMMON), ("q=科技", COMMON), ("q=berlin systems", COMMON),
        ("q=shanghai 科技", COMMON),
    )  # fmt: skip
    # As somebody types a name, a phone and the number of an order.
    typed = (
        ("q=王小", COMMON), ("q=王小芳", COMMON), ("q=13", COMMON), ("q=138", COMMON),
        ("q=1380", COMMON), ("q=13800", COMMON), ("q=so-777", COMMON), ("q=east", COMMON),
        ("q=华东", COMMON), ("q=zzz", COMMON),
    )  # fmt: skip
    for role in ("executive", "sales_director", "account_manager"):
        for query, goal in (*searches, *typed):
            yield Case("customer", role, f"/search?{query}", goal)
        yield Case("marketing", role, "/search?q=technology", COMMON)
        for query in ("", "?currency=USD", "?sort=-order_no", "?ordered_on_from=2025-01-01"):
            yield Case("customer", role, f"/orders{query}", COMMON)
        yield Case("customer", role, "/orders?q=SO-777", COMMON)
        for query in ("", "?sort=name", "?is_primary=true"):
            yield Case("customer", role, f"/contacts{query}", COMMON)
        yield Case("customer", role, "/contacts?q=王小芳", COMMON)
        yield Case("customer", role, "/customers")
        for sort in ("created_at", "name", "-name", "number", "-updated_at"):
            yield Case("customer", role, f"/customers?sort={sort}")
        for query in ("region=East", "level=ordinary", "status=lost", "is_prospect=true",
                      "created_at_from=2025-01-01", "region=East&status=lost"):  # fmt: skip
            yield Case("customer", role, f"/customers?{query}")
        for query, goal in searches:
            yield Case("customer", role, f"/customers?{query}", goal)
            yield Case("customer", role, f"/customer-directory?{query}", goal)
        for sort in ("-created_at", "expected_amount", "customer_name"):
            yield Case("marketing", role, f"/opportunities?sort={sort}")
        for query in ("region=East", "stage=qualification"):
            yield Case("marketing", role, f"/opportunities?{query}")
        yield Case("marketing", role, "/opportunities?q=technology", COMMON)
        yield Case("service-desk", role, "/notifications")
        for report in ("customer-contribution", "customer-composition", "service-composition",
                       "customer-churn", "sales-funnel"):  # fmt: skip
            yield Case("reporting", role, f"/{report}", None)
        for period in ("year=2024", "from=2024-01-01&to=2024-03-31", "sort=customer_name"):
            yield Case("reporting", role, f"/customer-contribution?{period}", None)
        yield Case("reporting", role, "/customer-composition/rows?sort=-created_at")
    yield Case("customer", "executive", "/customers/<first>/orders")
    for role in ("executive", "sales_director", "account_manager", "service_agent"):
        yield Case("service-desk", role, "/requests")
        yield Case("service-desk", role, "/requests?status=archived&sort=number")
        yield Case("service-desk", role, "/requests?q=technology", COMMON)
        yield Case("service-desk", role, "/search?q=technology", COMMON)
    for query in ("", "?action=created", "?record_type=customer&outcome=done",
                  "?occurred_at_from=2025-01-01"):  # fmt: skip
        yield Case("auth", "administrator", f"/audit-entries{query}")


@contextmanager
def opened(server_url: str) -> Iterator[dict[str, Harness]]:
    """Every service on a migrated database of its own."""
    worlds: dict[str, Harness] = {}
    root = Database(server_url, service="bench", pool=1, application="bench")
    with root.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        for service in SERVICES:
            alone.execute(text(f'CREATE DATABASE "{service.name}"'))
    root.dispose()
    try:
        for service in SERVICES:
            url = make_url(server_url).set(database=service.name)
            shown = url.render_as_string(hide_password=False)
            harness = worlds[service.name] = Harness(service, shown, ROOT / "contracts")
            migrate.upgrade(service, harness.database)
            # Also auth accepts the tokens of tests.
            harness.app.extensions["kehu.authority"] = harness.identity.authority
        yield worlds
    finally:
        for harness in worlds.values():
            harness.close()


def measure(harness: Harness, case: Case, path: str, rounds: int) -> bool:
    """Print p50 and p95 of a page and of its bare SQL, taken in turn; whether it met its goal."""
    client = harness.as_(PEOPLE[case.role])
    # A missing permission is no figure.
    if client.request("GET", path).status_code == 403:
        return True
    sent = statements_of(harness, lambda: client.get(path))
    pages, queries = [], []
    with harness.database.engine.connect() as connection:
        for _ in range(rounds):
            pages.append(milliseconds(lambda: client.get(path)))
            queries.append(milliseconds(lambda: bare(connection, sent)))
        missed = case.goal is not None and p95(pages) > case.goal
        goal = "" if case.goal is None else f"  goal {case.goal:4.0f}{'  MISSED' if missed else ''}"
        print(
            f"{case.role:16} {case.service:13} {path:52}"
            f" p50 {statistics.median(pages):8,.1f}  p95 {p95(pages):8,.1f} ms"
            f"  bare {statistics.median(queries):8,.1f} {p95(queries):8,.1f}"
            f"  ratio {p95(pages) / p95(queries):5.2f}{goal}",
            flush=True,
        )
        if missed:
            explain(connection, sent)
    return not missed


def explain(connection: Connection, statements: list[tuple[str, Any]]) -> None:
    """Print how PostgreSQL executes these statements."""
    with connection.begin():
        for sql, values in statements:
            print(f"    {' '.join(sql.split())[:400]}")
            for line in connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {sql}", values
            ).scalars():
                print(f"        {line[:200]}")


def measure_late_page(harness: Harness) -> None:
    """Print a page late in the list of customers beside the second one, each of 200 rows."""
    client = harness.as_(PEOPLE["executive"])
    times, cursor = [], ""
    for _ in range(MANY_PAGES):
        path = f"/customers?limit=200{cursor}"
        began = time.perf_counter()
        page = client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    few = max(len(times) // 10, 1)
    early, late = statistics.median(times[1 : 1 + few]), statistics.median(times[-few:])
    print(f"pages of 200 rows, p50: from page 2 {early:.1f} ms, to page {len(times)} {late:.1f} ms")


def measure_scan(harness: Harness, seconds: float) -> None:
    """Print how many warnings, with their events, a scan opens in a second; it ends early."""
    database = harness.database
    scan_id = database.run(SYSTEM, churn.request_scan).id
    began = time.perf_counter()
    while database.run(SYSTEM, lambda session: churn.step(session, scan_id)):
        if time.perf_counter() - began > seconds:
            break
    passed = time.perf_counter() - began
    with harness.session() as session:
        scan = churn.get_scan(session, scan_id)
        opened, seen = scan.warnings_opened, scan.customers_looked_at
    print(f"scan: {opened:,} warnings of {seen:,} customers, {opened / passed:,.0f} a second")


def measure_intake(harness: Harness, customers: int) -> None:
    """Print how many new customers and orders of the sales system are recorded in a second, of the
    orders for the first and the last fifth."""
    rows = purchases(None, customers=customers, orders=5 * customers)
    measured("new customers recorded", customers, intake(harness, customer_events(harness, rows)))
    orders = order_events(harness, rows)
    fifth = len(orders) // 5
    measured("orders recorded, the first fifth", fifth, intake(harness, orders[:fifth]))
    intake(harness, orders[fifth:-fifth])()
    measured("orders recorded, the last fifth", fifth, intake(harness, orders[-fifth:]))


def work_beside(url: str, stop: Event) -> None:
    """Record orders and scan until told to stop: a process beside those that serve pages."""
    harness = Harness(kehu_customer.app.service, url, ROOT / "contracts")
    scan_id = harness.database.run(SYSTEM, churn.request_scan).id
    rows = purchases(None, customers=1_000, orders=100_000)
    intake(harness, customer_events(harness, rows))()
    for bodies in batches(order_events(harness, rows)):
        if stop.is_set():
            break
        intake(harness, bodies)()
        harness.database.run(SYSTEM, lambda session: churn.step(session, scan_id))
    harness.close()


@contextmanager
def beside(harness: Harness) -> Iterator[None]:
    """Orders and a scan going on in another process."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=work_beside, args=(harness.settings.database_url, stop))
    process.start()
    try:
        yield
        assert process.is_alive(), "it ended early"
    finally:
        stop.set()
        process.join()


def main() -> None:
    """Measure and print; the exit code is 1 if a goal was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, help="five times the customers, if not given")
    parser.add_argument("--rounds", type=int, default=20, help="how often each page is requested")
    parser.add_argument("--only", default="", metavar="WORD", help="cases whose path has the word")
    given = parser.parse_args()
    orders = given.orders or 5 * given.customers
    with embedded_postgres.temporary() as server, opened(server.superuser_url) as worlds:
        seconds = milliseconds(lambda: fill(worlds, given.customers, orders)) / 1000
        garbage.collect_rarely()  # as the processes that serve pages do
        print(f"{given.customers:,} customers, {orders:,} orders made in {seconds:.0f} s")
        first = worlds["customer"].as_(PEOPLE["executive"]).get("/customers?limit=1")["items"][0]
        met = [
            measure(
                worlds[case.service], case, case.path.replace("<first>", first["id"]), given.rounds
            )
            for case in cases(given.customers)
            if given.only in case.path
        ]
        measure_late_page(worlds["customer"])
        measure_scan(worlds["customer"], seconds=60)
        measure_intake(worlds["customer"], customers=2_000)
        print("beside the intake of orders and a scan:")
        with beside(worlds["customer"]):
            for case in cases(given.customers):
                if case.service == "customer" and case.role == "executive" and "<" not in case.path:
                    measure(worlds[case.service], replace(case, goal=None), case.path, given.rounds)
        print(f"{met.count(False)} of {len(met)} pages missed their goal")
    sys.exit(not all(met))


if __name__ == "__main__":
    main()
