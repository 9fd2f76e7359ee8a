"""Sums of refusals, so that nobody can fill the audit trail with them.

Refusals are summed up by who was refused, what, and minute.  The first of each sum is recorded at
once, as it may matter now; all others of the minute are one entry with their number.  Whatever a
caller varies, the number of sums is bounded, by caller and in all; the rest is one sum.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

# Sums a minute, in all and of one address or person; people are known and accountable.
MOST, EACH = 100, 10
MOST_OF_PEOPLE, EACH_PERSON = 500, 50
MINUTE = 60

T = TypeVar("T")
_OTHERS = "\0others"


@dataclass
class Sum(Generic[T]):
    """``count`` refusals, of which ``item`` is the first.

    They differ in what was refused if ``mixed``, and also in who was refused if ``anyone``.
    """

    item: T
    count: int
    mixed: bool
    anyone: bool


class Tally(Generic[T]):
    """The sums of the present minute, and those of past minutes that nobody has taken yet."""

    def __init__(
        self, most: int = MOST, each: int = EACH, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._most = most
        self._each = each
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = 0
        self._sums: dict[tuple[str, str], Sum[T]] = {}
        self._by_who: Counter[str] = Counter()
        self._past: list[Sum[T]] = []

    def add(self, who: str, what: str, item: T) -> Sum[T] | None:
        """Count a refusal.  The first of a sum is returned, to be recorded now; the others wait."""
        with self._lock:
            self._turn()
            key = self._key(who, what)
            found = self._sums.get(key)
            mixed, anyone = key[1] == _OTHERS, key[0] == _OTHERS
            if found is None:
                self._sums[key] = Sum(item, 0, mixed, anyone)
                self._by_who[who] += 1
                return Sum(item, 1, mixed, anyone)
            if found.count == 0:
                found.item = item
            found.count += 1
            return None

    def take(self, *, unfinished: bool = False) -> list[Sum[T]]:
        """The sums of past minutes, and of the present one if ``unfinished``; each once."""
        with self._lock:
            self._turn(always=unfinished)
            taken, self._past = self._past, []
            return taken

    def due_in(self) -> float | None:
        """Seconds until there is something to take; None while nothing waits."""
        with self._lock:
            if self._past:
                return 0.0
            if not any(found.count for found in self._sums.values()):
                return None
            return max(0.0, (self._minute + 1) * MINUTE - self._clock())

    def _key(self, who: str, what: str) -> tuple[str, str]:
        room = len(self._sums) < self._most
        if (who, what) in self._sums or (room and self._by_who[who] < self._each):
            return who, what
        if (who, _OTHERS) in self._sums or room:
            return who, _OTHERS
        return _OTHERS, _OTHERS

    def _turn(self, *, always: bool = False) -> None:
        minute = int(self._clock() // MINUTE)
        if minute == self._minute and not always:
            return
        self._past += [found for found in self._sums.values() if found.count]
        # Also when a clock was set back: a minute has one set of sums.
        self._sums, self._by_who, self._minute = {}, Counter(), minute
