"""The speed of the web console in Chromium: until a page is painted, and until it reacts.

    python tests/performance/bench_console.py [--rounds 5]

Starts a Kehu, fills a department with opportunities, and opens a list, a record, a board and a
report as its director: on a desktop, and on a phone that computes four times slower and has
1.6 Mbit/s with 150 ms.  Cold is the first visit of a browser, warm the next one.  Printed are the
medians of the largest contentful paint, beside that of a plain text which the same gateway serves
to the same browser, and the longest of all interactions.  The limits are those of a machine
without other work.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.console.support.team import Team, new_team  # noqa: E402
from tests.performance.browsing import DESKTOP, PHONE, Device, console, paint, seen  # noqa: E402
from tests.support.stack import RunningStack  # noqa: E402

ROWS = 120
# Milliseconds until the list is painted, cold and warm.
LIMITS = {DESKTOP: (2000, 1000), PHONE: (4000, 2000)}
LONGEST_INTERACTION = 200
PLAIN = "/THIRD_PARTY.txt"


def pages(team: Team) -> dict[str, str]:
    """Paths by name, of pages with something on them."""
    made = [
        team.opportunity(f"{name}{number}有限公司", assigned=number % 3 > 0)
        for number in range(ROWS // 4)
        for name in ("青屿包装", "鹭洲水产", "禾木家居", "沐川饮品")
    ]
    return {
        "list": "/opportunities",
        "detail": f"/opportunities/{made[0]['id']}",
        "board": "/opportunities?show=board",
        "report": "/reports/sales-funnel?year=2026",
    }


def paints(
    browser: Browser, stack: RunningStack, team: Team, device: Device, path: str
) -> tuple[float, float]:
    """The milliseconds until a path is painted, cold and warm."""
    context = device.window(browser, stack, team.director)
    found = tuple(paint(device.page(context), path) for _ in range(2))
    context.close()
    return found[0], found[1]


def plain(browser: Browser, stack: RunningStack, device: Device) -> float:
    """The milliseconds until the same browser has painted a text of the same gateway."""
    context = browser.new_context(base_url=stack.gateway_url)
    page = device.page(context)
    page.goto(PLAIN)
    found: float = page.evaluate(
        """() => new Promise((resume) => new PerformanceObserver(
            (list) => resume(list.getEntries().at(-1).startTime)
        ).observe({type: "largest-contentful-paint", buffered: true}))"""
    )
    context.close()
    return found


def interactions(page: Page) -> dict[str, Callable[[], None]]:
    """What people do with a list, by name; in this order."""
    return {
        "type in the search box": lambda: page.get_by_role("searchbox").press_sequentially(
            "青屿", delay=60
        ),
        "sort": lambda: page.get_by_role("columnheader", name="客户名称").locator("button").click(),
        "open a form": lambda: page.get_by_role("button", name="新建销售机会").click(),
        "close it": lambda: page.get_by_role("button", name="取消").click(),
        "to the board": lambda: page.get_by_text("看板", exact=True).click(),
        "back to the list": lambda: page.get_by_text("列表", exact=True).click(),
    }


def longest(browser: Browser, stack: RunningStack, team: Team, device: Device) -> float:
    """Do what people do; prints each, and returns the longest interaction."""
    context = device.window(browser, stack, team.director)
    page = device.page(context)
    paint(page, "/opportunities?view=all")
    seen(page)
    found = []
    for name, act in interactions(page).items():
        # Phones have cards, which have no head to sort by.
        if name == "sort" and device.phone:
            continue
        act()
        measured = seen(page)
        duration = max((time for _, time in measured["interactions"]), default=0.0)
        stall = max(measured["stalls"], default=0.0)
        print(f"    {name:24} {duration:5.0f} ms, longest task {stall:5.0f} ms", flush=True)
        found.append(duration)
    context.close()
    return max(found)


def measure(
    browser: Browser,
    stack: RunningStack,
    team: Team,
    device: Device,
    paths: dict[str, str],
    rounds: int,
) -> list[bool]:
    """Measure on a device; whether each limit was met."""
    met = []
    bare = statistics.median(plain(browser, stack, device) for _ in range(rounds))
    print(f"{device.name}: a plain text {bare:.0f} ms", flush=True)
    for name, path in paths.items():
        times = [paints(browser, stack, team, device, path) for _ in range(rounds)]
        cold, warm = (statistics.median(each) for each in zip(*times, strict=True))
        limits = LIMITS[device] if name == "list" else None
        missed = limits and (cold > limits[0] or warm > limits[1])
        print(
            f"  {name:8} cold {cold:6.0f} ms, ratio {cold / bare:5.1f}"
            f"  warm {warm:6.0f} ms, ratio {warm / bare:5.1f}"
            f"{'  limits {}, {}'.format(*limits) if limits else ''}{'  MISSED' if missed else ''}",
            flush=True,
        )
        met.append(not missed)
    slowest = longest(browser, stack, team, device)
    late = slowest > LONGEST_INTERACTION
    print(f"  longest interaction {slowest:.0f} ms{'  MISSED' if late else ''}", flush=True)
    return [*met, not late]


def main() -> None:
    """Measure and print; the exit code is 1 if a limit was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each page is opened")
    given = parser.parse_args()
    with console() as (stack, browser):
        team = new_team(stack)
        paths = pages(team)
        met = [
            one
            for device in (DESKTOP, PHONE)
            for one in measure(browser, stack, team, device, paths, given.rounds)
        ]
    print(f"load {os.getloadavg()[0]:.1f}, {met.count(False)} of {len(met)} limits missed")
    sys.exit(not all(met))


if __name__ == "__main__":
    main()
