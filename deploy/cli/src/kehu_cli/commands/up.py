"""`kehu up`."""

import signal
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console
from rich.markup import escape

from kehu_cli.console import SafeConsole, step
from kehu_cli.ports import LOOPBACK
from kehu_cli.server import ServerError
from kehu_cli.stack import supervisor
from kehu_cli.stack.bring_up import GATEWAY_PORT, Options, Started, bring_up, take_down
from kehu_cli.stack.stack import Stack, describe
from kehu_cli.stack.state import State
from kehu_cli.web.background import Building, building
from kehu_cli.web.build import is_built

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
@click.option("--no-console", is_flag=True, help="Do not build the web console.")
@click.pass_obj
def up(state: State, detach: bool, host: str, port: int, no_console: bool) -> None:
    """Start everything and wait until it is ready. Ctrl-C stops it.

    Builds the web console if its sources have changed since the last build.
    """
    console = SafeConsole()
    # SIGHUP (a closed terminal) and SIGTERM stop the stack as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    with state.lock():
        if supervisor.is_running(state):
            console.print(f"Already running at {describe(state).gateway_url}")
            return
        with building(state.log("console-build"), wanted=not no_console) as build:
            started = bring_up(state, Options(host, port), console)
            _await(build, state, console)
    if detach:
        _print_access(console, started)
    else:
        _stay(console, state, started)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _await(build: Building | None, state: State, console: Console) -> None:
    """Wait for the build, if there is one; if it fails, everything else works nonetheless."""
    if build is None:
        return
    try:
        with step(console, "web console built") as report:
            build.wait(report)
    except ServerError as error:
        console.print(f"[yellow]Warning:[/] {escape(str(error))}", soft_wrap=True)
    except KeyboardInterrupt:
        take_down(state)
        raise


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
    at = f"{stack.gateway_url}/" if is_built() else "not built: ./kehu console build"
    console.print(f"  web console         {at}")
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
