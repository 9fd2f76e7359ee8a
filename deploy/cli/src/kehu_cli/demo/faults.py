"""Faults in the lines of a file: one sentence for each rule, however many lines break it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 3


class BadValue(ValueError):
    """A value that breaks a rule; the rule reads the same for every value that breaks it."""

    def __init__(self, rule: str, given: str) -> None:
        super().__init__(f"{rule}: {given!r}")
        self.rule = rule
        self.given = given


@dataclass(frozen=True)
class BadLine:
    """A line of a file with a value that breaks a rule."""

    line: int
    rule: str
    given: str

    @classmethod
    def of(cls, line: int, fault: BadValue) -> "BadLine":
        """The fault, and where it is."""
        return cls(line, fault.rule, fault.given)


def sentences(bad_lines: Iterable[BadLine], total: int) -> list[str]:
    """Return one sentence for each broken rule; ``total`` is the number of lines of the file."""
    by_rule: dict[str, list[BadLine]] = {}
    for bad in bad_lines:
        by_rule.setdefault(bad.rule, []).append(bad)
    return [_sentence(rule, lines, total) for rule, lines in by_rule.items()]


def _sentence(rule: str, lines: list[BadLine], total: int) -> str:
    examples = listed([f"line {bad.line}: {bad.given!r}" for bad in lines])
    if len(lines) == 1:
        return f"{rule} ({examples})"
    how_many = f"all {total}" if len(lines) == total else f"{len(lines)} of {total}"
    return f"{how_many} lines: {rule} ({examples})"


def listed(texts: Sequence[str]) -> str:
    """Return the first few texts, and how many more there are."""
    more = len(texts) - SHOWN
    return ", ".join(texts[:SHOWN]) + (f" and {more} more" if more > 0 else "")
