"""Waits for the effect of events, and runs many actions in parallel."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from kehu_cli.demo.client import DemoError, Person, Refused
from kehu_cli.demo.display import Report

T = TypeVar("T")
R = TypeVar("R")

# How long a number may stand still: longer than a killed process or broker takes to come back, and
# than the minute after which a failed event is retried for the third time.
STANDSTILL_SECONDS = 150.0
UNTIL_KNOWN_SECONDS = 90.0
PAUSE_SECONDS = 0.25


def ignore_progress(_done: int) -> None:
    """Ignore progress."""


def wait_for(
    read: Callable[[], int],
    expected: int,
    *,
    report: Report = ignore_progress,
    patience: float = STANDSTILL_SECONDS,
) -> int:
    """Poll until the number is the expected one; return it, or the last one if it stands still.

    The caller compares: a wrong figure belongs in the table, not in a traceback.
    """
    last, moved_at = read(), time.monotonic()
    while last != expected and time.monotonic() < moved_at + patience:
        report(last)
        time.sleep(PAUSE_SECONDS)
        now = read()
        if now != last:
            last, moved_at = now, time.monotonic()
    report(last)
    return last


def wait_until(
    what: str, test: Callable[[], bool], *, patience: float = STANDSTILL_SECONDS
) -> None:
    """Poll until the test holds; DemoError if it does not in time."""
    deadline = time.monotonic() + patience
    while not test():
        if time.monotonic() > deadline:
            raise DemoError(f"{what}: not true after {patience:.0f} s")
        time.sleep(PAUSE_SECONDS)


def post_when_known(person: Person, path: str, body: Any) -> Any:
    """Post to a service that may not have received the events about the people yet."""
    deadline = time.monotonic() + UNTIL_KNOWN_SECONDS
    while True:
        try:
            return person.post(path, body)
        except Refused as refusal:
            if not _not_known_yet(refusal) or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE_SECONDS)


def _not_known_yet(refusal: Refused) -> bool:
    if refusal.status in (403, 404):
        return True
    return refusal.status == 422 and b"unknown-reference" in refusal.response.content


def in_parallel(
    work: Callable[[T], R], items: Iterable[T], *, workers: int, report: Report = ignore_progress
) -> list[R]:
    """Apply ``work`` to each item with a few threads; the first failure stops it."""
    lock, done = threading.Lock(), 0

    def one(item: T) -> R:
        nonlocal done
        result = work(item)
        with lock:
            done += 1
            report(done)
        return result

    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="demo") as pool:
        futures = [pool.submit(one, item) for item in items]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
            if any(future.done() and future.exception() for future in futures):
                pool.shutdown(cancel_futures=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    failures = [f.exception() for f in futures if not f.cancelled() and f.exception()]
    if failures and failures[0] is not None:
        raise failures[0]
    return [future.result() for future in futures]
