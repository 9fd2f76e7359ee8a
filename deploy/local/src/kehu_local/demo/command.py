"""`kehu demo`."""

import os
import signal
import sys
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console

from kehu_local import supervisor
from kehu_local.bring_up import borrowed, remove, take_down
from kehu_local.demo import generator, orders_file, pipeline_file
from kehu_local.demo.book import DataError, Order
from kehu_local.demo.client import DemoError
from kehu_local.demo.display import Display
from kehu_local.demo.figures import Figures
from kehu_local.demo.story import Script, Story
from kehu_local.demo.where import Given, Where
from kehu_local.stack import describe
from kehu_local.state import State

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# The files name no currency; the publishers of both data sets say US dollars.
FILE_CURRENCY = "USD"
LINE_WIDTH = 110


@click.command()
@click.option("--pipeline", type=FILE, help="Opportunities, with the side tables beside the file.")
@click.option("--orders", type=FILE, help="Purchases: customer_id, date, quantity, amount_usd.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date of the churn scan; the day of the last order unless given.",
)
@click.option("--fresh", is_flag=True, help="Play on a temporary Kehu although another one runs.")
@click.option("--gateway", help="Play on the Kehu at this URL, which must be empty.")
@click.option("--amqp", help="The AMQP address of that Kehu for the sales system.")
@click.option(
    "--admin-username", help="With --gateway: KEHU_ADMIN_USERNAME, or admin, unless given."
)
@click.option("--admin-password", help="With --gateway: KEHU_ADMIN_PASSWORD unless given.")
@click.option(
    "--workers", default=8, show_default=True, type=click.IntRange(1, 64), help="Threads that act."
)
@click.pass_obj
def demo(
    state: State,
    pipeline: Path | None,
    orders: Path | None,
    as_of: datetime | None,
    fresh: bool,
    gateway: str | None,
    amqp: str | None,
    admin_username: str | None,
    admin_password: str | None,
    workers: int,
) -> None:
    """Play the main job on data, through public doors only, and compare every figure.

    Without files a small made-up pipeline and made-up orders are played. Where no Kehu runs, a
    temporary one is started and removed afterwards. Ends with 1 if any figure disagrees with the
    input.
    """
    console = wide_console()
    script = make_script(pipeline, orders, as_of.date() if as_of else None, workers)
    given = Given(gateway, amqp, admin_username, admin_password)
    _tell(console, script)
    if gateway:
        where = given.elsewhere(gateway, amqp or "")
        if not (where.amqp_url and where.admin_password):
            raise click.UsageError("--gateway needs --amqp and --admin-password")
        sys.exit(_play(where, script, console))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    if not fresh and supervisor.is_running(state):
        sys.exit(_play(given.on(describe(state)), script, console))
    if given != Given():
        raise click.UsageError("a temporary Kehu has its own addresses and logins")
    sys.exit(_play_on_a_temporary_one(state, script, console))


def wide_console() -> Console:
    """A console on which the names of figures have room, also in a log file."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=LINE_WIDTH)


def make_script(
    pipeline: Path | None, orders: Path | None, as_of: date | None, workers: int
) -> Script:
    """Read or make what is played; input that cannot be played ends the command."""
    try:
        if pipeline:
            book, end = pipeline_file.read_book(pipeline, currency=FILE_CURRENCY), None
        else:
            book = generator.small_book(os.environ.get("KEHU_CURRENCY", "CNY"))
            end = generator.YEAR_END
        found = _orders_of(orders) if orders else generator.orders_for(book, end)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    if not found:
        raise click.ClickException("there is no order to play, as no opportunity was won")
    last = max(order.ordered_on for order in found)
    return Script(book, tuple(found), orders is not None, as_of or last, workers)


def _play_on_a_temporary_one(state: State, script: Script, console: Console) -> int:
    """Play on a Kehu of our own beside the usual one; kept only if figures are wrong."""
    own = state.demonstration
    with state.demonstration_lock():
        with own.lock():
            take_down(own)
        remove(own)
        with borrowed(own, console) as stack:
            code = _play(Given().on(stack), script, console)
        if code == 0:
            remove(own)
        else:
            console.print(f"Its data and logs stay in {own.folder} until the next demonstration.")
    return code


def _orders_of(path: Path) -> list[Order]:
    file = orders_file.read_orders(path)
    if file.bad_lines:
        first = file.bad_lines[0]
        raise DataError(
            f"{path}: {len(file.bad_lines)} lines are no orders; line {first.line}: {first.reason}"
        )
    return list(file.orders)


def _tell(console: Console, script: Script) -> None:
    book = script.book
    console.print(
        f"{len(book.deals):,} opportunities of {len(book.members)} account managers,"
        f" {len(script.orders):,} orders, churn scan as of {script.as_of}"
    )


def _play(where: Where, script: Script, console: Console) -> int:
    try:
        figures = Story(where, script, Display(console)).play()
    except DemoError as error:
        console.print(f"[red]✗[/] {error}", soft_wrap=True)
        return 1
    return conclude(figures, console)


def conclude(figures: Figures, console: Console) -> int:
    """Show all figures; returns the exit code."""
    console.print()
    console.print(figures.table())
    if figures.seconds:
        console.print(figures.times())
    if not figures.wrong:
        console.print("[green]Every figure agrees with the input.[/]")
        return 0
    for figure in figures.wrong:
        console.print(
            f"[red]✗ {figure.name}[/]: {figure.seen} seen, but {figure.expected} by the input",
            soft_wrap=True,
        )
    return 1


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
