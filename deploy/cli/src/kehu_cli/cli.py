"""The command line. A new command is one module in `commands/` and one entry in COMMANDS."""

from pathlib import Path

import click

from kehu_chassis.terminal import visible
from kehu_cli.commands.backup import backup, reconcile, restore
from kehu_cli.commands.console import console
from kehu_cli.commands.contracts import contracts
from kehu_cli.commands.demo import demo
from kehu_cli.commands.down import down
from kehu_cli.commands.env import env
from kehu_cli.commands.faults import faults
from kehu_cli.commands.logs import logs
from kehu_cli.commands.operate import dead_letters, replay, resync
from kehu_cli.commands.pictures import pictures
from kehu_cli.commands.reset import reset
from kehu_cli.commands.revise import revise
from kehu_cli.commands.sales import sales
from kehu_cli.commands.status import status
from kehu_cli.commands.test import test
from kehu_cli.commands.unrouted import unrouted
from kehu_cli.commands.up import up
from kehu_cli.server import ServerError
from kehu_cli.stack.state import DEFAULT_STATE, State

COMMANDS: tuple[click.Command, ...] = (
    up,
    down,
    status,
    logs,
    reset,
    demo,
    sales,
    test,
    faults,
    env,
    console,
    pictures,
    contracts,
    revise,
    dead_letters,
    resync,
    replay,
    unrouted,
    backup,
    restore,
    reconcile,
)


class Commands(click.Group):
    """Lists the commands in the order of COMMANDS and prints a server's failure as a message."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands, the most used ones first."""
        return list(self.commands)

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except ServerError as error:
            raise click.ClickException(visible(str(error), layout=True)) from error
        except click.UsageError:
            raise
        except click.ClickException as error:
            raise click.ClickException(visible(error.message, layout=True)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="KEHU_STATE",
    default=DEFAULT_STATE,
    help="Where the stack keeps its data, logs and passwords (KEHU_STATE; default: .kehu in the"
    " checkout). Several stacks may run side by side.",
)
@click.pass_context
def kehu(context: click.Context, state: Path) -> None:
    """Kehu on this machine: start it, play its main job, test it."""
    context.obj = State(state)


for _command in COMMANDS:
    kehu.add_command(_command)
