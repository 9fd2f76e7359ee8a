"""`kehu demo`."""

import signal
import sys
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from kehu_cli.console import wide_console
from kehu_cli.demo.display import Display
from kehu_cli.demo.play import announce, make_script, play, play_on_a_temporary_one
from kehu_cli.demo.where import Given
from kehu_cli.stack import supervisor
from kehu_cli.stack.stack import describe
from kehu_cli.stack.state import State

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


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
@click.option(
    "--step",
    is_flag=True,
    help="Wait for Enter before each task; after a number, also when so many pieces are done.",
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
    step: bool,
) -> None:
    """Play the main job on data, through public doors only, and compare every figure.

    Without files a small made-up pipeline and made-up orders are played. Where no Kehu runs, a
    temporary one is started and removed afterwards. Ends with 1 if any figure disagrees with the
    input.
    """
    console = wide_console()
    script = make_script(pipeline, orders, as_of.date() if as_of else None, workers)
    given = Given(gateway, amqp, admin_username, admin_password)
    display = Display(console, sys.stdin if step else None)
    announce(console, script)
    if gateway:
        where = given.elsewhere(gateway, amqp or "")
        if not (where.amqp_url and where.admin_password):
            raise click.UsageError("--gateway needs --amqp and --admin-password")
        sys.exit(play(where, script, display))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    if not fresh and supervisor.is_running(state):
        sys.exit(play(given.on(describe(state)), script, display))
    if given != Given():
        raise click.UsageError("a temporary Kehu has its own addresses and logins")
    sys.exit(play_on_a_temporary_one(state, script, display))


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
