"""`kehu down`."""

import click
from rich.console import Console

from kehu_cli.console import SafeConsole, step
from kehu_cli.stack import leftovers, supervisor
from kehu_cli.stack.bring_up import take_down
from kehu_cli.stack.state import State


@click.command()
@click.pass_obj
def down(state: State) -> None:
    """Stop everything, including the processes of a killed demonstration; keep the data."""
    console = SafeConsole()
    stopped = [_stop(each, console) for each in state.stacks]
    if not any(stopped):
        console.print("Nothing is running.")


def _stop(state: State, console: Console) -> bool:
    """Stop one stack; return whether there was anything to stop."""
    with state.lock():
        if not supervisor.is_running(state) and not leftovers.find(state.folder):
            return False
        with step(console, f"everything stopped in {state.folder}"):
            take_down(state)
    return True
