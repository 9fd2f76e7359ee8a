"""The interface of an installation for backup and restore, and the stack of `kehu up` as one."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from kehu_cli.catalogue import ROOT, SERVICES, python_command
from kehu_cli.operations.psql import Server
from kehu_cli.ports import LOOPBACK
from kehu_cli.server import ServerError
from kehu_cli.stack import bring_up, databases, postgres
from kehu_cli.stack.programs import APPLICATION, GATEWAY
from kehu_cli.stack.stack import Stack
from kehu_cli.stack.supervisor import Supervisor


class Installation(Server, Protocol):
    """Where PostgreSQL's programs run, and how the services are stopped, started and run."""

    @property
    def amqp_url(self) -> str:
        """The broker's address, with an administrator's login."""

    def make_databases(self) -> None:
        """Create missing databases and roles."""

    def command(self, service: str, *arguments: str, into: IO[str] | None = None) -> None:
        """Run an operator command of a service, whether or not its processes run; ``into`` is a
        file for its output."""

    def stop(self) -> None:
        """Stop every process except the two servers."""

    def start(self, report: Callable[[str], None]) -> None:
        """Start what was stopped, and return when it is ready."""


@dataclass(frozen=True)
class Local:
    """The running stack of `kehu up`."""

    stack: Stack

    @property
    def amqp_url(self) -> str:
        """The address of our broker, or of the external one."""
        return self.stack.amqp_url

    @property
    def environment(self) -> dict[str, str]:
        """The superuser's login, hidden from other users of the machine."""
        password = (self.stack.state.folder / "postgres.password").read_text()
        return {
            **os.environ,
            "PGHOST": LOOPBACK,
            "PGPORT": str(self.stack.ports["postgres"]),
            "PGUSER": postgres.SUPERUSER,
            "PGPASSWORD": password,
        }

    def tool(self, program: str, *arguments: str) -> list[str]:
        """Return the command line of a program of the embedded server."""
        return [str(postgres.binary(program)), *arguments]

    def make_databases(self) -> None:
        """Create them with the passwords that the services use."""
        passwords = self.stack.state.credentials()["databases"]
        databases.create(self.stack.superuser_url, SERVICES, passwords)

    def command(self, service: str, *arguments: str, into: IO[str] | None = None) -> None:
        """Run it in the environment of the service's processes."""
        environment = {**os.environ, **self.stack.service_environment(service)}
        run(python_command(service, *arguments), environment, into)

    def stop(self) -> None:
        """Stop the gateway first, as `kehu down` does."""
        running = Supervisor(self.stack.state)
        for group in (GATEWAY, APPLICATION):
            running.stop_group(group)

    def start(self, report: Callable[[str], None]) -> None:
        """Start both groups at once, as `kehu up` does."""
        bring_up.start_processes(self.stack, Supervisor(self.stack.state), report)


def run(line: Sequence[str], environment: dict[str, str], into: IO[str] | None = None) -> str:
    """Run a program that must succeed; return its output, unless that goes into a file."""
    done = subprocess.run(
        line,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=into or subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    printed = done.stdout or ""
    if done.returncode != 0:
        command = " ".join(line[-3:])
        raise ServerError(f"{command} failed:\n{printed[-2000:]}{done.stderr[-2000:]}")
    return printed
