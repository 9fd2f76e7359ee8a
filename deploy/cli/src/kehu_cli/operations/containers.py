"""The installation of docker-compose.yml, as backup and restore see it."""

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

# The HEALTHCHECK of the images. Docker itself asks every 15 s only.
HEALTHCHECK = ("python", "-S", "-m", "kehu_chassis.healthcheck")

# Generous, for a machine that is busy with other things.
PATIENCE_SECONDS = 300

# Each question is a process; more at once would keep from starting what is waited for.
QUESTIONS_AT_ONCE = 4

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
ONE_OFF = "com.docker.compose.oneoff"


class Containers:
    """The installation of docker-compose.yml to which an `.env` file belongs; it is up."""

    def __init__(self, env_file: Path) -> None:
        values = environment_file.read(env_file)
        try:
            self._project = values["COMPOSE_PROJECT_NAME"]
            self.amqp_url = environment_file.amqp_url(values, ADMINISTRATOR)
        except KeyError as error:
            raise ServerError(
                f"{env_file} has no {error.args[0]}: name a file that ./kehu env has made"
            ) from None
        command = compose_command()
        if command is None:
            raise ServerError("there is no Docker Compose on this machine")
        options = ["--env-file", str(env_file.resolve()), "--project-name", self._project]
        self._compose = [*command, *options]
        self.environment = dict(os.environ)
        self._postgres = self._server("postgres")
        self._server("rabbitmq")

    def tool(self, program: str, *arguments: str) -> list[str]:
        """The server's own programs, in its container, where its account needs no password."""
        return ["docker", "exec", "--interactive", self._postgres, program, *arguments]

    def make_databases(self) -> None:
        """By the container that does it at every start."""
        self._run_once("databases")

    def command(self, service: str, *arguments: str, into: IO[str] | None = None) -> None:
        """In a container of its own, as the service's containers may be stopped."""
        self._run_once(f"{service}-migrate", *arguments, into=into)

    def stop(self) -> None:
        """All replicas, the gateway first."""
        for services in (["gateway"], _processes()):
            self._docker("stop", *self._all(services))

    def start(self, say: Callable[[str], None]) -> None:
        """As many replicas as there were; the gateway last, which then finds every service."""
        for services in (_processes(), ["gateway"]):
            names = self._all(services)
            self._docker("start", *names)
            self._wait(names, say)

    def _server(self, service: str) -> str:
        names = self._names([service])
        if not names:
            raise self._not_up(service)
        return names[0]

    def _not_up(self, what: str) -> ServerError:
        return ServerError(
            f"the installation {self._project} is not up, it has no {what}. Start it, then try"
            f" again:\n{' '.join(self._compose)} up --detach"
        )

    def _all(self, services: Collection[str]) -> list[str]:
        """Return the names of all containers of these services, of stopped ones too."""
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

    def _wait(self, names: list[str], say: Callable[[str], None]) -> None:
        """Wait until all these containers can be used."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        missing = names
        while missing:
            say(f"waiting for {', '.join(missing)}")
            with ThreadPoolExecutor(max_workers=QUESTIONS_AT_ONCE) as pool:
                answers = list(pool.map(self._is_ready, missing))
            missing = [name for name, ready in zip(missing, answers, strict=True) if not ready]
            if missing and time.monotonic() > deadline:
                raise ServerError(
                    f"not ready within {PATIENCE_SECONDS} s: {', '.join(missing)}. The last words"
                    f" of the first:\n{_last_words(missing[0])}\nMend the cause, then try again"
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
    """Return how to call Docker Compose on this machine; None if there is none."""
    if shutil.which("docker"):
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if plugin.returncode == 0:
            return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def _last_words(container: str) -> str:
    done = subprocess.run(
        ["docker", "logs", "--tail=10", container],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout.rstrip()


def _processes() -> list[str]:
    return [f"{service}-{process}" for service in SERVICES for process in PROCESSES]
