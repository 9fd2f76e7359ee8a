"""Progress: a bar on a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

# How often a log file is told of progress.
LINE_SECONDS = 5.0


# Takes how much of a task is done, from any thread.
Report = Callable[[int], None]


class Display:
    """Shows what is being done and how far it is."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str) -> None:
        """Print a line of its own."""
        self.console.print(text)

    @contextmanager
    def task(self, name: str, total: int | None = None) -> Iterator[Report]:
        """Show a task while it runs, and one line when it is done; a log also tells its start."""
        started = time.monotonic()
        of = f" [dim]{total:,}[/]" if total else ""
        if self.console.is_terminal:
            with self._bar() as progress:
                task = progress.add_task(name, total=total)
                yield lambda done: progress.update(task, completed=done)
        else:
            self.console.print(f"  · {name}{of}")
            yield self._lines(name, total)
        self.console.print(f"  [green]✓[/] {name}{of} [dim]({time.monotonic() - started:.1f} s)[/]")

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
