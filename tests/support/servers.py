"""PostgreSQL and RabbitMQ for tests: given servers, else containers, else embedded servers.

KEHU_TEST_SERVERS=url, docker or embedded forces one kind. Given servers are for tests only; their
addresses are KEHU_TEST_POSTGRES_URL, KEHU_TEST_AMQP_URL and KEHU_TEST_MANAGEMENT_URL, each with a
login that may do everything and a port at this machine's loopback.
"""

import json
import os
import secrets
import shutil
import tempfile
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import docker
import docker.errors
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from kehu_cli.stack import postgres, rabbitmq, rabbitmq_definitions, rabbitmq_docker
from kehu_cli.stack.rabbitmq_definitions import ADMINISTRATOR, ADMINISTRATOR_TAGS
from tests.support import embedded_postgres, embedded_rabbitmq

KINDS = ("url", "docker", "embedded")
URL_VARIABLES = ("KEHU_TEST_POSTGRES_URL", "KEHU_TEST_AMQP_URL", "KEHU_TEST_MANAGEMENT_URL")
MIN_FREE_BYTES = 4 * 1024**3
POSTGRES_IMAGE = f"postgres:{os.environ.get('POSTGRES_TAG') or '18'}"

# That of the embedded server, so that lists have the same order everywhere.
POSTGRES_LOCALE = "--encoding=UTF8 --locale=C.UTF-8"


@dataclass(frozen=True)
class Choice:
    """Which servers the tests run on, and why."""

    kind: str
    description: str


@dataclass(frozen=True)
class Broker:
    """A broker shared by tests: its administrator and its other logins."""

    amqp_url: str = field(repr=False)
    management_url: str = field(repr=False)
    passwords: Mapping[str, str] = field(repr=False)

    @property
    def port(self) -> int:
        """The AMQP port."""
        return urlsplit(self.amqp_url).port or 5672

    def url_for(self, login: str) -> str:
        """Return the AMQP address of a login."""
        return rabbitmq.amqp_url(login, self.passwords[login], self.port)

    def manage(self, method: str, path: str, body: Any = None) -> Any:
        """Call the management interface as the administrator."""
        parts = urlsplit(self.management_url)
        login = f"{parts.username}:{parts.password}"
        request = urllib.request.Request(
            f"http://{parts.hostname}:{parts.port}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={
                "Authorization": f"Basic {b64encode(login.encode()).decode()}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            content = response.read()
        return json.loads(content) if content else None


@cache
def choice() -> Choice:
    """Decide, once per run, which servers the tests use."""
    forced = os.environ.get("KEHU_TEST_SERVERS")
    if forced:
        if forced not in KINDS:
            raise ValueError(f"KEHU_TEST_SERVERS: must be one of {', '.join(KINDS)}")
        return Choice(forced, f"{forced}, set by KEHU_TEST_SERVERS")
    if all(os.environ.get(name) for name in URL_VARIABLES):
        return Choice("url", f"given by {URL_VARIABLES[0]} and {URL_VARIABLES[1]}")
    if reason := missing_images([POSTGRES_IMAGE, rabbitmq_docker.IMAGE]):
        return Choice("embedded", f"embedded, as Docker {reason}")
    return Choice("docker", f"containers of {POSTGRES_IMAGE} and {rabbitmq_docker.IMAGE}")


def missing_images(images: Sequence[str]) -> str:
    """Why Docker cannot run these images; empty if it can. Pulls missing images."""
    if not rabbitmq_docker.is_available():
        return "does not respond"
    client = docker.from_env()
    try:
        for image in images:
            try:
                client.images.get(image)
            except docker.errors.ImageNotFound:
                client.images.pull(image)
    except docker.errors.DockerException:
        return f"has no image {image} and cannot pull it"
    finally:
        client.close()
    return ""


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the superuser's address of a PostgreSQL."""
    kind = choice().kind
    if kind == "url":
        yield os.environ[URL_VARIABLES[0]]
    elif kind == "docker":
        password = secrets.token_urlsafe(24)
        settings = postgres.SETTINGS | postgres.THROW_AWAY_SETTINGS
        del settings["unix_socket_directories"]
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        container = PostgresContainer(
            POSTGRES_IMAGE, username="postgres", password=password, dbname="postgres", driver=None
        )
        container.with_env("POSTGRES_INITDB_ARGS", f"{POSTGRES_LOCALE} --no-sync")
        container.with_env("PGDATA", "/memory/data").with_tmpfs_mount("/memory")
        with container.with_command(f"postgres {options}") as running:
            yield running.get_connection_url()
    else:
        with embedded_postgres.temporary(_memory()) as server:
            yield server.superuser_url


def _memory() -> Path | None:
    """A folder in memory, if enough is free.

    Each test copies a database of three hundred files; on a disk that takes several times as long.
    """
    folder = Path("/dev/shm")
    roomy = folder.is_dir() and shutil.disk_usage(folder).free > MIN_FREE_BYTES
    return folder if roomy and os.access(folder, os.W_OK) else None


@contextmanager
def broker(definitions: Path) -> Iterator[Broker]:
    """Yield a RabbitMQ with all exchanges, queues and logins of the definitions."""
    kind = choice().kind
    if kind == "url":
        yield _prepared(os.environ[URL_VARIABLES[1]], os.environ[URL_VARIABLES[2]], definitions)
    elif kind == "docker":
        with container() as running:
            yield _prepared(running.amqp_url, running.management_url, definitions)
    else:
        with embedded_rabbitmq.temporary(definitions) as running:
            yield Broker(running.amqp_url, running.management_url, running.passwords)


@dataclass(frozen=True)
class Running:
    """A broker in a container, with its administrator and nothing else yet."""

    amqp_url: str = field(repr=False)
    management_url: str = field(repr=False)
    metrics_url: str


@contextmanager
def container(image: str = rabbitmq_docker.IMAGE) -> Iterator[Running]:
    """Run RabbitMQ in a container with the plugins that tests need, whatever its image enables."""
    password = secrets.token_urlsafe(24)
    made = DockerContainer(image).with_exposed_ports(5672, 15672, 15692)
    made.with_env("RABBITMQ_DEFAULT_USER", ADMINISTRATOR)
    made.with_env("RABBITMQ_DEFAULT_PASS", password)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # The broker's own account reads it.
        plugins = Path(folder, "enabled_plugins")
        plugins.write_text("[rabbitmq_management,rabbitmq_prometheus].\n")
        made.with_volume_mapping(str(plugins), "/etc/rabbitmq/enabled_plugins", "ro")
        with made.waiting_for(LogMessageWaitStrategy("Server startup complete")) as running:
            host = running.get_container_host_ip()
            login = f"{ADMINISTRATOR}:{password}@{host}"
            yield Running(
                f"amqp://{login}:{running.get_exposed_port(5672)}/%2F",
                f"http://{login}:{running.get_exposed_port(15672)}",
                f"http://{host}:{running.get_exposed_port(15692)}",
            )


def _prepared(amqp_url: str, management_url: str, definitions: Path) -> Broker:
    """Import the definitions into a running broker."""
    names = rabbitmq_definitions.logins(definitions)
    passwords = {name: secrets.token_urlsafe(24) for name in names}
    prepared = Broker(amqp_url, management_url, passwords)
    content = rabbitmq_definitions.content(definitions, passwords)
    prepared.manage("POST", "/api/definitions", content)
    administrator = urlsplit(amqp_url)
    tags = {"password": unquote(administrator.password or ""), "tags": ",".join(ADMINISTRATOR_TAGS)}
    prepared.manage("PUT", f"/api/users/{administrator.username}", tags)
    return prepared
