"""`kehu reset`."""

import shutil

import click

from kehu_cli.console import SafeConsole, step
from kehu_cli.stack import rabbitmq_docker
from kehu_cli.stack.bring_up import remove, take_down
from kehu_cli.stack.rabbitmq_provide import folder
from kehu_cli.stack.state import State

# The contents of a state directory; nothing else in it may be deleted.
DATA = ("postgres", "postgres.new", "rabbitmq", "log")
FILES = ("*.json", "*.conf", "*.pid", "*.log", "postgres.password", "postgres.initial")


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reset(state: State, yes: bool) -> None:
    """Stop everything and delete all data, logs and passwords, including a demonstration's."""
    if not yes:
        click.confirm(f"Delete all data of the stack in {state.folder}?", abort=True)
    console = SafeConsole()
    for each in state.stacks:
        with each.lock(), step(console, f"everything stopped in {each.folder}"):
            take_down(each)
    with state.lock(), step(console, "data deleted"):
        for own in state.stacks[1:]:
            remove(own)
        rabbitmq_docker.remove_data(folder(state.folder))
        for name in DATA:
            shutil.rmtree(state.folder / name, ignore_errors=True)
        for pattern in FILES:
            for file in state.folder.glob(pattern):
                file.unlink()
