"""A real RabbitMQ that exports its metrics."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pika
from pika.exceptions import ProbableAuthenticationError

from kehu_cli.catalogue import DEFINITIONS
from kehu_cli.ports import LOOPBACK, private_port
from kehu_cli.stack import rabbitmq, rabbitmq_provide
from kehu_cli.stack.rabbitmq_definitions import ADMINISTRATOR
from kehu_cli.stack.rabbitmq_node import Installation
from tests.support import embedded_rabbitmq, servers


@dataclass(frozen=True)
class MeasuredBroker:
    """A broker, and the address of its metrics."""

    broker: servers.Broker
    metrics_url: str

    def import_definitions(self, definitions: str) -> None:
        """Import logins, exchanges and queues."""
        self.broker.manage("POST", "/api/definitions", json.loads(definitions))

    def accepts(self, login: str, password: str) -> bool:
        """Whether the login can connect."""
        url = rabbitmq.amqp_url(login, password, self.broker.port)
        try:
            pika.BlockingConnection(pika.URLParameters(url)).close()
        except ProbableAuthenticationError:
            return False
        return True


@contextmanager
def measured() -> Iterator[MeasuredBroker]:
    """Run a broker with temporary data and the Prometheus plugin."""
    if isinstance(rabbitmq_provide.provide(), Installation):
        with _installed() as running:
            yield running
        return
    with servers.container() as container:
        broker = servers.Broker(container.amqp_url, container.management_url, {})
        measured_broker = MeasuredBroker(broker, container.metrics_url)
        measured_broker.import_definitions(DEFINITIONS.read_text())
        yield measured_broker


@contextmanager
def _installed() -> Iterator[MeasuredBroker]:
    state = Path(tempfile.mkdtemp(prefix="kehu-rabbitmq-"))
    try:
        ports, port = rabbitmq.choose_ports({}), private_port()
        passwords = {ADMINISTRATOR: secrets.token_urlsafe(24)}
        rabbitmq.prepare(state, ports, DEFINITIONS, passwords)
        folder = rabbitmq_provide.folder(state)
        (folder / "enabled_plugins").write_text("[rabbitmq_management,rabbitmq_prometheus].\n")
        with (folder / "rabbitmq.conf").open("a") as configuration:
            configuration.write(f"prometheus.tcp.ip = {LOOPBACK}\nprometheus.tcp.port = {port}\n")
        running = embedded_rabbitmq.Broker(state, ports, passwords)
        broker = servers.Broker(running.amqp_url, running.management_url, passwords)
        try:
            yield MeasuredBroker(broker, f"http://{LOOPBACK}:{port}")
        finally:
            running.kill()
    finally:
        shutil.rmtree(state, ignore_errors=True)
