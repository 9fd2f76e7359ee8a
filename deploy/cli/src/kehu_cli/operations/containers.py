"""The installation of docker-compose.yml, for backup and restore."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from kehu_cli.catalogue import SERVICES
from kehu_cli.operations import environment_file
from kehu_cli.operations.installation import run
from kehu_cli.server import ServerError
from kehu_cli.stack.rabbitmq_definitions import ADMINISTRATOR

PROCESSES = ("api", "consume", "relay", "jobs")

# The HEALTHCHECK of the images. Docker itself runs it every 15 s only.
HEALTHCHECK = ("python", "-S", "-m", "kehu_chassis.healthcheck")

# Generous, for a busy machine.
PATIENCE_SECONDS = 300

# Each probe is a process; more at once would slow down the containers that are starting.
PROBES_AT_ONCE = 4

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
ONE_OFF = "com.docker.compose.oneoff"


class Containers:
    """The running installation of docker-compose.yml that an `.env` file configures."""

    def __init__(self, env_file: Path) -> None:
        values = environment_file.read(env_file)
        try:
            self._project = values["COMPOSE_PROJECT_NAME"]
            self.amqp_url = environment_file.amqp_url(values, ADMINISTRATOR)
        except KeyError as error:
            raise ServerError(
                f"{env_file} has no {error.args[0]}: use a file that ./kehu env has written"
            ) from None
        command = compose_command()
        if command is None:
            raise ServerError("Docker Compose is not installed on this machine")
        options = ["--env-file", str(env_file.resolve()), "--project-name", self._project]
        self._compose = [*command, *options]
        self.environment = dict(os.environ)
        self._postgres = self._server("postgres")
        self._server("rabbitmq")

    def tool(self, program: str, *arguments: str) -> list[str]:
        """Return the command line of a program in the server's container: no password is needed."""
        return ["docker", "exec", "--interactive", self._postgres, program, *arguments]

    def make_databases(self) -> None:
        """Run the container that does so at every start."""
        self._run_once("databases")

    def command(self, service: str, *arguments: str, into: IO[str] | None = None) -> None:
        """Run it in a new container, as the service's containers may be stopped."""
        self._run_once(f"{service}-migrate", *arguments, into=into)

    def stop(self) -> None:
        """Stop all replicas, the gateway first."""
        for services in (["gateway"], _processes()):
            self._docker("stop", *self._all(services))

    def start(self, report: Callable[[str], None]) -> None:
        """Start the same replicas, the gateway last, so that it finds every service."""
        for services in (_processes(), ["gateway"]):
            names = self._all(services)
            self._docker("start", *names)
            self._wait(names, report)

    def _server(self, service: str) -> str:
        names = self._names([service])
        if not names:
            raise self._not_up(service)
        return names[0]

    def _not_up(self, what: str) -> ServerError:
        return ServerError(
            f"the installation {self._project} is not running: it has no {what}. Start it, then"
            f" try again:\n{' '.join(self._compose)} up --detach"
        )

    def _all(self, services: Collection[str]) -> list[str]:
        """Return the names of all containers of these services, including stopped ones."""
        names = self._names(services, "--all")
        if not names:
            raise self._not_up("services")
        return names

    def _names(self, services: Collection[str], *options: str) -> list[str]:
        shape = f'{{{{.Label "{SERVICE}"}}}} {{{{.Names}}}}'
        ours = [f"--filter=label={PROJECT}={self._project}", f"--filter=label={ONE_OFF}=False"]
        rows = self._docker("ps", *ours, *options, "--format", shape).splitlines()
        found = (row.split() for row in rows)
        return sorted(name for service, name in found if service in services)

    def _wait(self, names: list[str], report: Callable[[str], None]) -> None:
        """Wait until all these containers are ready."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        missing = names
        while missing:
            report(f"waiting for {', '.join(missing)}")
            with ThreadPoolExecutor(max_workers=PROBES_AT_ONCE) as pool:
                results = list(pool.map(self._is_ready, missing))
            missing = [name for name, ready in zip(missing, results, strict=True) if not ready]
            if missing and time.monotonic() > deadline:
                raise ServerError(
                    f"not ready within {PATIENCE_SECONDS} s: {', '.join(missing)}. Last log lines"
                    f" of the first:\n{_last_log_lines(missing[0])}\nFix the cause, then try again"
                )
            time.sleep(0.5 if missing else 0)

    def _is_ready(self, name: str) -> bool:
        done = subprocess.run(
            ["docker", "exec", name, *HEALTHCHECK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        return done.returncode == 0

    def _run_once(self, service: str, *arguments: str, into: IO[str] | None = None) -> None:
        line = [*self._compose, "run", "--rm", "--no-deps", "-T", service, *arguments]
        run(line, self.environment, into)

    def _docker(self, *arguments: str) -> str:
        return run(["docker", *arguments], self.environment)


def compose_command() -> list[str] | None:
    """Return the command of Docker Compose on this machine; None if it is not installed."""
    if shutil.which("docker"):
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if plugin.returncode == 0:
            return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def _last_log_lines(container: str) -> str:
    done = subprocess.run(
        ["docker", "logs", "--tail=10", container],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout.rstrip()


def _processes() -> list[str]:
    return [f"{service}-{process}" for service in SERVICES for process in PROCESSES]
