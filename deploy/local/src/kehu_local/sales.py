"""`kehu sales`: playing the sales system."""

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from kehu_local.demo.book import DataError, Order
from kehu_local.demo.client import DemoError, GatewayClient, Person
from kehu_local.demo.command import FILE, conclude, wide_console
from kehu_local.demo.display import Display
from kehu_local.demo.figures import Figures
from kehu_local.demo.operations import DONE, DUPLICATE, Meter
from kehu_local.demo.orders_file import OrdersFile, read_orders
from kehu_local.demo.sales_events import Announcer, amounts
from kehu_local.demo.sales_system import check_connection, watch
from kehu_local.demo.sales_system import publish as publish_events
from kehu_local.demo.where import Given, Where
from kehu_local.state import State
from kehu_local.supervisor import running_stack

WORKERS = 6
WATCHER = "sales-watch"
WATCHER_FORM = {
    "username": WATCHER,
    "display_name": "Watches the sales system",
    "roles": ["executive"],
}


@click.group()
def sales() -> None:
    """Play the sales system."""


@sales.command()
@click.argument("orders", type=FILE)
@click.option("--gateway", help="The gateway's URL; that of the running stack unless given.")
@click.option("--amqp", help="The sales system's AMQP address, likewise.")
@click.option("--username", help="Somebody who may read customers, to see the effect.")
@click.option("--password", envvar="KEHU_SALES_PASSWORD", help="Their password.")
@click.option("--admin-username", help="With --gateway and --amqp: KEHU_ADMIN_USERNAME, or admin.")
@click.option(
    "--admin-password",
    help="Without --username, an administrator lets an executive in for the time of the command."
    " With --gateway and --amqp: KEHU_ADMIN_PASSWORD.",
)
@click.pass_obj
def publish(
    state: State,
    orders: Path,
    gateway: str | None,
    amqp: str | None,
    username: str | None,
    password: str | None,
    admin_username: str | None,
    admin_password: str | None,
) -> None:
    """Announce every customer and order of ORDERS, a CSV file, and wait for their effect.

    Columns: customer_id, date, quantity, amount_usd; others are ignored. Lines that are no orders
    are named and left out, and the command then ends with 1, as it does unless each of the others
    is there once in the end, just as announced. Publishing a file again changes nothing.
    """
    console = wide_console()
    file = _read(orders, console)
    given = Given(gateway, amqp, admin_username, admin_password)
    if gateway and amqp:
        where = given.elsewhere(gateway, amqp)
    else:
        where = given.on(running_stack(state.folder))
    client = GatewayClient(where.gateway_url, connections=WORKERS)
    try:
        check_connection(where.amqp_url)
        if username and password:
            code = _publish(where, file.orders, Person(client, username, password), console)
        elif where.admin_password:
            admin = Person(client, where.admin_username, where.admin_password)
            with _executive(client, admin) as reader:
                code = _publish(where, file.orders, reader, console)
        else:
            raise click.UsageError("--username and --password are needed to see the effect")
    except DemoError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(code or bool(file.bad_lines))


def _read(path: Path, console: Console) -> OrdersFile:
    try:
        file = read_orders(path)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    for bad in file.bad_lines:
        console.print(f"[red]✗[/] {path}:{bad.line}: {bad.reason}", soft_wrap=True)
    if not file.orders:
        raise click.ClickException(f"{path}: holds no order")
    return file


@contextmanager
def _executive(gateway: GatewayClient, admin: Person) -> Iterator[Person]:
    """Somebody who may read all customers, for as long as this takes; the same user every time."""
    password = secrets.token_urlsafe(16)
    known = admin.get("/auth/users", username=WATCHER)["items"]
    user = known[0] if known else admin.post("/auth/users", WATCHER_FORM)
    path = f"/auth/users/{user['id']}"
    if not user["enabled"]:
        admin.post(f"{path}/enable")
    given = {"password": password, "must_change_password": False}
    admin.post(f"{path}/reset-password", given)
    try:
        yield Person(gateway, WATCHER, password)
    finally:
        admin.post(f"{path}/disable")


def _publish(where: Where, orders: tuple[Order, ...], reader: Person, console: Console) -> int:
    display, figures = Display(console), Figures()
    announcer, meter = Announcer(where.timezone), Meter(where.stack, ("customer",))
    messages = [*announcer.customers(orders), *map(announcer.paid, orders)]
    reader.sign_in()
    started = time.monotonic()
    sent = publish_events(where.amqp_url, messages, display, "sales events published")
    published = time.monotonic() - started
    effect = watch(
        reader, orders, started, display, workers=WORKERS,
        # Those that were published before have no effect that could be waited for.
        handled=lambda: meter.wait_until_grown(sent, DONE, DUPLICATE),
    )  # fmt: skip
    figures.compare("customers", len({order.code for order in orders}), effect.customers)
    figures.compare("orders", len(orders), effect.orders)
    figures.compare("orders just as announced", len(orders), effect.as_announced)
    figures.compare_all("amount", amounts(orders), effect.amounts)
    if effect.others:
        figures.note("orders of these customers that are not in the file", effect.others)
    figures.note("events published", sent)
    meter.compare(
        "events handled by the customer service (/metrics)", sent, figures, DONE, DUPLICATE
    )
    meter.note("of these known already (/metrics)", figures, DUPLICATE)
    figures.note("seconds from the first event until the broker had all", round(published, 1))
    figures.note(
        "seconds from the first event until the last order was visible", round(effect.seconds, 1)
    )
    return conclude(figures, console)
