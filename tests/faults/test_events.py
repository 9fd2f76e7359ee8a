"""Events that come twice, in the wrong order, years late, broken, forged or of another version."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pika
import pytest

from kehu_cli.catalogue import CONTRACTS, SERVICES
from kehu_cli.stack.databases import database_name
from tests.faults.alerts import watching
from tests.faults.failpoints import trigger
from tests.faults.ledger import Ledger, with_care
from tests.faults.traffic import CUSTOMERS
from tests.support.compose import Installation
from tests.support.stack import cloud_event, eventually, publish
from tests.support.trade import KNOWN, ORDER

SEND_AGAIN = "UPDATE outbox SET sent_at = NULL"
# What tells of the handling of events and of nothing else.
BOOKKEEPING = ("inbox", "outbox", "lease", "job_run", "idempotency_key", "alembic_version")
LARGE = 17 << 20
DEAD_LETTERS = "/api/v1/customer/dead-letters"


@pytest.mark.fault("F32")
@pytest.mark.long
def test_events_that_come_three_times_at_once_happen_once(containers: Installation) -> None:
    """In the hands of two consumers; those of the services come again, too."""
    containers.scale(customer_consume=2)
    try:
        with with_care(containers) as ledger, ThreadPoolExecutor(3) as pool:
            ledger.traffic.win(1)
            told = [ledger.traffic.order(str(number)) for number in range(50)]
            copies = [pool.submit(ledger.traffic.tell, *told) for _copy in range(3)]
            _everything_again(containers)
            for copy in copies:
                copy.result(timeout=60)
            _everything_again(containers)
    finally:
        containers.scale(customer_consume=1)


@pytest.mark.fault("F33")
@pytest.mark.long
def test_the_newest_version_of_an_order_wins(containers: Installation) -> None:
    """In whatever order the versions come, and if one never comes."""
    with with_care(containers) as ledger:
        versions = {
            number: ledger.traffic.order("1", version=number, total=f"{number}00.00")
            for number in (1, 2, 3, 5)
        }
        for number in (3, 1, 2):
            ledger.traffic.tell(versions[number])
        _has_total(ledger, "300.00")
        ledger.traffic.tell(versions[5], versions[3], versions[1])
        _has_total(ledger, "500.00")
    _has_total(ledger, "500.00")


@pytest.mark.fault("F34")
@pytest.mark.long
def test_what_is_no_event_is_set_aside_with_a_reason(containers: Installation) -> None:
    good = json.loads(cloud_event(ORDER, {}, subject="x"))
    poison: dict[str, bytes] = {
        "not JSON": b"{",
        "not UTF-8": json.dumps(good | {"subject": "é"}, ensure_ascii=False).encode("latin-1"),
        "a list": b"[]",
        "NUL": cloud_event(ORDER, {}, subject="x\0"),
        "no data": json.dumps({k: v for k, v in good.items() if k != "data"}).encode(),
        "version 99": cloud_event("sales.order-paid.v99", {}, subject="x"),
        "negative": cloud_event(ORDER, {"order_no": "x", "total": "-1"}, subject="x"),
        "300 KiB": cloud_event(ORDER, {"order_no": "x" * 300 * 1024}, subject="x"),
    }
    with watching(containers) as alerts:
        with with_care(containers, dead={"customer": len(poison)}) as ledger:
            containers.stack.publish_as_sales(*((ORDER, body) for body in poison.values()))
            ledger.traffic.sell(1)
            alerts.fires("KehuDeadLetters")
        reasons = ledger.discard_dead()
        assert len(reasons) == len(poison) and all(reasons)
        alerts.clears("KehuDeadLetters")


@pytest.mark.fault("F34")
@pytest.mark.long
def test_what_is_too_large_ends_at_the_broker(containers: Installation) -> None:
    """It closes its sender's channel, and nobody else notices."""
    with with_care(containers) as ledger:
        refused = pytest.raises(pika.exceptions.ChannelClosedByBroker, match="PRECONDITION_FAILED")
        with refused:
            containers.stack.publish_as_sales((ORDER, b"x" * LARGE))
        ledger.traffic.sell(1)


@pytest.mark.fault("F34")
@pytest.mark.long
def test_an_event_under_another_content_type_is_an_event(containers: Installation) -> None:
    """What counts is what it says, not what its sender calls it."""
    with with_care(containers) as ledger:
        key, body = ledger.traffic.order("1")
        ledger.traffic.told.add(json.loads(body)["id"])
        url = containers.amqp_url("sales")
        publish(url, "sales.events", (key, body), content_type="text/plain")
        _has_total(ledger, "300.00")


@pytest.mark.fault("F35")
@pytest.mark.long
def test_an_order_may_come_before_its_customer(containers: Installation) -> None:
    with with_care(containers) as ledger:
        code = f"C-{uuid4().hex[:8]}"
        ledger.traffic.tell(ledger.traffic.order("1", customer_code=code, customer_number=None))
        kept = f"SELECT count(*) FROM sales_order WHERE account_code = '{code}'"
        eventually(lambda: containers.sql("kehu_customer", kept) == "1")
        said = {"code": code, "name": f"{code} Ltd", "customer_number": ledger.traffic.number}
        ledger.traffic.tell((KNOWN, cloud_event(KNOWN, said, subject=code)))
        _has_total(ledger, "300.00")


@pytest.mark.fault("F36")
@pytest.mark.long
def test_the_sales_system_cannot_speak_for_others(containers: Installation) -> None:
    """Neither where only services speak, nor under their event types where it may speak."""
    kind = "service-desk.request-changed.v1"
    data = json.loads(
        (CONTRACTS / "events/service-desk/request-changed/v1.example.json").read_text()
    )
    forged = cloud_event(kind, data, subject=data["id"], source="/kehu/service-desk")
    refused = pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED")
    with watching(containers) as alerts:
        with with_care(containers, dead={"customer": 1}) as ledger:
            for exchange in ("crm.events", "sales.events"):
                with refused:
                    publish(containers.amqp_url("sales"), exchange, (kind, forged))
            # Under a key of its own it arrives, and is seen for what it is.
            containers.stack.publish_as_sales((ORDER, forged))
            ledger.traffic.sell(1)
            alerts.fires("KehuDeadLetters")
        [reason] = ledger.discard_dead()
        assert "must not be published to" in reason
        alerts.clears("KehuDeadLetters")


@pytest.mark.fault("F37")
@pytest.mark.long
def test_events_from_before_the_inbox_can_remember_change_nothing(
    containers: Installation,
) -> None:
    """Everything that was ever said comes again, and nobody knows that they have heard it."""
    with with_care(containers) as ledger:
        order = ledger.traffic.order("1")
        ledger.traffic.tell(order)
        ledger.traffic.win(1)
        ledger.traffic.serve(1)
        ledger.check()
        before = _rows(containers)
        for service in SERVICES:
            containers.sql(database_name(service), "DELETE FROM inbox")
        _everything_again(containers)
        ledger.traffic.tell(order)
    assert _rows(containers) == before


@pytest.mark.fault("F38")
@pytest.mark.long
def test_what_failed_for_a_mistake_of_ours_is_done_after_the_repair(
    containers: Installation,
) -> None:
    """It is tried five times, then waits for somebody; the waiting times are played."""
    with watching(containers) as alerts, with_care(containers) as ledger:
        order, other = ledger.traffic.order("1"), ledger.traffic.order("2")
        letter = f"failed_event WHERE event_id = '{json.loads(order[1])['id']}'"
        broken = f"NEW.order_no = '{ledger.traffic.word}-1'"
        with trigger(
            containers, "kehu_customer", "INSERT ON sales_order", "RAISE 'a mistake'", when=broken
        ):
            ledger.traffic.tell(order, other)

            eventually(lambda: _dies(containers, letter), within=60)
            alerts.fires("KehuDeadLetters")
        ident = containers.sql("kehu_customer", f"SELECT id FROM {letter}")
        containers.stack.admin.post(f"{DEAD_LETTERS}/{ident}/replay", status=202)
        alerts.clears("KehuDeadLetters")
    audited = f"SELECT action FROM audit_entry WHERE record_id = '{ident}'"
    assert containers.sql("kehu_auth", audited) == "replayed"


@pytest.mark.fault("F54")
@pytest.mark.long
def test_producers_and_consumers_may_be_of_different_age(containers: Installation) -> None:
    """One says more than the other knows of; another says only what every version must.

    Within an event type only that changes; anything else is a type of its own, with a new number.
    """
    schema = json.loads((CONTRACTS / "events/sales/order-paid/v1.schema.json").read_text())
    with with_care(containers) as ledger:
        told = ledger.traffic.order("newer", colour="green", lines_hint=[1])
        newer = json.loads(told[1]) | {"extension": "x"}
        told = ledger.traffic.order("older")
        older = json.loads(told[1])
        known_by = ("customer_code", *schema["required"])
        older["data"] = {name: older["data"][name] for name in known_by}
        ledger.traffic.tell(*((ORDER, json.dumps(event).encode()) for event in (newer, older)))


def _dies(containers: Installation, letter: str) -> bool:
    """Let the next attempt come now; whether there is none left."""
    waits = f"UPDATE {letter.replace(' WHERE', ' SET next_attempt_at = now() WHERE')}"
    containers.sql("kehu_customer", f"{waits} AND state = 'retrying'")
    return containers.sql("kehu_customer", f"SELECT state FROM {letter}") == "dead"


def _everything_again(containers: Installation) -> None:
    for service in SERVICES:
        containers.sql(database_name(service), SEND_AGAIN)


def _has_total(ledger: Ledger, total: str) -> None:
    path = f"{CUSTOMERS}/{ledger.traffic.customer}/orders"
    number = f"{ledger.traffic.word}-1"

    def found() -> bool:
        items = ledger.traffic.manager.get(path)["items"]
        return [item["total"] for item in items if item["order_no"] == number] == [total]

    eventually(found, what=f"the order comes to {total}")


def _rows(containers: Installation) -> dict[str, str]:
    """How many rows each table of each service has."""
    found = {}
    for service in SERVICES:
        database = database_name(service)
        names = containers.sql(
            database, "SELECT tablename FROM pg_tables WHERE schemaname='public'"
        )
        for name in set(names.split()) - set(BOOKKEEPING):
            found[f"{service} {name}"] = containers.sql(database, f'SELECT count(*) FROM "{name}"')
    return found
