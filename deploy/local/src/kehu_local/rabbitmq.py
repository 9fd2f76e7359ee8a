"""A private RabbitMQ: started for tests by `start`, prepared for a supervisor by `prepare`.

Where the broker comes from is `rabbitmq_provide`'s business.
A broker given by KEHU_AMQP_URL is the caller's business: nothing is started then.
"""

import secrets
import shutil
import socket
import tempfile
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from kehu_local import rabbitmq_definitions, rabbitmq_docker, rabbitmq_provide
from kehu_local.ports import LOOPBACK, private_port
from kehu_local.rabbitmq_definitions import ADMINISTRATOR
from kehu_local.rabbitmq_node import NodePorts
from kehu_local.server import Command, GuardedProcess, wait_until

# What a client that speaks AMQP 0-9-1 sends first; a broker that is up answers with a frame.
AMQP_GREETING = b"AMQP\x00\x00\x09\x01"


class Broker:
    """A running broker; also a context manager that stops it."""

    def __init__(self, state_dir: Path, ports: NodePorts, passwords: Mapping[str, str]) -> None:
        self.ports = ports
        self.passwords = dict(passwords)
        self.amqp_url = self.url_for(ADMINISTRATOR)
        credentials = f"{ADMINISTRATOR}:{self.passwords[ADMINISTRATOR]}"
        self.management_url = f"http://{credentials}@{LOOPBACK}:{ports.management}"
        self._state_dir = state_dir
        self._log = state_dir / "rabbitmq.log"
        self._process = self._start()

    def url_for(self, login: str) -> str:
        """Return the AMQP address for one of the logins."""
        return amqp_url(login, self.passwords[login], self.ports.amqp)

    @property
    def pid(self) -> int:
        """The process id of the broker itself."""
        return self._process.pid

    def stop(self) -> None:
        """Stop the broker; its data stays."""
        self._process.stop()

    def kill(self) -> None:
        """End the broker as a crash would."""
        self._process.kill()

    def restart(self) -> None:
        """Stop the broker if it runs and start it again at the same address, with the same data."""
        self._process.stop()
        self._process = self._start()

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> GuardedProcess:
        process = GuardedProcess(command(self._state_dir, self.ports), self._log)
        try:
            wait_until(
                lambda: is_ready(self.ports, self.passwords[ADMINISTRATOR]),
                process.is_running,
                "RabbitMQ",
                self._log,
                seconds=90,
            )
        except BaseException:
            process.stop()
            raise
        return process


def start(
    state_dir: Path, *, definitions: Path | None = None, passwords: Mapping[str, str] | None = None
) -> Broker:
    """Start a broker whose data lies in `state_dir`.

    Every login of the definitions and every one named in `passwords` can be used; passwords not
    given are random.
    """
    names = {ADMINISTRATOR, *rabbitmq_definitions.logins(definitions)}
    everything = {name: secrets.token_urlsafe(24) for name in names} | dict(passwords or {})
    ports = choose_ports({})
    prepare(state_dir, ports, definitions, everything)
    return Broker(state_dir, ports, everything)


@contextmanager
def temporary(definitions: Path | None = None) -> Iterator[Broker]:
    """Run a broker that leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="kehu-rabbitmq-"))
    try:
        broker = start(folder, definitions=definitions)
        try:
            yield broker
        finally:
            # An orderly stop takes seconds, to save what is deleted in the next line.
            broker.kill()
            if isinstance(rabbitmq_provide.provide(), rabbitmq_docker.Container):
                rabbitmq_docker.remove_data(rabbitmq_provide.folder(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def choose_ports(remembered: Mapping[str, int]) -> NodePorts:
    """Choose the ports of a node, keeping the remembered ones that are free."""
    names = ("amqp", "management", "distribution", "epmd")
    return NodePorts(**{name: private_port(remembered.get(name)) for name in names})


def prepare(
    state_dir: Path, ports: NodePorts, definitions: Path | None, passwords: Mapping[str, str]
) -> None:
    """Get a broker if there is none, and write what it reads when it starts."""
    folder = rabbitmq_provide.folder(state_dir)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    rabbitmq_definitions.render(folder / "definitions.json", definitions, passwords)
    rabbitmq_provide.provide().prepare(folder, ports)


def command(state_dir: Path, ports: NodePorts) -> Command:
    """Return how to run the broker in the foreground."""
    return rabbitmq_provide.provide().command(rabbitmq_provide.folder(state_dir), ports)


def amqp_url(login: str, password: str, port: int) -> str:
    """Return the AMQP address of a login on this machine."""
    return f"amqp://{quote(login, safe='')}:{quote(password, safe='')}@{LOOPBACK}:{port}/%2F"


def is_ready(ports: NodePorts, administrator_password: str) -> bool:
    """Tell whether the broker speaks AMQP and its management API knows the administrator."""
    return _speaks_amqp(ports.amqp) and _answers(ports.management, administrator_password)


def _speaks_amqp(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            connection.sendall(AMQP_GREETING)
            return connection.recv(1) == b"\x01"
    except OSError:
        return False


def _answers(port: int, password: str) -> bool:
    token = b64encode(f"{ADMINISTRATOR}:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{LOOPBACK}:{port}/api/whoami", headers={"Authorization": f"Basic {token}"}
    )
    # An opener of its own: a proxy set in the environment is not for this machine's loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
