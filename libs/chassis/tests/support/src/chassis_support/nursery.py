"""Consumers to be killed in quick succession.

Run as a program it loads everything once; for each line that it reads it forks a process and
prints its id and then its exit status.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from chassis_support.program import python_path
from chassis_support.waiting import DEADLINE


class Nursery:
    """A handle on the program."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with log.open("wb") as stream:
            self._program = subprocess.Popen(
                [sys.executable, "-m", "chassis_support.nursery"],
                env={**os.environ, "PYTHONPATH": python_path(), **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )

    def start(self) -> int:
        """Start a consumer; returns its process id."""
        assert self._program.stdin is not None
        self._program.stdin.write("\n")
        self._program.stdin.flush()
        return self._number()

    def status(self) -> int:
        """Wait for the end of the consumer; its exit code, or minus the signal that ended it."""
        return self._number()

    def run(self) -> int:
        """Start a consumer and wait for its end."""
        self.start()
        return self.status()

    def stop(self, pid: int) -> int:
        """Stop a consumer with SIGTERM; returns its exit code."""
        os.kill(pid, signal.SIGTERM)
        return self.status()

    def close(self) -> None:
        """End the program and any consumer that is still running."""
        assert self._program.stdin is not None and self._program.stdout is not None
        self._program.stdin.close()
        try:
            self._program.wait(1)
        except subprocess.TimeoutExpired:
            self._program.send_signal(signal.SIGTERM)
            self._program.wait(DEADLINE)
        self._program.stdout.close()

    def _number(self) -> int:
        assert self._program.stdout is not None
        line = self._program.stdout.readline()
        assert line, "the nursery has ended"
        return int(line)


def _main() -> None:
    from kehu_sample.app import service

    from kehu_chassis import config
    from kehu_chassis.observability import logs
    from kehu_chassis.runtime import processes

    service.load_models()
    service.subscriptions()
    settings = config.settings()
    logs.configure(service.name, "consume", settings.log_level)
    child = 0

    def end(*_: object) -> None:
        if child:
            os.kill(child, signal.SIGKILL)
        os._exit(1)

    for _line in sys.stdin:
        child = os.fork()
        if not child:
            code = 70
            try:
                code = processes.run(service, settings, ["consume"])
            finally:
                os._exit(code)
        signal.signal(signal.SIGTERM, end)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        child = 0


if __name__ == "__main__":
    _main()
