"""The main story by keyboard alone, in English: from an opportunity to a report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.console.support.keys import (
    act,
    arrived,
    choose,
    focused,
    opened,
    palette,
    pick,
    press,
    sensible,
    sign_in,
    tab_to,
    write,
)  # fmt: skip
from tests.console.support.notices import saved
from tests.console.support.team import Team, new_team
from tests.console.support.windows import OpenPage
from tests.support.records import a_warning, an_order
from tests.support.stack import RunningStack, Session, eventually
from tests.support.trade import customers_named

TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Company:
    """Who takes part, and the name of the customer that they win."""

    team: Team
    agent: Session
    customer: str


@pytest.fixture
def company(site: RunningStack) -> Company:
    """People who speak English."""
    team = new_team(site, "en")
    agent = site.person("service_agent", locale="en", display_name=f"He Xiran{uuid4().hex[:4]}")
    return Company(team, agent, f"Harbour & Pine {uuid4().hex[:6]}")


def signed_in(open_page: OpenPage, person: Session) -> Page:
    """A window in which somebody has signed in."""
    page = open_page("/", language="en")
    assert person.login is not None
    sign_in(page, person.login["username"], person.login["password"])
    arrived(page, "Workbench")
    return page


def test_the_main_story(open_page: OpenPage, site: RunningStack, company: Company) -> None:
    team = company.team
    team.opportunity("Pine Box Ltd")
    create(signed_in(open_page, team.manager), company.customer)
    director = signed_in(open_page, team.director)
    assign(director, company)
    manager = signed_in(open_page, team.manager)
    plan(manager, company.customer)
    move(manager, company.customer)
    win(manager, company.customer)
    serve(signed_in(open_page, company.agent), company.customer)
    warn(site, company)
    keep(manager, company.customer)
    report(director, company.customer)


def warn(site: RunningStack, company: Company) -> None:
    """The customer's last order is long ago; the system notices."""
    (found,) = customers_named(company.team.manager, company.customer)
    an_order(site, company.team.manager, f"/api/v1/customer/customers/{found}")
    a_warning(site, company.team.manager, found)
    rows = f"/api/v1/reporting/customer-contribution/rows?customer_id={found}"
    eventually(lambda: company.team.director.get(rows)["total"], what="the report has the order")


def create(page: Page, customer: str) -> None:
    """A manager creates an opportunity."""
    palette(page, "New opportunity")
    expect(page.get_by_role("dialog").get_by_label("Source")).to_be_focused()
    write(page, "Source", "Trade fair")
    # An empty form is not sent; the first fault gets the focus.
    press(page, "Control+Enter")
    assert focused(page) == ("textbox", "Customer")
    write(page, "Customer", customer)
    write(page, "Summary", "Mailing bags")
    write(page, "Contact phone", "0512-0000-3307")
    write(page, "Description", "About 1.2 million a year")
    write(page, "Expected amount", "286400")
    choose(page, "Currency", "USD")
    write(page, "Expected close date", "2027-3-1")
    press(page, "Tab")
    press(page, "Control+Enter")
    saved(page)
    arrived(page, customer)
    expect(page.get_by_text("1 Mar 2027")).to_be_visible()


def assign(page: Page, company: Company) -> None:
    """The director assigns it, and another one among several."""
    name = company.team.name(company.team.manager)
    palette(page, company.customer)
    arrived(page, company.customer)
    act(page, "Assign")
    opened(page, "Assignee")
    choose(page, "Assignee", name)
    act(page, "Assign")
    saved(page)
    expect(page.get_by_text("Developing").first).to_be_visible()
    sensible(page)

    press(page, "g", "o")
    arrived(page, "Opportunities")
    tab_to(page, re.compile("Choose XS-.*"), "checkbox", most=50)
    press(page, "Space")
    act(page, "Assign", most=50)
    opened(page, "Choose an account manager")
    choose(page, "Choose an account manager", name)
    act(page, "Assign")
    expect(page.get_by_text("1 done, 0 failed")).to_be_visible()
    act(page, "Close")


def plan(page: Page, customer: str) -> None:
    """The manager plans what to do, and writes what came of it."""
    palette(page, customer)
    arrived(page, customer)
    write(page, "Date", TODAY.isoformat())
    write(page, "What to do", "Confirm the samples")
    press(page, "Enter")
    saved(page)
    # The next one can be written at once.
    expect(page.get_by_label("Date")).to_be_focused()
    act(page, "Record result", back=True)
    expect(page.get_by_label("Result")).to_be_focused()
    page.keyboard.type("Passed")
    act(page, "Save result")
    saved(page)
    sensible(page)


def move(page: Page, customer: str) -> None:
    """A card moves to the next stage by the keys of the board, and to another by its menu."""
    palette(page, "Opportunities")
    arrived(page, "Opportunities")
    tab_to(page, "List", "radio")
    press(page, "ArrowRight")
    expect(page.get_by_text("Mailing bags").first).to_be_visible()
    tab_to(page, re.compile(f"{customer} .*Mailing bags.*"), "button", most=50)
    press(page, "Space", "ArrowRight", "Space")
    saved(page)
    lane = page.get_by_role("region", name="Needs analysis")
    expect(lane.get_by_text(customer).first).to_be_visible()
    assert focused(page)[1].startswith(customer)
    press(page, "Shift+Tab", "Shift+Tab")
    pick(page, f"Actions for {customer}", "Move to Value proposition")
    saved(page)


def win(page: Page, customer: str) -> None:
    """The manager wins it, and a customer comes of it."""
    palette(page, customer)
    arrived(page, customer)
    act(page, "Win")
    opened(page, "Amount won")
    press(page, "Control+Enter")
    saved(page)
    sensible(page)
    expect(page.get_by_role("complementary").get_by_role("link", name=customer)).to_be_visible()
    act(page, customer, "link")
    arrived(page, customer)


def serve(page: Page, customer: str) -> None:
    """An agent serves the customer, in two rounds."""
    palette(page, "New service request")
    opened(page, "Type")
    choose(page, "Type", "Complaint")
    write(page, "Summary", "Twelve boxes short")
    choose(page, "Customer", customer)
    write(page, "Description", "240 were due")
    press(page, "Control+Enter")
    saved(page)
    arrived(page, "Twelve boxes short")
    act(page, "Take")
    saved(page)
    opened(page, "Handling")
    page.keyboard.type("Sent again")
    act(page, "Save handling")
    saved(page)
    expect(page.get_by_role("textbox", name="Result")).to_be_visible()
    write(page, "Result", "All there")
    tab_to(page, re.compile("1 .*"), "radio")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    act(page, "Save and archive")
    saved(page)
    expect(page.get_by_text("Satisfaction 4, archived")).to_be_visible()
    sensible(page)


def keep(page: Page, customer: str) -> None:
    """A warning about the customer gets a measure, and the loss is confirmed."""
    press(page, "g", "w")
    arrived(page, "Churn warnings")
    act(page, customer, "link", most=40)
    expect(page.get_by_role("textbox", name="Measure")).to_be_visible()
    write(page, "Measure", "Visit the buyer")
    press(page, "Tab")
    page.keyboard.type((TODAY + timedelta(40)).isoformat())
    act(page, "Reprieve")
    saved(page)
    sensible(page)
    # It may be confirmed after a measure.
    expect(page.get_by_role("button", name="Confirm loss")).to_be_visible()
    act(page, "Confirm loss")
    opened(page, "Reason code")
    choose(page, "Reason code", "Competitor")
    write(page, "Reason", "They buy elsewhere")
    act(page, "Confirm loss")
    saved(page)
    sensible(page)


def report(page: Page, customer: str) -> None:
    """The director reads a report, and opens the rows behind a figure."""
    palette(page, "Contribution")
    arrived(page, "Customer contribution")
    act(page, "CN¥300.00", "link", most=60)
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("link", name=customer)).to_be_visible()
    expect(page.locator(".ant-drawer:focus, .ant-drawer :focus")).to_have_count(1)
    press(page, "Escape")
    expect(drawer).to_have_count(0)
    assert focused(page) == ("link", "CN¥300.00")
