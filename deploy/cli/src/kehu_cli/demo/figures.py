"""Figures of the input, figures seen through the API, and whether they agree."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

# Wide enough for any amount; longer values are wrapped.
VALUE_WIDTH = 20


@dataclass(frozen=True)
class Figure:
    """One figure: from the input, and as seen; ``expected`` is None if the input has none."""

    name: str
    expected: Any
    seen: Any

    @property
    def agrees(self) -> bool:
        """Whether the figure seen is that of the input."""
        return self.expected is None or bool(self.expected == self.seen)


@dataclass
class Figures:
    """All figures of a run, in order, and the durations of its phases."""

    listed: list[Figure] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def compare(self, name: str, expected: Any, seen: Any) -> None:
        """Record a figure that must agree with the input."""
        self.listed.append(Figure(name, expected, seen))

    def compare_all(self, name: str, expected: dict[str, Any], seen: dict[str, Any]) -> None:
        """Record one figure for each key that either side has."""
        for key in sorted(expected.keys() | seen.keys()):
            self.compare(f"{name}: {key}", expected.get(key, 0), seen.get(key, 0))

    def note(self, name: str, seen: Any) -> None:
        """Record a figure that the input does not determine."""
        self.listed.append(Figure(name, None, seen))

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a phase."""
        started = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - started

    @property
    def wrong(self) -> list[Figure]:
        """The figures that disagree with the input."""
        return [figure for figure in self.listed if not figure.agrees]

    def table(self) -> Table:
        """Return a table of all figures."""
        table = Table("figure", "input", "seen", "", title="What went in and what came out")
        for column in table.columns[1:3]:
            column.justify, column.max_width = "right", VALUE_WIDTH
        for figure in self.listed:
            table.add_row(figure.name, _text(figure.expected), _text(figure.seen), _sign(figure))
        return table

    def times(self) -> Table:
        """Return a table of the duration of each phase."""
        table = Table("phase", "seconds", title="Time")
        table.columns[1].justify = "right"
        for name, seconds in self.seconds.items():
            table.add_row(name, f"{seconds:.1f}")
        table.add_row("[bold]all[/]", f"[bold]{sum(self.seconds.values()):.1f}[/]")
        return table


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return escape(str(value))


def _sign(figure: Figure) -> str:
    if figure.expected is None:
        return ""
    return "[green]✓[/]" if figure.agrees else "[red]✗[/]"


def conclude(figures: Figures, console: Console) -> int:
    """Print all figures; return the exit code."""
    console.print()
    console.print(figures.table())
    if figures.seconds:
        console.print(figures.times())
    if not figures.wrong:
        console.print("[green]Every figure agrees with the input.[/]")
        return 0
    for figure in figures.wrong:
        console.print(
            f"[red]✗ {figure.name}[/]: {escape(str(figure.seen))} seen, "
            f"{escape(str(figure.expected))} expected",
            soft_wrap=True,
        )
    return 1
