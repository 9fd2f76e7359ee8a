"""The private RabbitMQ of a stack, run by a test; it ends with the process that started it."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kehu_cli.ports import LOOPBACK
from kehu_cli.stack import rabbitmq, rabbitmq_definitions, rabbitmq_docker, rabbitmq_provide
from kehu_cli.stack.rabbitmq_definitions import ADMINISTRATOR
from kehu_cli.stack.rabbitmq_node import NodePorts
from tests.support.guarded import GuardedProcess, wait_until


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
        """Return the AMQP address of a login."""
        return rabbitmq.amqp_url(login, self.passwords[login], self.ports.amqp)

    @property
    def pid(self) -> int:
        """The process id of the broker itself."""
        return self._process.pid

    def stop(self) -> None:
        """Stop the broker; its data stays."""
        self._process.stop()

    def kill(self) -> None:
        """Kill the broker, as a crash would."""
        self._process.kill()

    def restart(self) -> None:
        """Stop the broker if it runs; start it at the same address with the same data."""
        self._process.stop()
        self._process = self._start()

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> GuardedProcess:
        process = GuardedProcess(rabbitmq.command(self._state_dir, self.ports), self._log)
        try:
            wait_until(
                lambda: rabbitmq.is_ready(self.ports, self.passwords[ADMINISTRATOR]),
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
    """Start a broker with its data in `state_dir`.

    It has the logins of the definitions and of `passwords`; missing passwords are random.
    """
    names = {ADMINISTRATOR, *rabbitmq_definitions.logins(definitions)}
    everything = {name: secrets.token_urlsafe(24) for name in names} | dict(passwords or {})
    ports = rabbitmq.choose_ports({})
    rabbitmq.prepare(state_dir, ports, definitions, everything)
    return Broker(state_dir, ports, everything)


@contextmanager
def temporary(definitions: Path | None = None) -> Iterator[Broker]:
    """Run a broker with temporary data."""
    folder = Path(tempfile.mkdtemp(prefix="kehu-rabbitmq-"))
    try:
        broker = start(folder, definitions=definitions)
        try:
            yield broker
        finally:
            # An orderly stop takes seconds to save data that is deleted here.
            broker.kill()
            if isinstance(rabbitmq_provide.provide(), rabbitmq_docker.Container):
                rabbitmq_docker.remove_data(rabbitmq_provide.folder(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
