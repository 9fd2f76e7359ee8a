"""Servers that end with the tests that started them, and a wait until they are ready."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kehu_cli.server import Command, ServerError, tail
from tests.support import guard


class GuardedProcess:
    """A server that runs until it is stopped or this process ends in any way."""

    def __init__(self, command: Command, log: Path, grace: float = 30.0) -> None:
        self.log = log
        arguments = [
            sys.executable,
            "-P",
            guard.__file__,
            f"--signal={command.stop_signal}",
        ]
        arguments += [f"--grace={grace}"] + ([f"--user={command.user}"] if command.user else [])
        arguments += [f"--finally={word}" for word in command.afterwards]
        with log.open("ab") as output:
            self._guard = subprocess.Popen(
                [*arguments, "--", *command.arguments],
                env={**os.environ, **command.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        assert self._guard.stdout is not None
        first_line = self._guard.stdout.readline()
        if not first_line:
            self.stop()
            raise ServerError(f"{command.arguments[0]} could not be started:\n{tail(log)}")
        self.pid = int(first_line)

    def is_running(self) -> bool:
        """Return whether the server is running."""
        return self._guard.poll() is None

    def stop(self) -> None:
        """Stop the server in order and wait for its end."""
        assert self._guard.stdin is not None and self._guard.stdout is not None
        self._guard.stdin.close()
        self._guard.wait()
        self._guard.stdout.close()

    def kill(self) -> None:
        """Kill the server, as a power cut would."""
        if self.is_running():
            os.kill(self.pid, signal.SIGKILL)
        self.stop()


@contextmanager
def finally_run(*command: str) -> Iterator[None]:
    """Run a command after the block, even if this process is killed in it."""
    with tempfile.TemporaryDirectory(prefix="kehu-guard-") as folder:
        waiting = Command(["sleep", "infinity"], afterwards=list(command))
        guarded = GuardedProcess(waiting, Path(folder) / "guard.log")
        try:
            yield
        finally:
            guarded.stop()


def wait_until(
    ready: Callable[[], bool],
    alive: Callable[[], bool],
    what: str,
    log: Path,
    seconds: float = 60.0,
) -> None:
    """Wait until the server is ready; raise ServerError if it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not alive():
            raise ServerError(f"{what} ended while it was starting. End of its log:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise ServerError(
                f"{what} was not ready within {seconds:.0f} s. End of its log:\n{tail(log)}"
            )
        time.sleep(0.05)
