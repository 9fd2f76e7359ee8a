"""`kehu demo`."""

import signal
import sys
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from kehu_cli.console import wide_console
from kehu_cli.demo import logins
from kehu_cli.demo.book import ISO_DATE, day_of
from kehu_cli.demo.display import Display
from kehu_cli.demo.faults import BadValue
from kehu_cli.demo.people import Staff
from kehu_cli.demo.play import make_script, play, play_on_temporary_stack, print_summary
from kehu_cli.demo.target import Target, TargetOptions, company_timezone
from kehu_cli.stack import supervisor
from kehu_cli.stack.readiness import require_own_gateway
from kehu_cli.stack.stack import describe
from kehu_cli.stack.state import State

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _checked_format(_context: click.Context, _option: click.Parameter, pattern: str) -> str:
    """Return the pattern if it states a whole date; BadParameter otherwise."""
    day = date(2017, 3, 31)
    try:
        is_complete = day_of(day.strftime(pattern), "date", pattern) == day
    except BadValue:
        is_complete = False
    if not is_complete:
        raise click.BadParameter("must state a day, a month and a year, such as %d/%m/%Y")
    return pattern


DATE_FORMAT = click.option(
    "--date-format",
    default=ISO_DATE,
    show_default=True,
    callback=_checked_format,
    help="How the dates of the files are written, such as %d/%m/%Y.",
)


@click.command()
@click.option("--pipeline", type=FILE, help="Opportunities, with the side tables beside the file.")
@click.option("--orders", type=FILE, help="Purchases: customer_id, date, quantity, amount_usd.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date of the churn scan; default: today, or the last day of a file's orders.",
)
@DATE_FORMAT
@click.option("--fresh", is_flag=True, help="Play on a temporary Kehu even if one is running.")
@click.option("--gateway", help="Play on the Kehu at this URL, which must be empty.")
@click.option("--amqp", help="The AMQP address of that Kehu for the sales system.")
@click.option("--admin-username", help="With --gateway; default: KEHU_ADMIN_USERNAME, else admin.")
@click.option("--admin-password", help="With --gateway; default: KEHU_ADMIN_PASSWORD.")
@click.option(
    "--workers", default=8, show_default=True, type=click.IntRange(1, 64), help="Parallel threads."
)
@click.option(
    "--step",
    is_flag=True,
    help="Wait for Enter before each task; enter a number to pause again after so many pieces.",
)
@click.pass_obj
def demo(
    state: State,
    pipeline: Path | None,
    orders: Path | None,
    date_format: str,
    as_of: datetime | None,
    fresh: bool,
    gateway: str | None,
    amqp: str | None,
    admin_username: str | None,
    admin_password: str | None,
    workers: int,
    step: bool,
) -> None:
    """Play the main job on data, through public APIs only, and compare every figure.

    Without files it plays a trading company, and prints who can sign in to look around. If no Kehu
    is running, it starts a temporary one and removes it afterwards. Exits with 1 if any figure
    differs from the input.
    """
    console = wide_console()
    known = not (gateway or fresh) and supervisor.is_running(state)
    stack = describe(state) if known else None
    today = datetime.now(ZoneInfo(stack.timezone) if stack else company_timezone()).date()
    day = as_of.date() if as_of else None
    script = make_script(pipeline, orders, date_format, day, workers, today)
    options = TargetOptions(gateway, amqp, admin_username, admin_password)
    display = Display(console, sys.stdin if step else None)
    print_summary(console, script)

    def show(target: Target, staff: Staff) -> None:
        logins.show(staff, script.company.sights, target, console)

    if gateway:
        target = options.remote(gateway, amqp or "")
        if not (target.amqp_url and target.admin_password):
            raise click.UsageError("--gateway needs --amqp and --admin-password")
        sys.exit(play(target, script, display, show))
    stop_properly()
    if stack:
        require_own_gateway(stack)
        sys.exit(play(options.of_stack(stack), script, display, show))
    if options != TargetOptions():
        raise click.UsageError("a temporary Kehu has its own addresses and logins")
    sys.exit(play_on_temporary_stack(state, script, display))


def stop_properly() -> None:
    """Let a signal that ends the command first stop what it has started, as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
