"""A private RabbitMQ: `prepare` writes its files, `command` returns the command line to supervise.

`rabbitmq_provide` finds the broker. With KEHU_AMQP_URL nothing is started: that broker is external.
"""

import socket
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from kehu_cli.ports import LOOPBACK, private_port
from kehu_cli.server import Command
from kehu_cli.stack import rabbitmq_definitions, rabbitmq_provide
from kehu_cli.stack.rabbitmq_definitions import ADMINISTRATOR
from kehu_cli.stack.rabbitmq_node import NodePorts

# The protocol header of AMQP 0-9-1, to which a running broker responds with a frame.
AMQP_HEADER = b"AMQP\x00\x00\x09\x01"


def choose_ports(remembered: Mapping[str, int]) -> NodePorts:
    """Choose the ports of a node, keeping the remembered ones that are free."""
    names = ("amqp", "management", "distribution", "epmd")
    return NodePorts(**{name: private_port(remembered.get(name)) for name in names})


def prepare(
    state_dir: Path, ports: NodePorts, definitions: Path | None, passwords: Mapping[str, str]
) -> None:
    """Install a broker if there is none, and write the files it reads at start."""
    folder = rabbitmq_provide.folder(state_dir)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    rabbitmq_definitions.render(folder / "definitions.json", definitions, passwords)
    rabbitmq_provide.provide().prepare(folder, ports)


def command(state_dir: Path, ports: NodePorts) -> Command:
    """Return the command that runs the broker in the foreground."""
    return rabbitmq_provide.provide().command(rabbitmq_provide.folder(state_dir), ports)


def amqp_url(login: str, password: str, port: int) -> str:
    """Return the AMQP address of a login on this machine."""
    return f"amqp://{quote(login, safe='')}:{quote(password, safe='')}@{LOOPBACK}:{port}/%2F"


def is_ready(ports: NodePorts, administrator_password: str) -> bool:
    """Return whether the broker accepts AMQP and its management API accepts the administrator."""
    return _accepts_amqp(ports.amqp) and _accepts_login(ports.management, administrator_password)


def _accepts_amqp(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            connection.sendall(AMQP_HEADER)
            return connection.recv(1) == b"\x01"
    except OSError:
        return False


def _accepts_login(port: int, password: str) -> bool:
    token = b64encode(f"{ADMINISTRATOR}:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{LOOPBACK}:{port}/api/whoami", headers={"Authorization": f"Basic {token}"}
    )
    # Without the proxies of the environment, which do not apply to loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
