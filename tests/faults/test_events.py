"""Events that arrive twice, in the wrong order, late, broken, forged or in another version."""

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
from tests.faults.ledger import Ledger, checked
from tests.faults.traffic import CUSTOMERS
from tests.support.compose import Installation
from tests.support.stack import cloud_event, eventually, publish
from tests.support.trade import KNOWN, ORDER

SEND_AGAIN = """
    WITH again AS (UPDATE outbox SET sent_at = NULL RETURNING 1) SELECT count(*) FROM again
"""
# The tables that record the handling of events, and nothing else.
BOOKKEEPING = (
    *("inbox", "received_event", "outbox", "lease", "job_run", "idempotency_key"),
    "alembic_version",
)
# Every check of the ledger tries forbidden requests, and each of them is recorded.
WITHOUT = {"audit_entry": "WHERE outcome = 'done'"}
LARGE = 17 << 20
DEAD_LETTERS = "/api/v1/customer/dead-letters"


@pytest.mark.fault("F32")
@pytest.mark.long
def test_events_delivered_three_times_take_effect_once(containers: Installation) -> None:
    """Two consumers receive them; the events of the services are sent again too."""
    containers.scale(customer_consume=2)
    try:
        with checked(containers) as ledger, ThreadPoolExecutor(3) as pool:
            ledger.traffic.win(1)
            orders = [ledger.traffic.order(str(number)) for number in range(50)]
            copies = [pool.submit(ledger.traffic.publish, *orders) for _copy in range(3)]
            _send_everything_again(ledger)
            for copy in copies:
                copy.result(timeout=60)
            _send_everything_again(ledger)
    finally:
        containers.scale(customer_consume=1)


@pytest.mark.fault("F33")
@pytest.mark.long
def test_the_newest_version_of_an_order_wins(containers: Installation) -> None:
    """The order of the versions does not matter, nor does a missing version."""
    with checked(containers) as ledger:
        versions = {
            number: ledger.traffic.order("1", version=number, total=f"{number}00.00")
            for number in (1, 2, 3, 5)
        }
        for number in (3, 1, 2):
            ledger.traffic.publish(versions[number])
        _has_total(ledger, "300.00")
        ledger.traffic.publish(versions[5], versions[3], versions[1])
        _has_total(ledger, "500.00")
    _has_total(ledger, "500.00")


@pytest.mark.fault("F34")
@pytest.mark.long
def test_an_invalid_event_becomes_a_dead_letter_with_a_reason(containers: Installation) -> None:
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
        with checked(containers, dead={"customer": len(poison)}) as ledger:
            containers.stack.publish_as_sales(*((ORDER, body) for body in poison.values()))
            ledger.traffic.sell(1)
            alerts.fires("KehuDeadLetters")
        reasons = ledger.discard_dead()
        assert len(reasons) == len(poison) and all(reasons)
        alerts.clears("KehuDeadLetters")


@pytest.mark.fault("F34")
@pytest.mark.long
def test_the_broker_rejects_a_message_that_is_too_large(containers: Installation) -> None:
    """The broker closes the channel of its sender; no one else is affected."""
    with checked(containers) as ledger:
        rejected = pytest.raises(pika.exceptions.ChannelClosedByBroker, match="PRECONDITION_FAILED")
        with rejected:
            containers.stack.publish_as_sales((ORDER, b"x" * LARGE))
        ledger.traffic.sell(1)


@pytest.mark.fault("F34")
@pytest.mark.long
def test_an_event_with_another_content_type_is_handled(containers: Installation) -> None:
    """The content of the body counts, not its declared type."""
    with checked(containers) as ledger:
        key, body = ledger.traffic.order("1")
        ledger.traffic.published.add(json.loads(body)["id"])
        url = containers.amqp_url("sales")
        publish(url, "sales.events", (key, body), content_type="text/plain")
        _has_total(ledger, "300.00")


@pytest.mark.fault("F35")
@pytest.mark.long
def test_an_order_may_arrive_before_its_customer(containers: Installation) -> None:
    with checked(containers) as ledger:
        code = f"C-{uuid4().hex[:8]}"
        ledger.traffic.publish(ledger.traffic.order("1", customer_code=code, customer_number=None))
        kept = f"SELECT count(*) FROM sales_order WHERE account_code = '{code}'"
        eventually(lambda: containers.sql("kehu_customer", kept) == "1")
        customer = {"code": code, "name": f"{code} Ltd", "customer_number": ledger.traffic.number}
        ledger.traffic.publish((KNOWN, cloud_event(KNOWN, customer, subject=code)))
        _has_total(ledger, "300.00")


@pytest.mark.fault("F36")
@pytest.mark.long
def test_the_sales_system_cannot_publish_events_of_services(containers: Installation) -> None:
    """Neither to the exchange of the services, nor with their event types to its own."""
    kind = "service-desk.request-changed.v1"
    data = json.loads(
        (CONTRACTS / "events/service-desk/request-changed/v1.example.json").read_text()
    )
    forged = cloud_event(kind, data, subject=data["id"], source="/kehu/service-desk")
    rejected = pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED")
    with watching(containers) as alerts:
        with checked(containers, dead={"customer": 1}) as ledger:
            for exchange in ("crm.events", "sales.events"):
                with rejected:
                    publish(containers.amqp_url("sales"), exchange, (kind, forged))
            # With a routing key of its own it arrives, and the consumer rejects it.
            containers.stack.publish_as_sales((ORDER, forged))
            ledger.traffic.sell(1)
            alerts.fires("KehuDeadLetters")
        [reason] = ledger.discard_dead()
        assert "must not be published to" in reason
        alerts.clears("KehuDeadLetters")


@pytest.mark.fault("F37")
@pytest.mark.long
def test_repeated_events_without_an_inbox_row_change_nothing(
    containers: Installation,
) -> None:
    """All events are sent again, after the inboxes have been emptied."""
    with checked(containers) as ledger:
        order = ledger.traffic.order("1")
        ledger.traffic.publish(order)
        ledger.traffic.win(1)
        ledger.traffic.serve(1)
        ledger.check()
        before = _rows(containers)
        for service in SERVICES:
            containers.sql(database_name(service), "DELETE FROM inbox")
        _send_everything_again(ledger)
        ledger.traffic.publish(order)
    assert _rows(containers) == before


@pytest.mark.fault("F38")
@pytest.mark.long
def test_a_dead_letter_is_handled_after_the_repair(
    containers: Installation,
) -> None:
    """It is tried five times, then waits for a replay; the test skips the delays."""
    with watching(containers) as alerts, checked(containers) as ledger:
        order, other = ledger.traffic.order("1"), ledger.traffic.order("2")
        letter = f"failed_event WHERE event_id = '{json.loads(order[1])['id']}'"
        broken = f"NEW.order_no = '{ledger.traffic.tag}-1'"
        with trigger(
            containers, "kehu_customer", "INSERT ON sales_order", "RAISE 'a mistake'", when=broken
        ):
            ledger.traffic.publish(order, other)
            eventually(lambda: _is_dead_after_another_attempt(containers, letter), within=60)
            alerts.fires("KehuDeadLetters")
        ident = containers.sql("kehu_customer", f"SELECT id FROM {letter}")
        containers.stack.admin.post(f"{DEAD_LETTERS}/{ident}/replay", status=202)
        alerts.clears("KehuDeadLetters")
    audited = f"SELECT action FROM audit_entry WHERE record_id = '{ident}'"
    assert containers.sql("kehu_auth", audited) == "replayed"


@pytest.mark.fault("F54")
@pytest.mark.long
def test_producers_and_consumers_may_have_different_versions(containers: Installation) -> None:
    """One event has additional fields; another has only the required ones.

    No other change is allowed within an event type; it would need a new version.
    """
    schema = json.loads((CONTRACTS / "events/sales/order-paid/v1.schema.json").read_text())
    with checked(containers) as ledger:
        _key, body = ledger.traffic.order("newer", colour="green", lines_hint=[1])
        newer = json.loads(body) | {"extension": "x"}
        _key, body = ledger.traffic.order("older")
        older = json.loads(body)
        names = ("customer_code", *schema["required"])
        older["data"] = {name: older["data"][name] for name in names}
        ledger.traffic.publish(*((ORDER, json.dumps(event).encode()) for event in (newer, older)))


def _is_dead_after_another_attempt(containers: Installation, letter: str) -> bool:
    """Make the next attempt due now; returns whether the event is a dead letter."""
    waits = f"UPDATE {letter.replace(' WHERE', ' SET next_attempt_at = now() WHERE')}"
    containers.sql("kehu_customer", f"{waits} AND state = 'retrying'")
    return containers.sql("kehu_customer", f"SELECT state FROM {letter}") == "dead"


def _send_everything_again(ledger: Ledger) -> None:
    for service in SERVICES:
        sent = ledger.installation.sql(database_name(service), SEND_AGAIN)
        ledger.sent_again += int(sent)


def _has_total(ledger: Ledger, total: str) -> None:
    path = f"{CUSTOMERS}/{ledger.traffic.customer}/orders"
    number = f"{ledger.traffic.tag}-1"

    def found() -> bool:
        items = ledger.traffic.manager.get(path)["items"]
        return [item["total"] for item in items if item["order_no"] == number] == [total]

    eventually(found, what=f"the order has total {total}")


def _rows(containers: Installation) -> dict[str, str]:
    """The number of rows of each table of each service."""
    found = {}
    for service in SERVICES:
        database = database_name(service)
        names = containers.sql(
            database, "SELECT tablename FROM pg_tables WHERE schemaname='public'"
        )
        for name in set(names.split()) - set(BOOKKEEPING):
            found[f"{service} {name}"] = containers.sql(
                database, f'SELECT count(*) FROM "{name}" {WITHOUT.get(name, "")}'
            )
    return found
