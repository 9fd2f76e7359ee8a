"""`kehu unrouted`: what was published when no queue was bound to it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from kehu_chassis.messaging import _amqp
from kehu_local.bring_up import step
from kehu_local.demo.command import wide_console
from kehu_local.server import ServerError
from kehu_local.state import State
from kehu_local.supervisor import running_stack

QUEUE = "unrouted"


@click.group()
@click.option(
    "--amqp",
    metavar="URL",
    help="The broker, for a login that may do everything; the one of `kehu up` unless given.",
)
@click.pass_context
def unrouted(context: click.Context, amqp: str | None) -> None:
    """Count or send again what was published when no queue was bound to it."""
    state: State = context.obj
    context.obj = amqp or running_stack(state.folder).amqp_url


@unrouted.command("list")
@click.pass_obj
def list_(amqp_url: str) -> None:
    """Tell how many messages wait."""
    with _explained():
        click.echo(f"{_amqp.waiting(amqp_url, QUEUE)} messages wait in {QUEUE}")


@unrouted.command("send-again")
@click.pass_obj
def send_again(amqp_url: str) -> None:
    """Publish each to the exchange and under the key it was published with. Bind its reader first.

    Ends with 1 if some are bound for nobody still; they wait again.
    """
    console = wide_console()
    with _explained():
        with step(console, "messages sent again") as say:
            sent = _amqp.send_again(amqp_url, QUEUE, lambda number: say(f"{number} sent"))
        left = _amqp.waiting(amqp_url, QUEUE)
    console.print(f"{sent} messages sent again, {left} wait in {QUEUE}")
    if left:
        raise click.exceptions.Exit(1)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except _amqp.Unreachable as error:
        raise ServerError(
            f"RabbitMQ cannot be used: {error or type(error).__name__}. What was not confirmed"
            " waits still: mend the cause, then try again"
        ) from None
