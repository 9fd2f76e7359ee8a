"""Console output of the commands."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

LINE_WIDTH = 110


def wide_console() -> Console:
    """Return a console wide enough for the names of figures, also in a log file."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=LINE_WIDTH)


@contextmanager
def step(console: Console, done: str) -> Iterator[Callable[[str], None]]:
    """Show a step while it runs, then its duration; yields a function that shows progress."""
    started = time.monotonic()
    with console.status(f"waiting for: {done}") as status:
        yield lambda text: status.update(text)
    console.print(f"  [green]✓[/] {done} [dim]({time.monotonic() - started:.1f} s)[/]")
