"""Watching how fast pages of the console are in Chromium, for the benchmarks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from kehu_cli.web import build, chromium
from tests.conftest import running
from tests.console.support.windows import new_context
from tests.support.stack import RunningStack, Session, state_folder

# What the browser itself measures; it also counts what happened before the observers began.
OBSERVERS = """() => {
    const seen = window.seen = {paint: 0, interactions: [], stalls: []};
    const observe = (type, take, more) => new PerformanceObserver(
        (list) => list.getEntries().forEach(take)).observe({type, buffered: true, ...more});
    observe("largest-contentful-paint", (entry) => { seen.paint = entry.startTime; });
    observe("event", (entry) => {
        if (entry.interactionId) seen.interactions.push([entry.name, entry.duration]);
    }, {durationThreshold: 16});
    observe("longtask", (entry) => seen.stalls.push(entry.duration));
}"""


@contextmanager
def console() -> Iterator[tuple[RunningStack, Browser]]:
    """A Kehu of its own with the console of these sources, and a browser; ends without Chromium."""
    if not chromium.find():
        sys.exit(chromium.MISSING)
    with build.locked():
        build.build()
    with state_folder() as state, running(state) as stack, chromium.launched() as browser:
        yield stack, browser


@dataclass(frozen=True)
class Device:
    """What the console is used on."""

    name: str
    phone: bool = False
    slower: int = 1
    # Bits a second and milliseconds; 0: as fast as this machine.
    network: tuple[int, int] = (0, 0)

    def window(self, browser: Browser, stack: RunningStack, person: Session) -> BrowserContext:
        """A new window that is signed in and has nothing of the console yet."""
        context = new_context(browser, base_url=stack.gateway_url, phone=self.phone)
        context.add_init_script(f"({OBSERVERS})()")
        headers = {"Origin": stack.gateway_url, "X-Kehu-Console": "1"}
        begun = context.request.post("/api/v1/auth/session", data=person.login, headers=headers)
        assert begun.status == 200, begun.text()
        return context

    def page(self, context: BrowserContext) -> Page:
        """A new tab on this device."""
        page = context.new_page()
        session = context.new_cdp_session(page)
        if self.slower > 1:
            session.send("Emulation.setCPUThrottlingRate", {"rate": self.slower})
        if (bits := self.network[0]) > 0:
            session.send("Network.enable")
            session.send(
                "Network.emulateNetworkConditions",
                {
                    "offline": False,
                    "latency": self.network[1],
                    "downloadThroughput": bits / 8,
                    "uploadThroughput": bits / 8,
                },
            )
        return page


DESKTOP = Device("desktop")
PHONE = Device("phone", phone=True, slower=4, network=(1_600_000, 150))


def settled(page: Page) -> None:
    """Wait until the page shows its heading and nothing is on its way."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")


def paint(page: Page, path: str) -> float:
    """Open a path; the milliseconds until its largest part was painted."""
    page.goto(path)
    settled(page)
    found: float = page.evaluate("seen.paint")
    return found


def seen(page: Page) -> dict[str, Any]:
    """What the browser has measured since the last call, when all of it is drawn."""
    page.wait_for_load_state("networkidle")
    # Two frames later the browser has also recorded the last event.
    found: dict[str, Any] = page.evaluate(
        """() => new Promise((resume) => requestAnimationFrame(() => setTimeout(() => {
            const found = {interactions: seen.interactions, stalls: seen.stalls};
            Object.assign(seen, {interactions: [], stalls: []});
            resume(found);
        }, 50)))"""
    )
    return found
