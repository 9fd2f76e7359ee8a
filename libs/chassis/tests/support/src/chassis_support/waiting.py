"""Waiting for a condition with a deadline, and threads that report their failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
DEADLINE = 60.0  # a busy machine is no reason to fail


def until(condition: Callable[[], T], *, seconds: float = DEADLINE, what: str = "") -> T:
    """Wait until a condition is true; returns its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        time.sleep(0.02)
    return value


@contextmanager
def running(run: Callable[[], Any], stop: threading.Event) -> Iterator[threading.Thread]:
    """Run a loop on a thread of its own; its exception is raised here at the end."""
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            run()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(DEADLINE)
    assert not thread.is_alive(), "the loop did not stop"
    if failures:
        raise failures[0]


def at_once(*works: Callable[[], T]) -> list[T]:
    """Run everything at the same time, each on a thread of its own; returns the results."""
    start = threading.Barrier(len(works))

    def go(work: Callable[[], T]) -> T:
        start.wait(DEADLINE)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        futures: list[Future[T]] = [pool.submit(go, work) for work in works]
        return [future.result(DEADLINE * 2) for future in futures]
