"""A list of a million customers in Chromium: what stalls, how long answers take, and the memory.

    python tests/performance/bench_console_rows.py [--customers 1000000] [--rows 10000]

Starts a Kehu, fills the customer service by SQL, and does with the list of customers what an
executive does: opens it, scrolls, searches, filters, sorts, opens a record and comes back, and
scrolls on until 10,000 rows are loaded.  Printed are, of each act, the longest task of the page,
the slowest answer of the API, and the size of the page's memory.  No task may take 200 ms on a
machine without other work.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, Request, expect
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session as DatabaseSession

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from kehu_cli.stack.stack import describe  # noqa: E402
from kehu_cli.stack.state import State  # noqa: E402
from tests.performance.browsing import DESKTOP, console, seen, settled  # noqa: E402
from tests.performance.filling import GRAMS, insert_customers  # noqa: E402
from tests.support.stack import RunningStack  # noqa: E402

LONGEST_TASK = 200
SCROLLED = 2_000
LIST = "/api/v1/customer/customers"


def fill(stack: RunningStack, customers: int) -> None:
    """Insert customers of a manager whom nobody knows, then take statistics."""
    url = make_url(describe(State(stack.state)).superuser_url).set(database="kehu_customer")
    engine = create_engine(url)
    with DatabaseSession(engine) as session, session.begin():
        session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        session.execute(text(GRAMS))
        insert_customers(session, customers, "md5('user' || n % 200)::uuid")
    with engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("DROP FUNCTION bench_grams"))
        alone.execute(text("VACUUM ANALYZE customer"))
    engine.dispose()


class Measure:
    """What each act costs; prints it, and keeps the longest task."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.longest = 0.0
        self._answers: list[float] = []
        self._session = page.context.new_cdp_session(page)
        page.on("requestfinished", self._finished)

    def _finished(self, request: Request) -> None:
        if LIST in request.url:
            self._answers.append(request.timing["responseEnd"])

    def take(self, name: str) -> None:
        """Print what an act has cost since the last one."""
        stalls = seen(self.page)["stalls"]
        answers, self._answers = self._answers, []
        self._session.send("HeapProfiler.collectGarbage")
        heap = self._session.send("Runtime.getHeapUsage")["usedSize"] / 1_000_000
        stall = max(stalls, default=0.0)
        self.longest = max(self.longest, stall)
        print(
            f"{name:24} longest task {stall:5.0f} ms, slowest of {len(answers):3} answers"
            f" {max(answers, default=0.0):6.0f} ms, memory {heap:5.1f} MB",
            flush=True,
        )


def scroll_to(page: Page, rows: int) -> None:
    """Scroll until so many rows are loaded, as a wheel does."""
    grid = page.locator(".k-grid")
    table = grid.locator("table")
    grid.hover()
    deadline = time.monotonic() + 600
    while int(table.get_attribute("aria-rowcount") or 0) <= rows:
        assert time.monotonic() < deadline, "the rows do not come"
        page.mouse.wheel(0, 2_000)
        page.wait_for_timeout(20)


def walk(page: Page, rows: int) -> float:
    """Do what an executive does; the longest task in milliseconds."""
    measure = Measure(page)
    page.goto("/customers")
    settled(page)
    measure.take("open the list")
    scroll_to(page, SCROLLED)
    measure.take(f"scroll to row {SCROLLED:,}")
    first = page.locator(".k-grid tbody tr[aria-rowindex]").nth(20).get_by_role("link").first
    first.click()
    settled(page)
    measure.take("open a record")
    page.go_back()
    settled(page)
    expect(page.locator(".k-grid table")).to_be_visible()
    measure.take("come back")
    box = page.get_by_role("searchbox")
    for name, words in (
        ("a common word", "technology"),
        ("a common character", "科"),
        ("a number", "000777"),
    ):
        box.fill("")
        box.press_sequentially(words, delay=80)
        page.wait_for_timeout(400)
        measure.take(f"search {name}")
    page.goto("/customers?region=East")
    settled(page)
    measure.take("filter")
    page.goto("/customers?sort=name")
    settled(page)
    measure.take("sort")
    scroll_to(page, rows)
    measure.take(f"scroll to row {rows:,}")
    return measure.longest


def main() -> None:
    """Measure and print; the exit code is 1 if a task was too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=10_000, help="how many rows are loaded at last")
    given = parser.parse_args()
    with console() as (stack, browser):
        began = time.monotonic()
        fill(stack, given.customers)
        print(f"{given.customers:,} customers made in {time.monotonic() - began:.0f} s", flush=True)
        context = DESKTOP.window(browser, stack, stack.person("executive"))
        longest = walk(DESKTOP.page(context), given.rows)
        context.close()
    missed = longest > LONGEST_TASK
    print(f"longest task {longest:.0f} ms{'  MISSED' if missed else ''}")
    print(f"load {os.getloadavg()[0]:.1f}")
    sys.exit(missed)


if __name__ == "__main__":
    main()
