"""`kehu unrouted`."""

import click

from kehu_chassis.texts import counted
from kehu_cli.console import step, wide_console
from kehu_cli.operations import unrouted as messages
from kehu_cli.stack.state import State
from kehu_cli.stack.supervisor import running_stack


@click.group()
@click.option(
    "--amqp",
    metavar="URL",
    help="The broker, with an administrator's login; default: that of `kehu up`.",
)
@click.pass_context
def unrouted(context: click.Context, amqp: str | None) -> None:
    """Count or republish messages that were published while no queue was bound to them."""
    state: State = context.obj
    context.obj = amqp or running_stack(state.folder).amqp_url


@unrouted.command("list")
@click.pass_obj
def list_(amqp_url: str) -> None:
    """Print how many messages wait."""
    click.echo(f"{counted(messages.waiting(amqp_url), 'message')} in {messages.QUEUE}")


@unrouted.command("send-again")
@click.pass_obj
def send_again(amqp_url: str) -> None:
    """Publish each message again to its original exchange and routing key. Bind its reader first.

    Exits with 1 if some are still unroutable; they wait again.
    """
    console = wide_console()
    with step(console, "messages sent again") as report:
        sent = messages.send_again(amqp_url, report)
    left = messages.waiting(amqp_url)
    console.print(f"{counted(sent, 'message')} sent again, {left} left in {messages.QUEUE}")
    if left:
        raise click.exceptions.Exit(1)
