"""Querying a database through psql, wherever psql runs."""

import json
import os
import select
import subprocess
import tempfile
import time
from typing import Any, Protocol

from kehu_cli.server import ServerError

OPTIONS = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")

# Printed after each statement, to distinguish an empty result from a pending one.
END = "-- that was all --"

# Counting the rows of a large table takes minutes; no query takes longer than this.
PATIENCE_SECONDS = 600

# The limit for locks that others hold, such as a migration.
SETTINGS = "SET client_min_messages = warning; SET lock_timeout = '60s'"


class Server(Protocol):
    """Where PostgreSQL's programs run."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment for PostgreSQL's programs."""

    def tool(self, program: str, *arguments: str) -> list[str]:
        """Return the command line that runs one of PostgreSQL's programs as the superuser."""


class Psql:
    """A context manager: a connection of the superuser to one database."""

    def __init__(self, server: Server, database: str, patience: float = PATIENCE_SECONDS) -> None:
        self._database = database
        self._patience = patience
        self._line = server.tool("psql", *OPTIONS, f"--dbname={database}")
        self._environment = server.environment
        self._read = bytearray()

    def __enter__(self) -> "Psql":
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._line,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        try:
            self.execute(SETTINGS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def scalar(self, query: str) -> str:
        """Run a query and return its only line; ServerError if there is not exactly one."""
        return self.single(self.execute(query))

    def scalar_json(self, query: str) -> Any:
        """Run a query and return its only line, parsed as JSON."""
        return json.loads(self.scalar(query))

    def execute(self, statement: str) -> list[str]:
        """Run a statement and return the lines of its result."""
        self.send(statement)
        return self.result()

    def single(self, lines: list[str]) -> str:
        """Return the only line of a result; ServerError if there is not exactly one."""
        if len(lines) != 1:
            raise ServerError(f"{self._database} returned {len(lines)} lines instead of one")
        return lines[0]

    def send(self, statement: str) -> None:
        """Send a statement whose `result` is read later."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{statement};\n\\echo {END}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def result(self) -> list[str]:
        """Return the result of the oldest pending statement."""
        deadline = time.monotonic() + self._patience
        lines = []
        while (line := self._next_line(deadline)) != END:
            lines.append(line)
        return lines

    def _next_line(self, deadline: float) -> str:
        assert self._process.stdout is not None
        while b"\n" not in self._read:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                raise ServerError(
                    f"{self._database} did not respond within {self._patience:.0f} s."
                    " Look at PostgreSQL's log, fix the cause, then try again"
                )
            piece = os.read(self._process.stdout.fileno(), 1 << 16)
            if not piece:
                raise self._ended()
            self._read += piece
        line, _, rest = self._read.partition(b"\n")
        self._read = rest
        return line.decode()

    def _ended(self) -> ServerError:
        """Return an error with the output of psql, which ends at the first error."""
        self._process.wait()
        self._errors.seek(0)
        printed = self._errors.read().decode(errors="replace").strip()
        return ServerError(f"{self._database} cannot be queried:\n{printed}")
