"""`kehu up`."""

import signal
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console

from kehu_cli.console import SafeConsole, step
from kehu_cli.ports import LOOPBACK
from kehu_cli.stack import supervisor
from kehu_cli.stack.bring_up import GATEWAY_PORT, Options, Started, bring_up, take_down
from kehu_cli.stack.stack import Stack, describe
from kehu_cli.stack.state import State

SHARED_LOGIN = """\
[yellow]Warning:[/] by KEHU_AMQP_SHARED_LOGIN all services and the sales system share one login.
Nothing prevents one of them from publishing in another's name."""


@click.command()
@click.option(
    "--detach", is_flag=True, help="Return when everything is ready; stop with kehu down."
)
@click.option("--host", default=LOOPBACK, show_default=True, help="Where the gateway listens.")
@click.option(
    "--port",
    default=GATEWAY_PORT,
    show_default=True,
    help="The gateway's port, or the next free one.",
)
@click.pass_obj
def up(state: State, detach: bool, host: str, port: int) -> None:
    """Start everything and wait until it is ready. Ctrl-C stops it."""
    console = SafeConsole()
    # SIGHUP (a closed terminal) and SIGTERM stop the stack as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    with state.lock():
        if supervisor.is_running(state):
            console.print(f"Already running at {describe(state).gateway_url}")
            return
        started = bring_up(state, Options(host, port), console)
    if detach:
        _print_access(console, started)
    else:
        _stay(console, state, started)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _stay(console: Console, state: State, started: Started) -> None:
    """Wait for Ctrl-C, or for `kehu down` in another terminal, then stop everything."""
    try:
        _print_access(console, started)
        console.print("\nCtrl-C stops it. Meanwhile: ./kehu status, ./kehu logs, ./kehu demo")
        started.process.wait()
    except KeyboardInterrupt:
        console.print()
    finally:
        with step(console, "everything stopped"), state.lock():
            take_down(state)


def _print_access(console: Console, started: Started) -> None:
    stack = started.stack
    console.print(f"\n[bold]Kehu is ready:[/] {stack.gateway_url}")
    console.print(f"  API documentation   {stack.gateway_url}/docs")
    console.print(
        f"  administrator       {_administrator(stack, started.first_time)}", soft_wrap=True
    )
    console.print(f"  sales system's AMQP {stack.sales_amqp_url}", soft_wrap=True)
    console.print(f"  data and logs       {stack.state.folder}", soft_wrap=True)
    if stack.external_amqp:
        console.print(SHARED_LOGIN)


def _administrator(stack: Stack, first_time: bool) -> str:
    generated = stack.state.credentials()["administrator"]["generated"]
    if first_time and generated:
        return f"{stack.admin_username} / {stack.admin_password}  [dim](shown only this time)[/]"
    return f"{stack.admin_username} [dim](with the password of the first start)[/]"
