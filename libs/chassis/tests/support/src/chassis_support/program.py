"""The notes service as a process of its own, to be stopped, paused and killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis_support.waiting import DEADLINE, until

SOURCES = Path(__file__).parents[1]


def python_path() -> str:
    """The PYTHONPATH of new processes: the packages of these tests first."""
    return os.pathsep.join(filter(None, (str(SOURCES), os.environ.get("PYTHONPATH"))))


@dataclass
class Program:
    """Starts ``python -m kehu_sample …``; processes still running at the end are killed."""

    folder: Path
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start a long-running command."""
        with self._log(len(self.processes)).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "kehu_sample", *arguments],
                env=self._environment(variables),
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "kehu_sample", *arguments],
            env=self._environment(variables),
            capture_output=True,
            text=True,
            timeout=DEADLINE * 2,
            check=False,
        )

    def lines(self, process: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
        """The lines that a process has logged so far."""
        text = self._log(self.processes.index(process)).read_text()
        found = []
        for line in text.splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    def wait_for(self, process: subprocess.Popen[bytes], text: str) -> None:
        """Wait until a process has logged a line that begins with ``text``."""

        def logged() -> bool:
            if any(str(line.get("event", "")).startswith(text) for line in self.lines(process)):
                return True
            log = self._log(self.processes.index(process))
            assert process.poll() is None, log.read_text()
            return False

        until(logged, what=text)

    def stop(self, process: subprocess.Popen[bytes], *, seconds: float = DEADLINE) -> int:
        """Stop a process with SIGTERM; returns its exit code."""
        process.send_signal(signal.SIGTERM)
        return process.wait(seconds)

    def end(self) -> None:
        """Kill the remaining processes."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("KEHU_")}
        return inherited | {"PYTHONPATH": python_path()} | self.environment | variables

    def _log(self, number: int) -> Path:
        return self.folder / f"process-{number}.log"
