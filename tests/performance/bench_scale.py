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
from uuid import UUID

from sqlalchemy import Connection, insert, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import kehu_auth.app  # noqa: E402
import kehu_customer.app  # noqa: E402
import kehu_marketing.app  # noqa: E402
import kehu_reporting.app  # noqa: E402
import kehu_service_desk.app  # noqa: E402
from kehu_auth.features.audit.models import AuditEntry  # noqa: E402
from kehu_chassis.actor import SYSTEM  # noqa: E402
from kehu_chassis.data.columns import limits_of  # noqa: E402
from kehu_chassis.data.database import Database  # noqa: E402
from kehu_chassis.identity.directory import Department, Person  # noqa: E402
from kehu_chassis.runtime import garbage, migrate  # noqa: E402
from kehu_chassis.testing import Harness, User  # noqa: E402
from kehu_customer.features.churn import service as churn  # noqa: E402
from kehu_customer.features.contacts.models import Contact  # noqa: E402
from kehu_customer.features.customers.models import Customer  # noqa: E402
from kehu_customer.features.orders.models import SalesOrder  # noqa: E402
from kehu_marketing.features.opportunities.models import Opportunity  # noqa: E402
from kehu_reporting.features.contribution.models import Sale, SaleSum  # noqa: E402
from kehu_reporting.features.contribution.service import sums  # noqa: E402
from kehu_reporting.features.customers.models import CustomerRef  # noqa: E402
from kehu_reporting.features.funnel.models import Opportunity as OpportunityRef  # noqa: E402
from kehu_reporting.features.requests.models import ServiceRequest as RequestRef  # noqa: E402
from kehu_service_desk.features.notifications.models import Notification  # noqa: E402
from kehu_service_desk.features.requests.models import ServiceRequest  # noqa: E402
from tests.performance.bench_order_intake import (  # noqa: E402
    batches,
    customer_events,
    intake,
    measured,
    order_events,
    purchases,
)
from tests.performance.timing import bare, milliseconds, p95, statements_of  # noqa: E402
from tests.support import embedded_postgres  # noqa: E402

MANAGED = 5_000  # customers of the account manager, the oldest ones
PAGE, COMMON, EXACT = 30.0, 100.0, 20.0  # goals in ms, p95
MANY_PAGES = 300

TEAM = UUID(int=1)
PEOPLE = {
    role: User((role,), TEAM if role in ("sales_director", "account_manager") else None, role)
    for role in (
        "executive", "sales_director", "account_manager", "service_agent", "administrator",
    )
}  # fmt: skip
SERVICES = (
    kehu_customer.app.service, kehu_marketing.app.service, kehu_service_desk.app.service,
    kehu_auth.app.service, kehu_reporting.app.service,
)  # fmt: skip

# What `kehu_chassis.data.search.grams` computes, for the texts made here.
GRAMS = """
    CREATE FUNCTION bench_grams(document text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
        SELECT array_agg(DISTINCT gram) FROM (
            SELECT substr(word, i, length) AS gram
            FROM regexp_split_to_table(trim(E' \\n' FROM document), '\\s+') AS word,
                 generate_series(1, length(word)) AS i, (VALUES (1), (2)) AS lengths (length)
            WHERE i + length - 1 <= length(word)
            UNION
            SELECT substr(run[1], i, 4) FROM regexp_matches(document, '[0-9a-z]{4,}', 'g') AS run,
                   generate_series(1, length(run[1]) - 3) AS i
        ) AS all_grams
    $$
"""
# A fifth of all names has one of these words, every name a rare one.
NAME = """
    (ARRAY['Shanghai', '北京', 'Berlin', '广州', 'Oslo'])[1 + n * 7 % 5]
    || ' ' || translate(to_hex((n::bigint * 7919) % 16777213), '0123456789', 'ghijklmnop')
    || (ARRAY[' Technology', ' 贸易有限公司', ' Systems', ' Medical', ' 科技有限公司'])[1 + n % 5]
"""
PHONE = "('1' || lpad(((n::bigint * 7907) % 9999999967)::text, 10, '0'))"
REGION = "(ARRAY['East', 'West', 'North', '华东', '华南'])[1 + n % 5]"
# Thousands have the same name.
PERSON = """
    (ARRAY['王', '李', '张', '刘', '陈', '杨', '赵'])[1 + n % 7]
    || (ARRAY['小', '大', '文', '志', '秀', '建', '', '晓'])[1 + n % 8]
    || (ARRAY['伟', '芳', '娜', '敏', '静', '强', '磊', '军', '洋', '勇', '艳'])[1 + n % 11]
"""
DEFAULTS = {
    "TEXT": "'any'", "INTEGER": "1", "SMALLINTEGER": "1", "BIGINTEGER": "1", "BOOLEAN": "false",
    "DOUBLE": "n", "DATE": "DATE '2026-01-01'", "DATETIME": "now()", "NUMERIC": "n % 100000",
    "UUID": "md5('user' || n % 200)::uuid", "JSONB": "'[]'",
}  # fmt: skip
MOMENT = "timestamptz '2017-01-01' + n * (interval '9 years' / :rows)"
YEAR = "(2017 + n::bigint * 9 / (:rows + 1))"


@dataclass(frozen=True)
class Case:
    """A request and its goal in milliseconds; None: there is none."""

    service: str
    role: str
    path: str
    goal: float | None = PAGE


def _number(prefix: str) -> str:
    return f"'{prefix}-' || {YEAR} || '-' || lpad(n::text, 6, '0')"


def _id(kind: str, number: str = "n") -> str:
    """Ids of one kind, in the order of creation as UUIDv7 are."""
    return f"('{kind}' || lpad(to_hex({number}), 31, '0'))::uuid"


def _insert(session: Any, model: Any, rows: int, **given: str) -> None:
    """Insert rows of these SQL expressions of ``n``; other columns get any value they may have."""
    values, table = dict(given), model.__tablename__
    if "search_text" in values:
        # The index of grams is made afterwards, as it is faster.
        values["search_grams"] = f"bench_grams({values['search_text']})"
        session.execute(text(f"DROP INDEX ix_{table}_search_grams"))
    for column in model.__table__.columns:
        if column.name not in values and not column.nullable:
            values[column.name] = _any_value(column)
    statement = (
        f'INSERT INTO "{table}" ({", ".join(values)})'
        f" SELECT {', '.join(values.values())}"
        " FROM generate_series(1, CAST(:rows AS int)) AS n, (SELECT CAST(:rows AS bigint)) AS all_"
    )
    session.execute(text(statement), {"rows": rows})
    if "search_text" in values:
        index = f"ix_{table}_search_grams ON {table} USING gin (search_grams)"
        session.execute(text(f"CREATE INDEX {index}"))


def _any_value(column: Any) -> str:
    kind, choices = type(column.type).__name__.upper(), limits_of([column]).choices
    if choices:
        return f"'{choices[0]}'"
    return "'{}'" if kind == "ARRAY" else DEFAULTS[kind]


@contextmanager
def _filling(harness: Harness) -> Iterator[Any]:
    """A long transaction; then statistics as autovacuum would make them."""
    with harness.session() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        session.execute(text(GRAMS))
        if harness.service.directory:
            _insert_people(session)
        yield session
    with harness.database.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("SET statement_timeout = 0"))
        alone.execute(text("VACUUM ANALYZE"))
        alone.execute(text("RESET statement_timeout"))


def _insert_people(session: Any) -> None:
    """Those of `PEOPLE`, and 200 account managers, a tenth of them in the director's department."""
    session.add(Department(id=TEAM, name="East", parent_id=None, deleted=False, version=1))
    for role, user in PEOPLE.items():
        session.add(
            Person(
                id=user.id,
                username=role,
                display_name=role,
                department_id=user.department_id,
                roles=[role],
                regions=[],
                industries=[],
                enabled=True,
                version=1,
            )  # fmt: skip
        )
    session.flush()
    department = f"CASE WHEN n % 10 = 0 THEN '{TEAM}'::uuid END"
    _insert(
        session, Person, 200, id="md5('user' || n % 200)::uuid", username="'user' || n",
        display_name="'Manager ' || n", department_id=department, roles="ARRAY['account_manager']",
        enabled="true",
    )  # fmt: skip


def _document(*texts: str) -> str:
    return " || ".join(f"lower({one}) || E'\\n'" for one in texts)


def insert_customers(session: Any, customers: int, owner: str) -> None:
    """Insert customers; their manager is this SQL expression of ``n``."""
    number = _number("KH")
    _insert(
        session, Customer, customers, id=_id("c"), number=number, name=NAME,
        name_key=f"lower({NAME})", region=REGION, manager_id=owner, phone=PHONE,
        level="(ARRAY['key_account', 'ordinary'])[1 + n % 2]", created_at=MOMENT,
        updated_at=MOMENT, status="CASE WHEN n % 97 = 0 THEN 'lost' ELSE 'normal' END",
        search_text=_document(NAME, number, f"replace({number}, '-', '')", PHONE, REGION),
    )  # fmt: skip


def fill(worlds: dict[str, Harness], customers: int, orders: int) -> None:
    """Insert the people and everything; the oldest records belong to the account manager."""
    manager = f"'{PEOPLE['account_manager'].id}'::uuid"
    owner = f"CASE WHEN n <= {MANAGED} THEN {manager} ELSE md5('user' || n % 200)::uuid END"
    phone, region, mobile = PHONE, REGION, PHONE.replace("7907", "7901")
    with _filling(worlds["customer"]) as session:
        insert_customers(session, customers, owner)
        _insert(
            session, SalesOrder, orders, id=_id("d"), order_no="'SO-' || n", status="6",
            customer_id=_id("c", f"1 + (n::bigint * 7919) % {customers}"), ordered_at=MOMENT,
            ordered_on=f"({MOMENT})::date",
            currency="CASE WHEN n % 1000 = 0 THEN 'USD' ELSE 'CNY' END",
            search_text=_document("'SO-' || n", "'SO' || n"),
        )  # fmt: skip
        _insert(
            session, Contact, customers, id=_id("9"), customer_id=_id("c"), name=PERSON,
            mobile=mobile, created_at=MOMENT, updated_at=MOMENT,
            search_text=_document(PERSON, mobile),
        )  # fmt: skip
    few = max(customers // 4, 1)
    creator = owner.replace(str(MANAGED), str(min(MANAGED, few)))
    with _filling(worlds["marketing"]) as session:
        number = _number("XS")
        _insert(
            session, Opportunity, few, id=_id("e"), number=number, customer_name=NAME,
            created_by=creator, assignee_id=creator, status="'developing'", created_at=MOMENT,
            stage="'qualification'", stage_type="'open'", currency="'CNY'", region=region,
            expected_amount="n % 100000", contact_phone=phone,
            search_text=_document(number, f"replace({number}, '-', '')", NAME, phone, region),
        )  # fmt: skip
    with _filling(worlds["service-desk"]) as session:
        number = _number("FW")
        _insert(
            session, ServiceRequest, few, id=_id("f"), number=number, summary=NAME,
            customer_id=_id("c"), created_by=creator, assignee_id=creator, created_at=MOMENT,
            updated_at=MOMENT, type="'complaint'", priority="'normal'", status="'archived'",
            search_text=_document(number, f"replace({number}, '-', '')", NAME),
        )  # fmt: skip
        _insert(
            session, Notification, few, id=_id("a"), recipient_id=creator, key="'key' || n",
            code="'customer-reassigned'", created_at=MOMENT, updated_at=MOMENT, params="'{}'",
        )  # fmt: skip
    with _filling(worlds["auth"]) as session:
        _insert(
            session, AuditEntry, customers, id=_id("b"), service="'customer'", occurred_at=MOMENT,
            action="(ARRAY['created', 'updated', 'deleted'])[1 + n % 3]", outcome="'done'",
            actor_kind="'user'", record_type="'customer'", record_id="n::text",
        )  # fmt: skip
    with _filling(worlds["reporting"]) as session:
        _insert(
            session, CustomerRef, customers, id=_id("c"), number=_number("KH"), name=NAME,
            manager_id=owner, region=region, level="'ordinary'", status="'normal'",
            created_at=MOMENT, deleted="false",
        )  # fmt: skip
        _insert(
            session, Sale, orders, id=_id("d"), kind="'order'", number="'SO-' || n", status="6",
            customer_id=_id("c", f"1 + (n::bigint * 7919) % {customers}"), occurred_at=MOMENT,
            currency="'CNY'",
        )  # fmt: skip
        names = ["customer_id", "currency", "year", *sums.NAMES]
        session.execute(insert(SaleSum).from_select(names, sums.by_period()))
        _insert(
            session, OpportunityRef, few, id=_id("e"), number=_number("XS"), customer_name=NAME,
            status="'developing'", stage="'qualification'", assignee_id=creator, currency="'CNY'",
            created_by=creator, created_at=MOMENT, deleted="false",
        )  # fmt: skip
        _insert(
            session, RequestRef, few, id=_id("f"), number=_number("FW"), type="'complaint'",
            customer_id=_id("c"), status="'archived'", created_by=creator, created_at=MOMENT,
        )  # fmt: skip


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
