"""Asking a database through psql, wherever psql runs."""

import json
import os
import select
import subprocess
import tempfile
import time
from typing import Any, Protocol

from kehu_cli.server import ServerError

OPTIONS = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")

# Printed after each statement: one that returns nothing must not look like one that takes long.
END = "-- that was all --"

# Counting the rows of a large table takes minutes; nothing that is asked takes so many.
PATIENCE_SECONDS = 600

# A lock that others hold, such as a migration, is waited for, but not as long.
SETTINGS = "SET client_min_messages = warning; SET lock_timeout = '60s'"


class Server(Protocol):
    """Where PostgreSQL's programs run."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment for PostgreSQL's programs."""

    def tool(self, program: str, *arguments: str) -> list[str]:
        """Return how to run one of PostgreSQL's programs as the superuser."""


class Psql:
    """A context manager: a connection of the superuser to one database."""

    def __init__(self, server: Server, database: str, patience: float = PATIENCE_SECONDS) -> None:
        self._database = database
        self._patience = patience
        self._line = server.tool("psql", *OPTIONS, f"--dbname={database}")
        self._environment = server.environment
        self._read = bytearray()

    def __enter__(self) -> "Psql":
        self._complaints = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._line,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
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
        self._complaints.close()

    def ask(self, question: str) -> str:
        """Return the one line that answers a query."""
        return self.one(self.execute(question))

    def ask_json(self, question: str) -> Any:
        """Return the one JSON value that answers a query."""
        return json.loads(self.ask(question))

    def execute(self, statement: str) -> list[str]:
        """Return the lines that answer a statement."""
        self.send(statement)
        return self.answer()

    def one(self, lines: list[str]) -> str:
        """Return the line of an answer that must have one."""
        if len(lines) != 1:
            raise ServerError(f"{self._database} answers {len(lines)} lines instead of one")
        return lines[0]

    def send(self, statement: str) -> None:
        """Send a statement whose answer is asked for later."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{statement};\n\\echo {END}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def answer(self) -> list[str]:
        """Return the lines that answer the statement sent first of those not answered yet."""
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
                    f"{self._database} did not answer within {self._patience:.0f} s."
                    " Look at PostgreSQL's log, mend the cause, then try again"
                )
            piece = os.read(self._process.stdout.fileno(), 1 << 16)
            if not piece:
                raise self._ended()
            self._read += piece
        line, _, rest = self._read.partition(b"\n")
        self._read = rest
        return line.decode()

    def _ended(self) -> ServerError:
        """What psql printed before it ended, as it does at the first error."""
        self._process.wait()
        self._complaints.seek(0)
        printed = self._complaints.read().decode(errors="replace").strip()
        return ServerError(f"{self._database} cannot be asked:\n{printed}")
