"""Messages that were published while no queue was bound to them: counted or republished."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kehu_chassis.messaging import _amqp
from kehu_cli.server import ServerError

QUEUE = "unrouted"


def waiting(amqp_url: str) -> int:
    """Return how many messages wait."""
    with _explained():
        return _amqp.waiting(amqp_url, QUEUE)


def send_again(amqp_url: str, report: Callable[[str], None]) -> int:
    """Publish each message again to its original exchange and key; return how many."""
    with _explained():
        return _amqp.send_again(amqp_url, QUEUE, lambda number: report(f"{number} sent"))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except _amqp.NotImpersonator as error:
        raise ServerError(f"{error}. No message was lost") from None
    except _amqp.Unreachable as error:
        raise ServerError(
            f"RabbitMQ cannot be used: {error or type(error).__name__}. Unconfirmed messages"
            " still wait: fix the cause, then try again"
        ) from None
