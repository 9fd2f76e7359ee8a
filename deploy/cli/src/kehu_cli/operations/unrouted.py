"""What was published when no queue was bound to it: counted, or published again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kehu_chassis.messaging import _amqp
from kehu_cli.server import ServerError

QUEUE = "unrouted"


def waiting(amqp_url: str) -> int:
    """Return how many messages wait."""
    with _explained():
        return _amqp.waiting(amqp_url, QUEUE)


def send_again(amqp_url: str, say: Callable[[str], None]) -> int:
    """Publish each to the exchange and under the key it was published with; return how many."""
    with _explained():
        return _amqp.send_again(amqp_url, QUEUE, lambda number: say(f"{number} sent"))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except _amqp.Unreachable as error:
        raise ServerError(
            f"RabbitMQ cannot be used: {error or type(error).__name__}. What was not confirmed"
            " waits still: mend the cause, then try again"
        ) from None
