"""A real RabbitMQ that also tells its metrics."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pika
import pytest
from pika.exceptions import ProbableAuthenticationError

from kehu_local import rabbitmq, rabbitmq_provide
from kehu_local.catalogue import DEFINITIONS
from kehu_local.ports import LOOPBACK, private_port
from kehu_local.rabbitmq_definitions import ADMINISTRATOR
from kehu_local.rabbitmq_node import Installation


@dataclass(frozen=True)
class MeasuredBroker:
    """The broker, and where its metrics are."""

    broker: rabbitmq.Broker
    metrics_url: str

    def import_definitions(self, definitions: str) -> None:
        """Change logins, exchanges and queues as the definitions say."""
        login = f"{ADMINISTRATOR}:{self.broker.passwords[ADMINISTRATOR]}"
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self.broker.ports.management}/api/definitions",
            data=definitions.encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Basic {b64encode(login.encode()).decode()}",
            },
        )
        with urllib.request.urlopen(request, timeout=30):
            pass

    def accepts(self, login: str, password: str) -> bool:
        """Whether the login may connect."""
        url = f"amqp://{login}:{password}@{LOOPBACK}:{self.broker.ports.amqp}/%2F"
        try:
            pika.BlockingConnection(pika.URLParameters(url)).close()
        except ProbableAuthenticationError:
            return False
        return True


@contextmanager
def measured() -> Iterator[MeasuredBroker]:
    """Run a broker of our own with the plugin for Prometheus; it leaves nothing behind."""
    if not isinstance(rabbitmq_provide.provide(), Installation):
        pytest.skip("only an installed RabbitMQ can be given the plugin for Prometheus")
    state = Path(tempfile.mkdtemp(prefix="kehu-rabbitmq-"))
    try:
        ports, port = rabbitmq.choose_ports({}), private_port()
        passwords = {ADMINISTRATOR: secrets.token_urlsafe(24)}
        rabbitmq.prepare(state, ports, DEFINITIONS, passwords)
        folder = rabbitmq_provide.folder(state)
        (folder / "enabled_plugins").write_text("[rabbitmq_management,rabbitmq_prometheus].\n")
        with (folder / "rabbitmq.conf").open("a") as configuration:
            configuration.write(f"prometheus.tcp.ip = {LOOPBACK}\nprometheus.tcp.port = {port}\n")
        broker = rabbitmq.Broker(state, ports, passwords)
        try:
            yield MeasuredBroker(broker, f"http://{LOOPBACK}:{port}")
        finally:
            broker.kill()
    finally:
        shutil.rmtree(state, ignore_errors=True)
