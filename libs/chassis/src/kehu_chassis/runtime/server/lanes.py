"""The threads that run the application."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

# Each has a thread of its own, so that it responds whatever the others do.
PROBES = ("/healthz", "/readyz", "/metrics")


class Lanes:
    """One lane for each probe, and one with all threads for everything else."""

    def __init__(self, threads: int) -> None:
        self._rest = Lane("request", threads)
        self._probes = {path: Lane(path.strip("/"), 1) for path in PROBES}

    def of(self, path: str) -> Lane:
        """The lane of requests with this path."""
        return self._probes.get(path, self._rest)


class Lane:
    """A queue of requests and the threads that work on them."""

    def __init__(self, name: str, threads: int) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def put(self, work: Callable[[], None]) -> None:
        """Have the next free thread do it."""
        self._queue.put(work)

    def _work(self) -> None:
        while True:
            self._queue.get()()
