"""Every page, in each language, look and size: accessible, quiet, and no wider than its window."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kehu_cli.catalogue import ROOT
from tests.console.support.looks import axe, no_sideways_overflow
from tests.console.support.records import Records, some_records
from tests.console.support.watch import requests
from tests.console.support.windows import LOOKS, OpenPage
from tests.support.stack import RunningStack

# Of a browser that has nothing of the console yet: the page, scripts, styles and the API.
REQUESTS = 20


@dataclass(frozen=True)
class Case:
    """A page: who opens it, where it is, and how many requests of the API it makes at most."""

    who: str
    path: str
    requests: int


# The forms are those with most fields; a page that is missing here fails the last test.
CASES = [
    Case("director", "/", 12),
    Case("manager", "/", 11),
    Case("admin", "/", 10),
    Case("director", "/opportunities", 6),
    Case("director", "/opportunities?show=board", 4),
    Case("manager", "/opportunities?form=create_opportunity", 7),
    Case("director", "/opportunities/{opportunity}", 6),
    Case("director", "/opportunities/{opportunity}?form=assign_opportunity", 7),
    Case("manager", "/opportunities/{opportunity}?tab=history", 8),
    Case("manager", "/opportunities/{opportunity}?form=lose_opportunity", 6),
    Case("director", "/customers", 5),
    Case("director", "/customers?form=create_customer", 6),
    Case("manager", "/customers/{customer}", 8),
    Case("director", "/customers/{customer}?form=update_customer", 8),
    Case("manager", "/customers/{customer}?tab=contacts&contact={contact}", 11),
    Case("manager", "/customers/{customer}?tab=orders&order={order}", 9),
    Case("director", "/customers/{customer}?tab=changes", 10),
    Case("manager", "/contacts", 5),
    Case("manager", "/directory", 5),
    Case("manager", "/requests?show=desk&view=mine&open={request}", 10),
    Case("manager", "/requests?show=list&view=all", 7),
    Case("manager", "/requests?show=board", 9),
    Case("manager", "/requests?form=create_request&customer_id={customer}", 12),
    Case("manager", "/requests/{request}", 7),
    Case("director", "/requests/{request}?tab=history", 9),
    Case("manager", "/notifications", 4),
    Case("manager", "/orders", 5),
    Case("manager", "/catalogue/products", 5),
    Case("manager", "/catalogue/stock", 5),
    Case("manager", "/churn-warnings", 7),
    Case("manager", "/churn-warnings?open={warning}", 10),
    Case("director", "/churn-warnings/{warning}?tab=history", 7),
    Case("director", "/losses", 5),
    Case("director", "/unlinked-accounts", 5),
    Case("director", "/reports/customer-contribution", 4),
    Case("director", "/reports/customer-composition?by=region", 4),
    Case("director", "/reports/service-composition", 4),
    Case("director", "/reports/customer-churn", 4),
    Case("director", "/reports/sales-funnel?year=2026", 4),
    Case("admin", "/users", 6),
    Case("admin", "/users?form=create_user", 6),
    Case("admin", "/users/{user}", 5),
    Case("admin", "/users/{user}?tab=history", 5),
    Case("admin", "/departments", 4),
    Case("admin", "/roles", 5),
    Case("admin", "/roles?show=matrix", 5),
    Case("admin", "/roles/{role}", 5),
    Case("admin", "/settings", 5),
    Case("admin", "/audit", 6),
    Case("admin", "/keys", 4),
    Case("admin", "/dead-letters", 9),
    Case("admin", "/dead-letters/{service}/{dead_letter}", 4),
    Case("admin", "/churn-scans", 5),
    Case("admin", "/me", 5),
    Case("manager", "/guide", 4),
    Case("manager", "/guide/{guide}", 4),
]


@pytest.fixture(scope="module")
def records(site: RunningStack) -> Records:
    """People of every role, and a record of each kind."""
    return some_records(site)


def settled(page: Page) -> None:
    """The page shows its heading, and nothing is on its way any more."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look.values())))
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.who}{case.path}")
def test_a_page_is_for_everybody(
    sign_in: OpenPage, records: Records, case: Case, look: dict[str, Any]
) -> None:
    page = sign_in(records.people[case.who], case.path.format(**records.ids), **look)
    settled(page)
    axe(page)
    no_sideways_overflow(page)
    # Without further rows, which a list reads if other tests have left that many.
    made = [line for line in requests(page) if "cursor=" not in line]
    assert len(made) <= REQUESTS, made
    assert len(set(made)) == len(made), f"asked twice: {sorted(made)}"
    asked = [line for line in made if " /api/" in line]
    assert len(asked) <= case.requests, asked


def test_no_page_is_missing_here() -> None:
    routes = ROOT / "gateway" / "console" / "dist" / "routes.json"
    known = set(json.loads(routes.read_text())["routes"])
    tried = {case.path.split("?")[0].split("{")[0] for case in CASES}
    outside = {"/login", "/change-password"}
    assert {path.split("$")[0] for path in known - outside} <= tried
