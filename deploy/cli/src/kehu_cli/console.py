"""How commands show what they do."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

LINE_WIDTH = 110


def wide_console() -> Console:
    """A console on which the names of figures have room, also in a log file."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=LINE_WIDTH)


@contextmanager
def step(console: Console, done: str) -> Iterator[Callable[[str], None]]:
    """Show that something is being done, then that it is done and how long it took."""
    started = time.monotonic()
    with console.status(f"waiting for: {done}") as status:
        yield lambda text: status.update(text)
    console.print(f"  [green]✓[/] {done} [dim]({time.monotonic() - started:.1f} s)[/]")
