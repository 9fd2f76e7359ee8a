"""Simulates the sales system: publishes with its login, and waits until all is in effect."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from kehu_chassis.messaging._amqp import Message, publish_all
from kehu_cli.demo.book import Order
from kehu_cli.demo.client import PATIENCE_SECONDS, DemoError, Person
from kehu_cli.demo.customers import CUSTOMERS
from kehu_cli.demo.display import Display
from kehu_cli.demo.sales_events import EXCHANGE
from kehu_cli.demo.waiting import in_parallel, wait_for

ALL_STATUSES = "1,2,3,4,5,6"
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Effect:
    """The orders and customers that the customer service shows after publishing; ``others`` are
    further orders of these customers."""

    customers: int
    orders: int
    others: int
    as_published: int
    amounts: dict[str, Decimal]
    seconds: float


def check_connection(amqp_url: str) -> None:
    """Raise DemoError early if the sales system cannot connect to the broker."""
    parts = urlsplit(amqp_url)
    if parts.scheme not in ("amqp", "amqps") or (parts.username and parts.password is None):
        raise DemoError("the AMQP address must have the form amqp://login:password@host:5672/%2F")
    try:
        publish_all(amqp_url, EXCHANGE, [], name="kehu sales system")
    except (ConnectionError, OSError, ValueError) as error:
        raise DemoError(f"the sales system cannot connect to the broker: {error}") from None


def publish(amqp_url: str, messages: Sequence[Message], display: Display, what: str) -> int:
    """Publish all messages and wait for their confirms; return how many were sent in all.

    If the broker goes down meanwhile, all are sent again: it is unknown which of them it received,
    and consumers recognise a repeated event.
    """
    deadline, sent = time.monotonic() + PATIENCE_SECONDS, 0
    with display.task(what, len(messages)) as report:
        while True:
            confirmed = 0

            def note(count: int) -> None:
                nonlocal confirmed
                confirmed = count
                report(count)

            try:
                return sent + publish_all(
                    amqp_url, EXCHANGE, messages, name="kehu sales system", on_progress=note
                )
            except (ConnectionError, OSError) as error:
                sent += confirmed
                if time.monotonic() > deadline:
                    raise DemoError(f"the broker cannot be reached: {error}") from None
            time.sleep(PAUSE_SECONDS)


def watch(
    reader: Person, orders: Sequence[Order], started: float, display: Display, *, workers: int,
    handled: Callable[[], None],
) -> Effect:  # fmt: skip
    """Wait until the orders have taken effect, and count what the customer service then shows.

    First ``handled`` waits for events without a visible effect. Then only the orders of the last
    published customer are polled, and those of all customers afterwards: polling thousands of
    customers would distort the measured time.
    """
    wanted: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        wanted[order.code].append(order)
    with display.task("orders in effect", len(orders)) as report:
        handled()
        ids = _ids(reader, wanted)
        last = orders[-1].code
        wait_for(lambda: _matching(_orders_of(reader, ids[last]), wanted[last]),
                 len(wanted[last]))  # fmt: skip
        seconds = time.monotonic() - started
        shown: dict[str, list[dict[str, Any]]] = {}

        def count() -> int:
            nonlocal seconds
            late = [c for c in wanted if _matching(shown.get(c, []), wanted[c]) < len(wanted[c])]
            first_look = not shown
            found = in_parallel(lambda c: _orders_of(reader, ids[c]), late, workers=workers)
            shown.update(zip(late, found, strict=True))
            if not first_look:
                seconds = time.monotonic() - started
            return sum(_matching(shown[code], wanted[code]) for code in wanted)

        matching = wait_for(count, len(orders), report=report)
    # By customer, as several codes may have led to one.
    by_customer = {ids[code]: found for code, found in shown.items()}
    all_shown = [order for found in by_customer.values() for order in found]
    numbers = {order.number for order in orders}
    ours = [one for one in all_shown if one["order_no"] in numbers]
    others = len(all_shown) - len(ours)
    return Effect(len(by_customer), len(ours), others, matching, _amounts(ours), seconds)


def _ids(reader: Person, wanted: dict[str, list[Order]]) -> dict[str, str]:
    """Return the ids of the customers that the codes of the sales system belong to."""
    found: dict[str, str] = {}
    last = -1

    def look() -> int:
        nonlocal last
        before, last = last, reader.total(CUSTOMERS)
        # Thousands of them are read only when all have arrived, or no more arrive.
        if last >= len(wanted) or last == before:
            for customer in reader.pages(CUSTOMERS):
                found.update(dict.fromkeys(customer["sales_codes"], customer["id"]))
        known = len(wanted.keys() & found.keys())
        return known or min(last, len(wanted) - 1)

    if wait_for(look, len(wanted)) != len(wanted):
        missing = sorted(wanted.keys() - found.keys())
        raise DemoError(
            f"{len(missing)} published customers do not exist: {', '.join(missing[:5])}"
        )
    return {code: found[code] for code in wanted}


def _orders_of(reader: Person, customer_id: str) -> list[dict[str, Any]]:
    return reader.pages(f"{CUSTOMERS}/{customer_id}/orders", status=ALL_STATUSES)


def _matching(shown: list[dict[str, Any]], wanted: list[Order]) -> int:
    """Return how many orders are shown exactly as published."""
    states = {one["order_no"]: _state(one) for one in shown}
    return sum(
        states.get(order.number)
        == (order.status, order.ordered_on.isoformat(), order.currency, order.amount)
        for order in wanted
    )


def _state(shown: dict[str, Any]) -> tuple[int, str, str, Decimal]:
    return shown["status"], shown["ordered_on"], shown["currency"], Decimal(shown["total"])


def _amounts(shown: list[dict[str, Any]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in shown:
        found[one["currency"]] = found.get(one["currency"], Decimal(0)) + Decimal(one["total"])
    return found
