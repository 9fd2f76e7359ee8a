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
from tests.console.support.windows import OpenPage
from tests.support.stack import RunningStack

LOOKS: list[dict[str, Any]] = [
    {"language": "zh"},
    {"language": "en", "dark": True},
    {"language": "zh", "phone": True},
    {"language": "en", "phone": True, "dark": True},
]


@dataclass(frozen=True)
class Case:
    """A page: who opens it, where it is, and how many requests of the API it makes at most."""

    who: str
    path: str
    requests: int


# The forms are those with most fields; a page that is missing here fails the last test.
CASES = [
    Case("director", "/", 15),
    Case("manager", "/", 15),
    Case("director", "/opportunities", 8),
    Case("director", "/opportunities?show=board", 8),
    Case("manager", "/opportunities?form=create_opportunity", 10),
    Case("director", "/opportunities/{opportunity}", 8),
    Case("manager", "/opportunities/{opportunity}?tab=history", 10),
    Case("manager", "/opportunities/{opportunity}?form=lose_opportunity", 8),
    Case("director", "/customers", 8),
    Case("director", "/customers?form=create_customer", 10),
    Case("manager", "/customers/{customer}", 11),
    Case("director", "/customers/{customer}?form=update_customer", 11),
    Case("manager", "/customers/{customer}?tab=contacts&contact={contact}", 14),
    Case("manager", "/customers/{customer}?tab=orders&order={order}", 12),
    Case("director", "/customers/{customer}?tab=changes", 13),
    Case("manager", "/contacts", 8),
    Case("manager", "/directory", 8),
    Case("manager", "/requests?show=desk&view=mine&open={request}", 14),
    Case("manager", "/requests?show=list&view=all", 10),
    Case("manager", "/requests?show=board", 11),
    Case("manager", "/requests?form=create_request&customer_id={customer}", 16),
    Case("manager", "/requests/{request}", 10),
    Case("director", "/requests/{request}?tab=history", 12),
    Case("manager", "/notifications", 6),
    Case("manager", "/orders", 8),
    Case("manager", "/catalogue/products", 8),
    Case("manager", "/catalogue/stock", 8),
    Case("manager", "/churn-warnings", 10),
    Case("manager", "/churn-warnings?open={warning}", 13),
    Case("director", "/churn-warnings/{warning}?tab=history", 10),
    Case("director", "/losses", 8),
    Case("director", "/unlinked-accounts", 8),
    Case("director", "/reports/customer-contribution", 8),
    Case("director", "/reports/customer-composition?by=region", 8),
    Case("director", "/reports/service-composition", 8),
    Case("director", "/reports/customer-churn", 8),
    Case("director", "/reports/sales-funnel?year=2026", 8),
    Case("admin", "/users", 10),
    Case("admin", "/users?form=create_user", 10),
    Case("admin", "/users/{user}", 8),
    Case("admin", "/users/{user}?tab=history", 9),
    Case("admin", "/departments", 7),
    Case("admin", "/roles", 8),
    Case("admin", "/roles?show=matrix", 8),
    Case("admin", "/roles/{role}", 8),
    Case("admin", "/settings", 8),
    Case("admin", "/audit", 9),
    Case("admin", "/keys", 7),
    Case("admin", "/dead-letters", 12),
    Case("admin", "/dead-letters/{service}/{dead_letter}", 7),
    Case("admin", "/churn-scans", 8),
    Case("admin", "/me", 8),
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
    asked = [line for line in requests(page) if " /api/" in line and "/auth/session" not in line]
    assert len(asked) <= case.requests, asked
    assert len(set(asked)) == len(asked), f"asked twice: {sorted(asked)}"


def test_no_page_is_missing_here() -> None:
    routes = ROOT / "gateway" / "console" / "dist" / "routes.json"
    known = set(json.loads(routes.read_text())["routes"])
    tried = {case.path.split("?")[0].split("{")[0] for case in CASES}
    outside = {"/login", "/change-password"}
    assert {path.split("$")[0] for path in known - outside} <= tried
