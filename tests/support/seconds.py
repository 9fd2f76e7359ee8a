"""A pytest plugin: prints at the end of every run how many seconds each part of the tests took.

With several workers their seconds add up to more than the run took.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath

import pytest

# Each folder inside one of these is a part of its own.
SHELVES = ("deploy", "examples", "libs", "services", "tests")


def part_of(node_id: str) -> str:
    """The part that a test belongs to: a service, the chassis, tests/security."""
    folder, *rest = PurePosixPath(node_id.partition("::")[0]).parts
    return f"{folder}/{rest[0]}" if folder in SHELVES and rest else folder


def pytest_configure(config: pytest.Config) -> None:
    """Start to count."""
    config.pluginmanager.register(Seconds())


class Seconds:
    """Adds up the seconds of tests, including their fixtures."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._tests: defaultdict[str, int] = defaultdict(int)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record one step of a test; those of other processes arrive here too."""
        part = part_of(report.nodeid)
        self._seconds[part] += report.duration
        self._tests[part] += report.when == "setup"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the parts, the longest first."""
        terminalreporter.section("seconds per part")
        for part in sorted(self._seconds, key=lambda part: -self._seconds[part]):
            terminalreporter.line(
                f"{self._seconds[part]:8.1f} s  {self._tests[part]:5} tests  {part}"
            )
