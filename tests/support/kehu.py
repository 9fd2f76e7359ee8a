"""The command line, run on a state directory of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kehu_cli.ports import private_port

# Generous, as the machine may be busy.
TIMEOUT_SECONDS = 600
POLL_SECONDS = 0.02


def own_port() -> tuple[str, str]:
    """Options of `up` with a private port: the next one after 8080 may be another stack's."""
    return "--port", str(private_port())


class Kehu:
    """`kehu --state FOLDER`; `by` is a program that runs it, such as `setpriv`."""

    def __init__(self, folder: Path, *by: str, **variables: str) -> None:
        self.folder = folder
        self.command = [*by, sys.executable, "-P", "-m", "kehu_cli", "--state", str(folder)]
        self.environment = {**os.environ, **variables}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            capture_output=True, text=True, env=self.environment,
        )  # fmt: skip

    def up(self) -> "subprocess.CompletedProcess[str]":
        """Start everything, without a build of the web console."""
        return self.run("up", "--detach", "--no-console", *own_port())

    @contextmanager
    def start(self, *arguments: str) -> "Iterator[RunningCommand]":
        """Run a command in the background; it is killed if the test leaves it running."""
        output = self.folder / f"{arguments[0]}.output"
        with output.open("w") as file:
            process = subprocess.Popen(
                [*self.command, *arguments],
                stdin=subprocess.PIPE, stdout=file, stderr=subprocess.STDOUT, env=self.environment,
                # A group of its own, as in a terminal, where Ctrl-C is not ignored.
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )  # fmt: skip
        try:
            yield RunningCommand(process, output)
        finally:
            process.kill()
            process.communicate()


class RunningCommand:
    """A command that runs in the background."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self.process = process
        self.output = output

    def wait_for(self, text: str) -> None:
        """Wait until its output contains this text."""
        self.wait_until(lambda printed: text in printed)

    def wait_until(self, enough: Callable[[str], bool]) -> str:
        """Wait until its output is enough; polls often, as a test may have to react at once."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not enough(self.text()) and self.process.poll() is None:
            assert time.monotonic() < deadline, self.text()
            time.sleep(POLL_SECONDS)
        printed = self.text()
        assert enough(printed), printed
        return printed

    def enter(self, line: object = "") -> None:
        """Write a line to its input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def close_input(self) -> None:
        """Close its input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def interrupt(self) -> None:
        """Send what Ctrl-C sends."""
        os.killpg(self.process.pid, signal.SIGINT)

    def text(self) -> str:
        """Return its output so far."""
        return self.output.read_text()

    def end(self) -> int:
        """Wait until it ends; returns its exit code."""
        return self.process.wait(TIMEOUT_SECONDS)
