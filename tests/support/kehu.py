"""The command line on a state directory of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kehu_cli.ports import private_port

# Generous, for a machine that is busy with other things.
PATIENCE_SECONDS = 600
LOOK_SECONDS = 0.02


def own_port() -> tuple[str, str]:
    """A port for the gateway of `up`: the next one after 8080 may be another stack's, too."""
    return "--port", str(private_port())


class Kehu:
    """`kehu --state FOLDER`, run by another program if one is named, such as `setpriv`."""

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
        """Start everything."""
        return self.run("up", "--detach", *own_port())

    @contextmanager
    def playing(self, *arguments: str) -> "Iterator[Playing]":
        """Run a command beside the test; it is killed if the test leaves it running."""
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
            yield Playing(process, output)
        finally:
            process.kill()
            process.communicate()


class Playing:
    """A command that runs beside the test."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self.process = process
        self.output = output

    def wait_for(self, text: str) -> None:
        """Wait until it has printed this."""
        self.wait_until(lambda printed: text in printed)

    def wait_until(self, enough: Callable[[str], bool]) -> str:
        """Wait until it has printed enough, looking often: a test may act on it at once."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not enough(self.text()) and self.process.poll() is None:
            assert time.monotonic() < deadline, self.text()
            time.sleep(LOOK_SECONDS)
        printed = self.text()
        assert enough(printed), printed
        return printed

    def enter(self, line: object = "") -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def enter_no_more(self) -> None:
        """Close what it reads from."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)

    def text(self) -> str:
        """Return all that it has printed."""
        return self.output.read_text()

    def end(self) -> int:
        """Wait for its end; returns its exit code."""
        return self.process.wait(PATIENCE_SECONDS)
