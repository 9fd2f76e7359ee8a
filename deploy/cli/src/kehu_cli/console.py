"""Console output of the commands."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text

from kehu_chassis.terminal import visible

LINE_WIDTH = 110


class SafeConsole(Console):
    """A console on which no text commands the terminal, in messages and in the cells of tables.

    Text from elsewhere may still look like markup: use `rich.markup.escape` for it.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """The text with its markup rendered, and what a terminal would obey made visible."""
        return super().render_str(visible(text, layout=True), **options)


def wide_console() -> Console:
    """Return a console wide enough for the names of figures, also in a log file."""
    console = SafeConsole()
    return console if console.is_terminal else SafeConsole(width=LINE_WIDTH)


@contextmanager
def step(console: Console, done: str) -> Iterator[Callable[[str], None]]:
    """Show a step while it runs, then its duration; yields a function that shows progress."""
    started = time.monotonic()
    with console.status(f"waiting for: {done}") as status:
        yield lambda text: status.update(text)
    console.print(f"  [green]✓[/] {done} [dim]({time.monotonic() - started:.1f} s)[/]")
