"""Growing backoff between attempts to reach an unreachable server."""

from __future__ import annotations

import threading

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 5.0


class Backoff:
    """Half a second, then twice as long each time, up to five; cut short when ``stop`` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._next = FIRST_SECONDS

    def wait(self) -> None:
        """Wait before the next attempt."""
        self._stop.wait(min(self._next, LONGEST_SECONDS))
        self._next *= 2

    def reset(self) -> None:
        """Start over after a successful attempt."""
        self._next = FIRST_SECONDS
