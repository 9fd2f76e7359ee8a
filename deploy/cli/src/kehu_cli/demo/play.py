"""Plays the main job: prepares the input and chooses the Kehu to play on."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from kehu_chassis.texts import counted
from kehu_cli.demo import orders_file, our_company, pipeline_file
from kehu_cli.demo.book import Book, DataError, Order
from kehu_cli.demo.client import DemoError
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import conclude
from kehu_cli.demo.generator import buyers_of, orders_of
from kehu_cli.demo.people import Staff
from kehu_cli.demo.script import Company, Script
from kehu_cli.demo.story import Story
from kehu_cli.demo.target import Target, TargetOptions
from kehu_cli.stack.bring_up import borrowed, remove, take_down
from kehu_cli.stack.state import State

# The files have no currency; the publishers of both data sets state US dollars.
FILE_CURRENCY = "USD"


def make_script(
    pipeline: Path | None,
    orders: Path | None,
    date_format: str,
    as_of: date | None,
    workers: int,
    today: date,
) -> Script:
    """Read or generate the input; ClickException if it cannot be played."""
    try:
        company, book, found, end = _input(pipeline, date_format, today)
        if orders:
            found, end = _orders_of(orders, date_format), None
            company = replace(company, late_orders=())
    except DataError as error:
        raise click.ClickException(str(error)) from None
    if not found:
        raise click.ClickException("there are no orders to play, as no opportunity was won")
    last = end or max(order.ordered_on for order in found)
    return Script(book, tuple(found), orders is not None, as_of or last, workers, company)


def _input(
    pipeline: Path | None, date_format: str, today: date
) -> tuple[Company, Book, list[Order], date | None]:
    """Return the company, its pipeline, its orders, and the day of the churn scan if it is known:
    those of a file, or our own."""
    if pipeline:
        book = pipeline_file.read_book(pipeline, currency=FILE_CURRENCY, date_format=date_format)
        return Company(), book, orders_of(*buyers_of(book)), None
    currency = os.environ.get("KEHU_CURRENCY", "CNY")
    own = our_company.read(today, currency)
    return own.company, own.book, list(own.orders), today


# What is done with a Kehu on which everything was played.
Then = Callable[[Target, Staff], None]


def play_on_temporary_stack(
    state: State, script: Script, display: Display, then: Then | None = None
) -> int:
    """Play on a temporary Kehu beside the usual one; keep it only if figures are wrong."""
    own = state.demonstration
    with state.demonstration_lock():
        with own.lock():
            take_down(own)
        remove(own)
        with borrowed(own, display.console) as stack:
            code = play(TargetOptions().of_stack(stack), script, display, then)
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
        f" {counted(len(book.crew.agents), 'account manager')},"
        f" {counted(len(script.orders), 'order')}, churn scan as of {script.as_of}"
    )


def play(target: Target, script: Script, display: Display, then: Then | None = None) -> int:
    """Play, print the figures, and do what is done with the company then."""
    try:
        outcome = Story(target, script, display).play()
    except DemoError as error:
        display.console.print(f"[red]✗[/] {escape(str(error))}", soft_wrap=True)
        return 1
    code = conclude(outcome.figures, display.console)
    if then:
        then(target, outcome.staff)
    return code
