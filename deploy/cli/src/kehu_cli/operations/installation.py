"""An installation as backup and restore see it, and the stack of `kehu up` as one."""

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
        """The broker's address for a login that may do everything."""

    def make_databases(self) -> None:
        """Make what is missing of databases and roles."""

    def command(self, service: str, *arguments: str, into: IO[str] | None = None) -> None:
        """Run an operator command of a service, whether or not its processes run; what it prints
        is written into a file, if one is given."""

    def stop(self) -> None:
        """Stop every process but the two servers."""

    def start(self, say: Callable[[str], None]) -> None:
        """Start what was stopped, and return when it can be used."""


@dataclass(frozen=True)
class Local:
    """The stack of `kehu up`, which is running."""

    stack: Stack

    @property
    def amqp_url(self) -> str:
        """The address of our broker, or of the one that was given."""
        return self.stack.amqp_url

    @property
    def environment(self) -> dict[str, str]:
        """The superuser's login, where other users of the machine do not see it."""
        password = (self.stack.state.folder / "postgres.password").read_text()
        return {
            **os.environ,
            "PGHOST": LOOPBACK,
            "PGPORT": str(self.stack.ports["postgres"]),
            "PGUSER": postgres.SUPERUSER,
            "PGPASSWORD": password,
        }

    def tool(self, program: str, *arguments: str) -> list[str]:
        """One of the programs that came with the embedded server."""
        return [str(postgres.binary(program)), *arguments]

    def make_databases(self) -> None:
        """With the passwords that the services know."""
        passwords = self.stack.state.credentials()["databases"]
        databases.create(self.stack.superuser_url, SERVICES, passwords)

    def command(self, service: str, *arguments: str, into: IO[str] | None = None) -> None:
        """In the environment of the service's processes."""
        environment = {**os.environ, **self.stack.service_environment(service)}
        run(python_command(service, *arguments), environment, into)

    def stop(self) -> None:
        """The gateway first, as at the end."""
        running = Supervisor(self.stack.state)
        for group in (GATEWAY, APPLICATION):
            running.stop_group(group)

    def start(self, say: Callable[[str], None]) -> None:
        """Both groups at once, as at the beginning."""
        bring_up.start_processes(self.stack, Supervisor(self.stack.state), say)


def run(line: Sequence[str], environment: dict[str, str], into: IO[str] | None = None) -> str:
    """Run a program that must succeed; return what it printed, unless that goes into a file."""
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
        words = " ".join(line[-3:])
        raise ServerError(f"{words} failed:\n{printed[-2000:]}{done.stderr[-2000:]}")
    return printed
