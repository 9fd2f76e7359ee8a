"""`kehu sales`: playing the sales system."""

import sys
from pathlib import Path

import click
from rich.console import Console

from kehu_cli.commands.demo import FILE
from kehu_cli.console import wide_console
from kehu_cli.demo import sales_file
from kehu_cli.demo.book import DataError
from kehu_cli.demo.client import DemoError, GatewayClient, Person
from kehu_cli.demo.orders_file import OrdersFile, read_orders
from kehu_cli.demo.sales_system import check_connection
from kehu_cli.demo.where import Given
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import running_stack


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
    client = GatewayClient(where.gateway_url, connections=sales_file.WORKERS)
    try:
        check_connection(where.amqp_url)
        if username and password:
            code = sales_file.publish(
                where, file.orders, Person(client, username, password), console
            )
        elif where.admin_password:
            admin = Person(client, where.admin_username, where.admin_password)
            with sales_file.executive(client, admin) as reader:
                code = sales_file.publish(where, file.orders, reader, console)
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
