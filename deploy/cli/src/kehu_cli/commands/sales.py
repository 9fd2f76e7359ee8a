"""`kehu sales`: simulates the sales system."""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from kehu_cli.commands.demo import FILE
from kehu_cli.console import wide_console
from kehu_cli.demo import sales_file
from kehu_cli.demo.book import DataError
from kehu_cli.demo.client import DemoError, GatewayClient, Person
from kehu_cli.demo.orders_file import OrdersFile, read_orders
from kehu_cli.demo.sales_system import check_connection
from kehu_cli.demo.target import TargetOptions
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import running_stack


@click.group()
def sales() -> None:
    """Simulate the sales system."""


@sales.command()
@click.argument("orders", type=FILE)
@click.option("--gateway", help="The gateway's URL; default: that of the running stack.")
@click.option("--amqp", help="The sales system's AMQP address, likewise.")
@click.option("--username", help="A user who may read customers, to check the effect.")
@click.option("--password", envvar="KEHU_SALES_PASSWORD", help="Their password.")
@click.option(
    "--admin-username", help="With --gateway and --amqp; default: KEHU_ADMIN_USERNAME, else admin."
)
@click.option(
    "--admin-password",
    help="Without --username, an administrator enables an executive for the time of the command."
    " With --gateway and --amqp; default: KEHU_ADMIN_PASSWORD.",
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
    """Publish every customer and order of ORDERS, a CSV file, and wait until they take effect.

    Columns: customer_id, date, quantity, amount_usd; others are ignored. Invalid lines are reported
    and skipped. Exits with 1 if there was one, or unless each order exists exactly once, as it was
    published. Publishing a file again changes nothing.
    """
    if bool(username) != bool(password):
        raise click.UsageError("--username and --password belong together")
    console = wide_console()
    file = _read(orders, console)
    options = TargetOptions(gateway, amqp, admin_username, admin_password)
    if gateway and amqp:
        target = options.remote(gateway, amqp)
    else:
        target = options.of_stack(running_stack(state.folder))
    client = GatewayClient(target.gateway_url, connections=sales_file.WORKERS)
    try:
        check_connection(target.amqp_url)
        if username and password:
            code = sales_file.publish(
                target, file.orders, Person(client, username, password), console
            )
        elif target.admin_password:
            admin = Person(client, target.admin_username, target.admin_password)
            with sales_file.executive(client, admin) as reader:
                code = sales_file.publish(target, file.orders, reader, console)
        else:
            raise click.UsageError("--username and --password are needed to check the effect")
    except DemoError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(code or bool(file.bad_lines))


def _read(path: Path, console: Console) -> OrdersFile:
    try:
        file = read_orders(path)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    for bad in file.bad_lines:
        console.print(f"[red]✗[/] {escape(f'{path}:{bad.line}: {bad.reason}')}", soft_wrap=True)
    if not file.orders:
        raise click.ClickException(f"{path} contains no order")
    return file
