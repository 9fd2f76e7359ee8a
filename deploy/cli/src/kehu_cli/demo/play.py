"""Plays the main job: prepares the input and chooses the Kehu to play on."""

import os
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from kehu_chassis.texts import counted
from kehu_cli.demo import generator, orders_file, pipeline_file
from kehu_cli.demo.book import DataError, Order
from kehu_cli.demo.client import DemoError
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import conclude
from kehu_cli.demo.story import Script, Story
from kehu_cli.demo.target import Target, TargetOptions
from kehu_cli.stack.bring_up import borrowed, remove, take_down
from kehu_cli.stack.state import State

# The files have no currency; the publishers of both data sets state US dollars.
FILE_CURRENCY = "USD"


def make_script(
    pipeline: Path | None, orders: Path | None, date_format: str, as_of: date | None, workers: int
) -> Script:
    """Read or generate the input; ClickException if it cannot be played."""
    try:
        if pipeline:
            book = pipeline_file.read_book(
                pipeline, currency=FILE_CURRENCY, date_format=date_format
            )
            end = None
        else:
            book = generator.small_book(os.environ.get("KEHU_CURRENCY", "CNY"))
            end = generator.YEAR_END
        found = _orders_of(orders, date_format) if orders else generator.orders_for(book, end)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    if not found:
        raise click.ClickException("there are no orders to play, as no opportunity was won")
    last = max(order.ordered_on for order in found)
    return Script(book, tuple(found), orders is not None, as_of or last, workers)


def play_on_temporary_stack(state: State, script: Script, display: Display) -> int:
    """Play on a temporary Kehu beside the usual one; keep it only if figures are wrong."""
    own = state.demonstration
    with state.demonstration_lock():
        with own.lock():
            take_down(own)
        remove(own)
        with borrowed(own, display.console) as stack:
            code = play(TargetOptions().of_stack(stack), script, display)
        if code == 0:
            remove(own)
        else:
            display.print(f"Its data and logs stay in {own.folder} until the next demonstration.")
    return code


def _orders_of(path: Path, date_format: str) -> list[Order]:
    file = orders_file.read_orders(path, date_format)
    if file.faults:
        faults = "\n  ".join(file.faults)
        raise DataError(f"{path} cannot be played:\n  {faults}")
    return list(file.orders)


def print_summary(console: Console, script: Script) -> None:
    book = script.book
    console.print(
        f"{counted(len(book.deals), 'opportunity', 'opportunities')} of"
        f" {counted(len(book.members), 'account manager')}, {counted(len(script.orders), 'order')},"
        f" churn scan as of {script.as_of}"
    )


def play(target: Target, script: Script, display: Display) -> int:
    try:
        figures = Story(target, script, display).play()
    except DemoError as error:
        display.console.print(f"[red]✗[/] {escape(str(error))}", soft_wrap=True)
        return 1
    return conclude(figures, display.console)
