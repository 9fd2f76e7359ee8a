"""Builds the web console beside other work; a failure does not stop that work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kehu_cli.server import ServerError
from kehu_cli.web.build import is_built, is_current

COMMAND = [sys.executable, "-P", "-m", "kehu_cli", "console", "build"]
POLL_SECONDS = 0.2
SHOWN_LINES = 15

RETRY = "After the cause is fixed: ./kehu console build"


class Building:
    """A build that runs in a process of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    def wait(self, report: Callable[[str], None]) -> None:
        """Wait for its end; raises ServerError if there is no new build."""
        while self._process.poll() is None:
            report(self._progress())
            time.sleep(POLL_SECONDS)
        if self._process.returncode != 0:
            raise ServerError(self._failure())

    def end(self) -> None:
        """Stop it, with everything that it has started; the last build stays."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()

    def _progress(self) -> str:
        lines = [line for line in self._log.read_text(errors="replace").splitlines() if line]
        said = [line for line in lines if line.startswith("kehu: ")]
        return said[-1].removeprefix("kehu: ") if said else "building the web console"

    def _failure(self) -> str:
        served = (
            "Served is the last one that was built, which is older than the sources."
            if is_built()
            else "There is none yet."
        )
        return (
            f"The web console could not be built. {served} Last log lines:\n"
            f"{self._end_of_log()}Full log: {self._log}. {RETRY}"
        )

    def _end_of_log(self) -> str:
        """Return its last lines without the traces of JavaScript, which hide the message."""
        lines = self._log.read_text(errors="replace").splitlines()
        telling = [line for line in lines if line.strip() and not line.startswith("    at ")]
        return "".join(f"  {line}\n" for line in telling[-SHOWN_LINES:])


@contextmanager
def building(log: Path, wanted: bool = True) -> Iterator[Building | None]:
    """Start a build, if one is wanted and needed; stop it if the block fails meanwhile."""
    if not wanted or is_current():
        yield None
        return
    with log.open("wb") as output:
        process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1"},
            # A group of its own, which can be stopped as a whole.
            start_new_session=True,
        )  # fmt: skip
    started = Building(process, log)
    try:
        yield started
    except BaseException:
        started.end()
        raise
