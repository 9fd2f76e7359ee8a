"""`kehu down`."""

import click
from rich.console import Console

from kehu_local import leftovers, supervisor
from kehu_local.bring_up import step, take_down
from kehu_local.state import State


@click.command()
@click.pass_obj
def down(state: State) -> None:
    """Stop everything; data stays."""
    console = Console(highlight=False)
    with state.lock():
        if not supervisor.is_running(state) and not leftovers.find(state.folder):
            console.print("Nothing is running.")
            return
        with step(console, "everything stopped"):
            take_down(state)
