"""The command line on a state directory of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.stack import eventually

# Generous, for a machine that is busy with other things.
PATIENCE_SECONDS = 240


class Kehu:
    """`kehu --state FOLDER`, as another account if one is named."""

    def __init__(self, folder: Path, account: str | None = None, **variables: str) -> None:
        self.folder = folder
        self.account = account
        self.command = [sys.executable, "-P", "-m", "kehu_local", "--state", str(folder)]
        self.environment = {**os.environ, **variables}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            capture_output=True, text=True, env=self.environment, user=self.account,
        )  # fmt: skip

    @contextmanager
    def playing(self, *arguments: str) -> "Iterator[Playing]":
        """Run a command beside the test; it is killed if the test leaves it running."""
        output = self.folder / f"{arguments[0]}.output"
        with output.open("w") as file:
            process = subprocess.Popen(
                [*self.command, *arguments],
                stdout=file, stderr=subprocess.STDOUT, env=self.environment,
            )  # fmt: skip
        try:
            yield Playing(process, output)
        finally:
            process.kill()
            process.wait()


class Playing:
    """A command that runs beside the test."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self.process = process
        self.output = output

    def wait_for(self, text: str) -> None:
        """Wait until it has printed this."""
        eventually(
            lambda: text in self.text() or self.process.poll() is not None,
            within=PATIENCE_SECONDS,
            what=f"it prints {text!r}",
        )
        assert text in self.text(), self.text()

    def text(self) -> str:
        """Return all that it has printed."""
        return self.output.read_text()

    def end(self) -> int:
        """Wait for its end; returns its exit code."""
        return self.process.wait(PATIENCE_SECONDS)
