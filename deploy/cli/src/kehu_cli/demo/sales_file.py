"""Simulates the sales system: publishes the orders of a file and compares their effect."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from kehu_cli.demo.book import Order
from kehu_cli.demo.client import GatewayClient, Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures, conclude
from kehu_cli.demo.operations import DONE, DUPLICATE, Meter
from kehu_cli.demo.sales_events import SalesEvents, amounts
from kehu_cli.demo.sales_system import publish as publish_events
from kehu_cli.demo.sales_system import watch
from kehu_cli.demo.target import Target

WORKERS = 6
WATCHER = "sales-watch"
WATCHER_FORM = {
    "username": WATCHER,
    "display_name": "Watches the sales system",
    "roles": ["executive"],
}


@contextmanager
def executive(gateway: GatewayClient, admin: Person) -> Iterator[Person]:
    """Enable a user who may read all customers meanwhile; it is the same user every time."""
    password = secrets.token_urlsafe(16)
    known = admin.get("/auth/users", username=WATCHER)["items"]
    user = known[0] if known else admin.post("/auth/users", WATCHER_FORM)
    path = f"/auth/users/{user['id']}"
    if not user["enabled"]:
        admin.post(f"{path}/enable")
    form = {"password": password, "must_change_password": False}
    admin.post(f"{path}/reset-password", form)
    try:
        yield Person(gateway, WATCHER, password)
    finally:
        admin.post(f"{path}/disable")


def publish(target: Target, orders: tuple[Order, ...], reader: Person, console: Console) -> int:
    display, figures = Display(console), Figures()
    events, meter = SalesEvents(target.timezone), Meter(target.stack, ("customer",))
    messages = [*events.customers(orders), *map(events.paid, orders)]
    reader.sign_in()
    started = time.monotonic()
    sent = publish_events(target.amqp_url, messages, display, "sales events published")
    published = time.monotonic() - started
    effect = watch(
        reader, orders, started, display, workers=WORKERS,
        # Events that were published before have no visible effect to wait for.
        handled=lambda: meter.wait_until_grown(sent, DONE, DUPLICATE),
    )  # fmt: skip
    figures.compare("customers", len({order.code for order in orders}), effect.customers)
    figures.compare("orders", len(orders), effect.orders)
    figures.compare("orders exactly as published", len(orders), effect.as_published)
    figures.compare_all("amount", amounts(orders), effect.amounts)
    if effect.others:
        figures.note("orders of these customers that are not in the file", effect.others)
    figures.note("events published", sent)
    meter.compare(
        "events handled by the customer service (/metrics)", sent, figures, DONE, DUPLICATE
    )
    meter.note("of these known before (/metrics)", figures, DUPLICATE)
    figures.note("seconds from the first event to the last confirm", round(published, 1))
    figures.note(
        "seconds from the first event until the last order was visible", round(effect.seconds, 1)
    )
    return conclude(figures, console)
