"""Concurrent transactions: the second waits for the first and sees its changes.

The first is held open until the second either waits for a lock or is done, so that nothing here
depends on chance.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.messaging import events
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customer_management import service as management
from kehu_customer.features.sales_intake import service as sales_intake

from .conftest import order_data

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@contextmanager
def meanwhile(world: Any, second: Callable[[], object]) -> Iterator[Session]:
    """A transaction; before it commits, ``second`` has begun on a thread of its own."""
    with world.harness.session() as first:
        yield first
        first.flush()
        thread = threading.Thread(target=second)
        thread.start()
        _until_waiting_or_done(world, thread)
    thread.join(30)
    assert not thread.is_alive()
    assert world.harness.failed() == []


def _until_waiting_or_done(world: Any, thread: threading.Thread) -> None:
    deadline = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < deadline:
        with world.harness.session() as session:
            if session.scalar(WAITING):
                return
        thread.join(0.01)


def _received(world: Any, name: str, data: dict[str, Any]) -> events.Received:
    return events.decode(world.harness.envelope(name, data), world.harness.contracts)


def _order(world: Any, day: str, number: str = "N") -> events.Received:
    return _received(world, "sales.order-paid.v1", order_data("C-1", day, number=number))


def test_linking_waits_for_an_order_that_is_being_recorded(world: Any) -> None:
    world.order("C-1", "2026-01-01")
    with meanwhile(world, lambda: world.announce("C-1", "Acme")) as session:
        sales_intake.ingest_orders(session, [_order(world, "2026-01-02")])
    [customer] = world.customers()
    assert len(world.orders(customer)) == 2


def test_an_order_waits_for_linking(world: Any) -> None:
    world.order("C-1", "2026-01-01")
    received = _received(world, "sales.customer-changed.v1", {"code": "C-1", "name": "Acme"})
    with meanwhile(world, lambda: world.order("C-1", "2026-01-02")) as session:
        sales_intake.ingest_customers(session, [received])
    [customer] = world.customers()
    assert len(world.orders(customer)) == 2


def test_a_scan_waits_for_an_order_that_is_being_recorded(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "1997-06-01")
    with meanwhile(world, lambda: world.scan("1998-06-30")) as session:
        sales_intake.ingest_orders(session, [_order(world, "1998-05-01")])
    assert world.warnings(query=f"?customer_id={customer['id']}") == []


def test_an_order_waits_for_a_scan_and_recovers(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "1997-06-01")
    database = world.harness.database
    scan = database.run(SYSTEM, lambda s: churn.request_scan(s, as_of=date(1998, 6, 30)))
    with meanwhile(world, lambda: world.order("C-1", "1998-05-01")) as session:
        churn.step(session, scan.id)
    assert world.warned(customer)["state"] == "recovered"


def test_confirming_a_loss_waits_for_an_order_that_recovers(world: Any) -> None:
    customer = world.customer(sales_codes=["C-1"])
    world.order("C-1", "1997-06-01")
    world.scan("1998-06-30")
    warning, client = world.warned(customer), world.as_(world.manager)
    client.post(f"/churn-warnings/{warning['id']}/reprieves", {"measure": "Called"}, 201)

    def confirm() -> None:
        body = {"reason_code": "price", "reason": "x"}
        client.request("POST", f"/churn-warnings/{warning['id']}/confirm", body)

    with meanwhile(world, confirm) as session:
        sales_intake.ingest_orders(session, [_order(world, "1998-05-01")])
    assert world.warned(customer)["state"] == "recovered"
    assert world.get(customer)["status"] == "normal"


@pytest.mark.parametrize("code", [None, "C-1"])
def test_an_order_that_names_a_customer_being_deleted_gets_no_customer(
    world: Any, code: str | None
) -> None:
    customer = world.customer()

    def order() -> None:
        world.order(code, "2026-01-01", customer_number=customer["number"])

    with meanwhile(world, order) as session:
        management.delete(session, SYSTEM, UUID(customer["id"]))
    _assert_nothing_is_left_of(world, customer)
    assert world.events("order-recorded") == []


def test_a_return_that_names_a_customer_being_deleted_gets_no_customer(world: Any) -> None:
    customer = world.customer()
    data = world.harness.example("sales.order-returned.v1")
    data |= {"customer_number": customer["number"]}

    def give_back() -> None:
        world.harness.deliver("sales.order-returned.v1", data)

    with meanwhile(world, give_back) as session:
        management.delete(session, SYSTEM, UUID(customer["id"]))
    _assert_nothing_is_left_of(world, customer)
    assert world.events("return-recorded") == []


def test_a_deletion_waits_for_an_order_and_is_refused(world: Any) -> None:
    customer = world.customer()
    data = order_data(None, "2026-01-01", customer_number=customer["number"])
    client, responses = world.as_(world.director), []

    def delete() -> None:
        responses.append(client.request("DELETE", f"/customers/{customer['id']}", if_match=1))

    with meanwhile(world, delete) as session:
        sales_intake.ingest_orders(session, [_received(world, "sales.order-paid.v1", data)])
    assert [response.status_code for response in responses] == [409]
    assert len(world.orders(customer)) == 1


@pytest.mark.parametrize("code", [None, "C-1"])
def test_an_order_waits_for_its_customer_being_restored(world: Any, code: str | None) -> None:
    customer = _deleted(world)

    def order() -> None:
        world.order(code, "2026-01-01", customer_number=customer["number"])

    with meanwhile(world, order) as session:
        management.restore(session, SYSTEM, UUID(customer["id"]))
    assert len(world.orders(customer)) == 1


@pytest.mark.parametrize("code", [None, "C-1"])
def test_restoring_waits_for_an_order_that_is_being_recorded(world: Any, code: str | None) -> None:
    customer = _deleted(world)
    data = order_data(code, "2026-01-01", customer_number=customer["number"])

    def restore() -> None:
        world.as_(world.director).post(f"/customers/{customer['id']}/restore", None)

    with meanwhile(world, restore) as session:
        sales_intake.ingest_orders(session, [_received(world, "sales.order-paid.v1", data)])
    assert len(world.orders(customer)) == 1


def test_a_return_waits_for_its_customer_being_restored(world: Any) -> None:
    customer = _deleted(world)
    data = world.harness.example("sales.order-returned.v1")
    data |= {"customer_number": customer["number"]}

    def give_back() -> None:
        world.harness.deliver("sales.order-returned.v1", data)

    with meanwhile(world, give_back) as session:
        management.restore(session, SYSTEM, UUID(customer["id"]))
    [event] = world.events("return-recorded")
    assert event["customer_id"] == customer["id"]


def _deleted(world: Any) -> dict[str, Any]:
    customer: dict[str, Any] = world.customer()
    path = f"/customers/{customer['id']}"
    world.as_(world.director).expect(204, "DELETE", path, if_match=1)
    return customer


def _assert_nothing_is_left_of(world: Any, customer: dict[str, Any]) -> None:
    """The deleted customer can be removed for good: nothing belongs to it."""
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert world.harness.run_job("customer-purge") == {"customers": 1}


def test_concurrent_scans_open_one_warning(world: Any) -> None:
    world.customer(sales_codes=["C-1"])
    world.order("C-1", "1997-06-01")
    database = world.harness.database
    scan = database.run(SYSTEM, lambda s: churn.request_scan(s, as_of=date(1998, 6, 30)))
    other = database.run(SYSTEM, lambda s: churn.request_scan(s, as_of=date(1998, 6, 30)))

    def again() -> None:
        database.run(SYSTEM, lambda s: churn.step(s, other.id))

    with meanwhile(world, again) as session:
        churn.step(session, scan.id)
    assert len(world.warnings()) == 1
    assert len(world.events("churn-warned")) == 1
