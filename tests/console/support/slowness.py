"""Answers that come late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route

# More than the console waits before it says that an answer is late.
LATE_MILLISECONDS = 10_000


@contextmanager
def held(page: Page, address: str, method: str = "GET") -> Iterator[list[Route]]:
    """The requests to an address, which wait until the block ends."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == method:
            waiting.append(route)
        else:
            route.continue_()

    page.route(address, hold)
    try:
        yield waiting
    finally:
        for route in waiting:
            route.continue_()
        page.unroute(address, hold)


def wait_long(page: Page) -> None:
    """Let so much time pass in the page that its answers are late; its clock is installed."""
    page.clock.fast_forward(LATE_MILLISECONDS)
