"""Provides RabbitMQ: an installed one, else Docker, else the distribution's package."""

from functools import cache
from pathlib import Path

from kehu_cli.server import ServerError
from kehu_cli.stack import rabbitmq_docker, rabbitmq_node, rabbitmq_package

NOTHING_FOUND = """\
No RabbitMQ was found and none could be installed. Any of these is enough:
  - install it, for example with: apt-get install rabbitmq-server, or: brew install rabbitmq
  - start Docker
  - use a running broker: KEHU_AMQP_SHARED_LOGIN=true KEHU_AMQP_URL=amqp://user:password@host:5672/%2F"""


def folder(state_dir: Path) -> Path:
    """Return the folder of the broker's configuration and data."""
    return state_dir.resolve() / "rabbitmq"


@cache
def provide() -> rabbitmq_node.Installation | rabbitmq_docker.Container:
    """Return the broker to use, installing one if there is none."""
    if installation := rabbitmq_node.find():
        return installation
    if rabbitmq_docker.is_available():
        return rabbitmq_docker.Container()
    if rabbitmq_package.can_install():
        return rabbitmq_package.install()
    raise ServerError(NOTHING_FOUND)
