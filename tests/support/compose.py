"""A second installation in containers, with a name, ports and secrets of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3

from kehu_cli.catalogue import ROOT, SERVICES
from kehu_cli.operations import environment_file
from kehu_cli.operations.containers import compose_command
from kehu_cli.ports import private_port
from tests.support.guarded import finally_run
from tests.support.servers import missing_images
from tests.support.stack import RunningStack, Session, eventually

BASE_IMAGES = {"python": "3.13-slim", "postgres": "18", "rabbitmq": "4-management"}
COMPOSE_FILE = ROOT / "docker-compose.yml"
REMOVED = ("--volumes", "--remove-orphans")
BUILD_SECONDS, UP_SECONDS, KEHU_SECONDS = 900, 600, 600
_http = urllib3.PoolManager(timeout=5, retries=False)


def command() -> list[str]:
    """The command that runs Compose on this machine; skips the test if it cannot work."""
    images = [
        f"{name}:{os.environ.get(f'{name.upper()}_TAG') or tag}"
        for name, tag in BASE_IMAGES.items()
    ]
    reason = missing_images(images)
    if not reason:
        if found := compose_command():
            return found
        reason = "has no Compose"
    # A run that asks for containers must not pass without them.
    skip_or_fail = pytest.fail if os.environ.get("KEHU_TEST_SERVERS") == "docker" else pytest.skip
    skip_or_fail(f"containers are not tested, as Docker {reason}")


class Queue(NamedTuple):
    """The numbers of messages and consumers of a queue."""

    messages: int
    consumers: int


@dataclass
class Installation:
    """Kehu in containers, as an operator of this machine sees it."""

    folder: Path
    project: str = field(default_factory=lambda: f"kehu-test-{secrets.token_hex(3)}")

    def __post_init__(self) -> None:
        self._compose = command()
        self.file = self.folder / ".env"
        chosen = {
            "COMPOSE_PROJECT_NAME": self.project,
            "GATEWAY_PORT": private_port(),
            "AMQP_PORT": private_port(),
            # The tests send bursts of requests as one person.
            "KEHU_CALLER_RATE": 100_000,
            "KEHU_ADDRESS_RATE": 100_000,
        }
        self.file.write_text("".join(f"{name}={value}\n" for name, value in chosen.items()))
        self.kehu("env", "--file", str(self.file))
        self.values = environment_file.read(self.file)

    @property
    def gateway_url(self) -> str:
        """The address to which every request goes."""
        return f"http://127.0.0.1:{self.values['GATEWAY_PORT']}"

    def amqp_url(self, login: str) -> str:
        """The published AMQP address of a login."""
        return environment_file.amqp_url(self.values, login)

    def kehu(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `kehu`."""
        line = [sys.executable, "-m", "kehu_cli", *arguments]
        return _run(line, {}, seconds=KEHU_SECONDS, check=check)

    def compose(
        self,
        *arguments: str,
        check: bool = True,
        seconds: float = UP_SECONDS,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run Compose on this installation."""
        return _run(self.compose_line(*arguments), variables, seconds=seconds, check=check)

    def compose_line(self, *arguments: str) -> list[str]:
        """The command line that runs Compose on this installation, in any folder."""
        options = ["--env-file", str(self.file), "--project-name", self.project]
        return [*self._compose, "--file", str(COMPOSE_FILE), *options, *arguments]

    def build(self) -> None:
        """Build the images; unchanged layers come from the cache."""
        self.compose("build", seconds=BUILD_SECONDS)

    def up(self, *arguments: str) -> None:
        """Start everything and wait until it can be used."""
        self.compose("up", "--detach", *arguments)
        self.wait_ready()

    def scale(self, **numbers: int) -> None:
        """Run this number of containers of each service, such as ``customer_api=3``."""
        chosen = {name.replace("_", "-"): number for name, number in numbers.items()}
        scales = [f"--scale={name}={number}" for name, number in chosen.items()]
        self.compose("up", "--detach", "--no-deps", *scales, *chosen)

    def down(self, *arguments: str) -> None:
        """Stop everything; ``--volumes`` deletes the data too."""
        self.compose("down", "--timeout", "60", *arguments)

    def wait_ready(self) -> None:
        """Wait until the gateway reaches every service."""
        for service in SERVICES:
            path = f"{self.gateway_url}/api/v1/{service}/dead-letters"
            eventually(
                # Without a token the gateway itself responds 401, as soon as it has its policy.
                lambda path=path: _http.request("GET", path).status == 401,
                within=180,
                what=f"{service} is ready",
            )
            eventually(
                lambda service=service: self.ready_addresses(service),
                within=180,
                what=f"the gateway reaches {service}",
            )

    def ready_addresses(self, service: str) -> int:
        """The number of replicas of a service to which the gateway sends requests."""
        return self.all_ready_addresses().get(service, 0)

    def all_ready_addresses(self) -> dict[str, int]:
        """The number of such replicas of every service."""
        metrics = self.probe("gateway", "/metrics")
        pattern = r'^kehu_gateway_service_ready_addresses\{service="(.+)"\} ([0-9.]+)$'
        found = re.findall(pattern, metrics, re.MULTILINE)
        return {service: int(float(number)) for service, number in found}

    def probe(self, container: str, path: str) -> str:
        """The response of a service's first container at its probe address."""
        return self.probe_of(self.container(container), path)

    def probe_of(self, name: str, path: str) -> str:
        """The response of a container at its probe address, reachable from inside only."""
        code = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:9000{path}').read().decode())"
        return docker("exec", name, "python", "-c", code)

    def inside(self, service: str, *arguments: str, index: int = 1, check: bool = True) -> str:
        """Run a command in a container; returns its output."""
        line = ["docker", "exec", f"{self.container(service, index)}", *arguments]
        done = _run(line, {}, seconds=60, check=check)
        return (done.stdout + done.stderr).strip()

    def broker_metrics(self, path: str) -> str:
        """The metrics of the broker as Prometheus scrapes them; empty while the broker is down."""
        networks = self.inspect(self.container("rabbitmq"))["NetworkSettings"]["Networks"].values()
        addresses = [network["IPAddress"] for network in networks if network["IPAddress"]]
        if not addresses:
            return ""
        try:
            response = _http.request("GET", f"http://{addresses[0]}:15692{path}", timeout=2)
        except (urllib3.exceptions.HTTPError, OSError):
            return ""
        return str(response.data.decode())

    @property
    def environment(self) -> dict[str, str]:
        """The environment for PostgreSQL's programs."""
        return dict(os.environ)

    def tool(self, program: str, *arguments: str) -> list[str]:
        """The command that runs a program of PostgreSQL as superuser, with its input open."""
        container = self.container("postgres")
        return ["docker", "exec", "--interactive", container, program, "-U", "postgres", *arguments]

    def send_again(self, service: str, since: str) -> None:
        """Let a service publish again what it has published since a PostgreSQL timestamp."""
        command = ("replay", "--since", since.replace(" ", "T"))
        self.compose("run", "--rm", "--no-deps", "-T", f"{service}-migrate", *command)

    def kill(self, container: str) -> None:
        """Kill all processes of a container; return when Docker has restarted it.

        Docker does not restart a container after `docker kill`.
        """
        started = self._started(container)
        docker("exec", container, "sh", "-c", "kill -s KILL -- -1", check=False)
        eventually(lambda: self._started(container) != started, what=f"{container} restarts")

    def _started(self, container: str) -> str:
        state = self.inspect(container)["State"]
        assert state["Running"], f"{container} is not running"
        return str(state["StartedAt"])

    def freeze(self, container: str) -> None:
        """Stop all processes of a container by SIGSTOP."""
        docker("exec", container, "sh", "-c", "kill -s STOP -- -1")

    def resume(self, container: str) -> None:
        """Resume frozen processes."""
        docker("exec", container, "sh", "-c", "kill -s CONT -- -1")

    def sql(self, database: str, statement: str) -> str:
        """Run a statement as PostgreSQL's superuser; returns its output."""
        return self.inside("postgres", "psql", "-U", "postgres", "-d", database, "-tAc", statement)

    def queues(self) -> dict[str, Queue]:
        """The broker's queues by name."""
        columns = ("name", "messages", "consumers")
        listed = self.inside("rabbitmq", "rabbitmqctl", "-q", "list_queues", *columns)
        rows = re.findall(r"^(\S+)\t(\d+)\t(\d+)$", listed, re.MULTILINE)
        return {name: Queue(int(messages), int(consumers)) for name, messages, consumers in rows}

    def containers(self) -> dict[str, list[str]]:
        """The names of all containers by service, including stopped ones."""
        label = f"label=com.docker.compose.project={self.project}"
        shape = '{{.Label "com.docker.compose.service"}} {{.Names}}'
        line = ["docker", "ps", "--all", "--filter", label, "--format", shape]
        found: dict[str, list[str]] = {}
        for row in sorted(_run(line, {}, seconds=60).stdout.splitlines()):
            service, name = row.split()
            found.setdefault(service, []).append(name)
        return found

    def container(self, service: str, index: int = 1) -> str:
        """The name of a service's container."""
        return self.containers()[service][index - 1]

    def inspect(self, container: str) -> Any:
        """Docker's description of a container."""
        return json.loads(docker("inspect", container))[0]

    def log(self, container: str) -> str:
        """The whole output of a container."""
        return docker("logs", container)

    @cached_property
    def admin(self) -> Session:
        """The first administrator, signed in."""
        return self.stack.admin

    @cached_property
    def stack(self) -> RunningStack:
        """The same system as the other end-to-end tests see it."""
        status = {
            "gateway_url": self.gateway_url,
            "sales_amqp_url": self.amqp_url("sales"),
            "amqp_url": self.amqp_url("kehu"),
            "processes": [],
        }
        name, password = self.values["KEHU_ADMIN_USERNAME"], self.values["KEHU_ADMIN_PASSWORD"]
        return RunningStack(status, self.folder, name, password)


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """An installation that is not started yet; everything but its images is removed at the end."""
    created = Installation(folder)
    with finally_run(*created.compose_line("down", "--timeout", "1", *REMOVED)):
        yield created


def docker(*arguments: str, check: bool = True) -> str:
    """Run Docker; returns its output and errors."""
    done = _run(["docker", *arguments], {}, seconds=120, check=check)
    return (done.stdout + done.stderr).strip()


def _run(
    line: list[str], variables: dict[str, str], *, seconds: float, check: bool = True
) -> subprocess.CompletedProcess[str]:
    # A variable of the shell would override the one in the file.
    outer = {name: value for name, value in os.environ.items() if not name.startswith("KEHU_")}
    done = subprocess.run(
        line,
        cwd=ROOT,
        env=outer | variables,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0 or not check, f"{line}\n{done.stdout}{done.stderr}"
    return done
