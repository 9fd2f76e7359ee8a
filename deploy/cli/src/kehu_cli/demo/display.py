"""Progress: a bar on a terminal, occasional lines elsewhere; step by step if wanted."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

# The interval of progress lines in a log file.
LINE_SECONDS = 5.0


# Called with the number of pieces done, from any thread.
Report = Callable[[int], None]


class Display:
    """Shows the current task and its progress.

    With ``steps`` each task, once it is shown, waits for a line from there.  A line with a number
    lets the task run until that many of its pieces are done, where it waits for the next line.
    After the last line nothing waits any more.
    """

    def __init__(self, console: Console, steps: TextIO | None = None) -> None:
        self.console = console
        self._steps = steps

    def print(self, text: str) -> None:
        """Print a line."""
        self.console.print(text)

    @contextmanager
    def task(self, name: str, total: int | None = None) -> Iterator[Report]:
        """Show a task while it runs, and one line when it is done; a log also shows its start."""
        started = time.monotonic()
        of = f" [dim]{total:,}[/]" if total else ""
        if self.console.is_terminal and self._steps is None:
            with self._bar() as progress:
                task = progress.add_task(name, total=total)
                yield lambda done: progress.update(task, completed=done)
        else:
            self.console.print(f"  · {name}{of}")
            lines = self._lines(name, total)
            yield self._stepped(name, lines, self._steps) if self._steps else lines
        self.console.print(f"  [green]✓[/] {name}{of} [dim]({time.monotonic() - started:.1f} s)[/]")

    def _stepped(self, name: str, report: Report, steps: TextIO) -> Report:
        stop = _next_stop(steps)

        def report_and_wait(done: int) -> None:
            nonlocal stop
            report(done)
            while stop is not None and done >= stop:
                self.console.print(f"    {name}: waiting at {done:,}")
                stop = _next_stop(steps)

        return report_and_wait

    def _bar(self) -> Progress:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self.console, transient=True)

    def _lines(self, name: str, total: int | None) -> Report:
        last = time.monotonic()

        def report(done: int) -> None:
            nonlocal last
            if time.monotonic() - last >= LINE_SECONDS:
                last = time.monotonic()
                self.console.print(f"    {name}: {done:,}{f' of {total:,}' if total else ''}")

        return report


def _next_stop(steps: TextIO) -> int | None:
    """Wait for a line; return its number, None if it has none."""
    line = steps.readline().strip()
    return int(line) if line.isdecimal() else None
