"""The sums of sales: at every moment what adding up all sales gives."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import event, select, text

from kehu_chassis import clock
from kehu_chassis.testing import Harness
from kehu_reporting.features.contribution import service
from kehu_reporting.features.contribution.models import SaleSum
from kehu_reporting.features.contribution.service import sums
from kehu_reporting.periods import Period

from .conftest import order_state

PATH = "/customer-contribution"
MOMENTS = ("2024-12-31T15:59:59Z", "2024-12-31T16:00:00Z", "2025-06-01T00:00:00Z",
           "2026-01-01T00:00:00Z")  # fmt: skip


def _kept(harness: Harness) -> set[tuple[Any, ...]]:
    with harness.session() as session:
        names = ("customer_id", "currency", "year", *sums.NAMES)
        kept = {
            tuple(row) for row in session.execute(select(*(getattr(SaleSum, n) for n in names)))
        }
        assert kept == {tuple(row) for row in session.execute(sums.by_period())}
    return kept


@pytest.mark.parametrize("seed", range(5))
def test_they_follow_every_change_in_any_order(
    harness: Harness, make_customer: Any, make_return: Any, seed: int
) -> None:
    """Orders change their amount, state, day, currency and customer; versions arrive late."""
    chance = random.Random(seed)
    customers = [make_customer(), make_customer(), {"id": None, "number": None, "name": None}]
    deliveries = []
    for _ in range(12):
        order = order_state(make_customer(), "1.00")
        for version in range(1, chance.randrange(2, 5)):
            customer = chance.choice(customers)
            changed = order | {
                "customer_id": customer["id"],
                "customer_number": customer["number"],
                "customer_name": customer["name"],
                "total": f"{chance.randrange(1, 10**6) / 100:.2f}",
                "profit": chance.choice((None, "0.10", "-3.00")),
                "status": chance.randrange(1, 7),
                "ordered_at": chance.choice(MOMENTS),
                "currency": chance.choice(("CNY", "USD")),
            }
            deliveries.append((changed, version))
    chance.shuffle(deliveries)
    for number, (order, version) in enumerate(deliveries):
        harness.deliver(
            "customer.order-recorded.v1", order, subject=order["order_id"], version=version
        )
        if number % 5 == 0:
            make_return(customers[number % 2], "2.50", returned_at=chance.choice(MOMENTS))
            _kept(harness)
    assert {row[2] for row in _kept(harness)} <= {0, 2024, 2025, 2026}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?year=2025",
        "?from=2025-01-01&to=2025-12-31&sort=customer_name",
        "?year=2024&sort=-profit",
        "?limit=2",
        "?year=2025&customer_name=o&limit=1",
    ],
)
def test_the_report_of_the_sums_is_that_of_the_sales(
    harness: Harness,
    staff: Any,
    make_customer: Any,
    make_order: Any,
    make_return: Any,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
) -> None:
    for manager in (staff.manager, staff.manager, staff.outsider, None):
        customer = make_customer(manager, name=f"No {manager}")
        for number, moment in enumerate(MOMENTS):
            make_order(customer, f"{number + 3}.10", ordered_at=moment, profit="0.05")
            make_order(customer, "7.00", ordered_at=moment, currency="USD", status=3 + number)
        make_return(customer, "1.25", returned_at=MOMENTS[2])
    clients = [harness.as_(user) for user in (staff.executive, staff.director)]
    of_sums = [client.get(PATH + query) for client in clients]
    monkeypatch.setattr(Period, "year", None)
    of_sales = [client.get(PATH + query) for client in clients]
    assert of_sums == of_sales
    assert of_sums[0]["items"]


def test_two_consumers_store_sales_of_one_customer(harness: Harness, make_customer: Any) -> None:
    customer = make_customer()
    _meanwhile(
        harness,
        first=[order_state(customer, "10.00")],
        second=[order_state(customer, "5.00")],
    )
    assert {(row[2], str(row[6])) for row in _kept(harness)} == {(0, "15.00"), (2026, "15.00")}


def test_two_consumers_store_versions_of_a_new_order(harness: Harness, make_customer: Any) -> None:
    """The second cannot know its former customer until the first has committed."""
    one, two = make_customer(), make_customer()
    order = order_state(one)
    _meanwhile(harness, first=[order], second=[order | {"customer_id": two["id"]}], version=2)
    assert {str(row[0]) for row in _kept(harness)} == {two["id"]}


def _meanwhile(harness: Harness, *, first: list[Any], second: list[Any], version: int = 1) -> None:
    """Store sales in a transaction; before it commits, a second one has begun and waits."""

    def store_second() -> None:
        with harness.session() as session:
            service.store_orders(session, [(order, version) for order in second])

    thread = threading.Thread(target=store_second)
    with harness.session() as session:
        service.store_orders(session, [(order, 1) for order in first])
        session.flush()
        thread.start()
        _eventually(lambda: _waiting(harness))
    thread.join(30)
    assert not thread.is_alive()


def _waiting(harness: Harness) -> bool:
    with harness.session() as session:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(session.scalar(waiting))


def _eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_migration_adds_up_what_is_there(
    harness: Harness, make_customer: Any, make_order: Any, make_return: Any
) -> None:
    for moment in MOMENTS:
        customer = make_customer()
        make_order(customer, "3.00", ordered_at=moment, profit="1.00")
        make_order(customer, "3.00", ordered_at=moment, status=2)
        make_return(customer, "1.00", returned_at=moment)
    before = _kept(harness)
    fill = ScriptDirectory(str(harness.service.migrations)).get_revision("0007").module.FILL
    with harness.session() as session:
        session.execute(text("TRUNCATE sale_sum"))
        session.execute(text(fill), {"zone": clock.timezone().key})
    assert _kept(harness) == before and len(before) == 2 * len(MOMENTS)


def test_resync_repairs_sums(harness: Harness, make_customer: Any, make_order: Any) -> None:
    order = make_order(make_customer(), "3.00")
    before = _kept(harness)
    with harness.session() as session:
        session.execute(text("UPDATE sale_sum SET amount = 1"))
    harness.deliver("customer.order-recorded.v1", order, subject=order["order_id"], version=1)
    assert _kept(harness) == before


def test_an_index_has_the_usual_order_of_the_report(harness: Harness, staff: Any) -> None:
    """Of a million customers the first page shows fifty."""
    sent: list[tuple[str, Any]] = []

    def record(_connection: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        sent.append((sql, values))

    event.listen(harness.database.engine, "before_cursor_execute", record)
    harness.as_(staff.executive).get(PATH)
    event.remove(harness.database.engine, "before_cursor_execute", record)
    [(sql, values)] = [one for one in sent if "ORDER BY" in one[0] and "LIMIT" in one[0]]
    with harness.session() as session:
        for setting in ("enable_seqscan", "enable_sort", "enable_hashjoin", "enable_bitmapscan"):
            session.execute(text(f"SET LOCAL {setting} = off"))
        plan = session.connection().exec_driver_sql(f"EXPLAIN {sql}", values).scalars().all()
    assert any("ix_sale_sum_amount" in line for line in plan), plan
    assert not any("Sort" in line for line in plan), plan
