"""Notifications in the console: the count beside the menu, the list, and what has just come."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.console.support.looks import axe
from tests.console.support.notices import saved
from tests.console.support.watch import quiet, requests
from tests.console.support.windows import OpenPage
from tests.support.records import a_customer
from tests.support.stack import RunningStack, eventually

UNREAD = "/api/v1/service-desk/notifications/unread"
REQUESTS = "/api/v1/service-desk/requests"


class Office:
    """A director who assigns service requests to an account manager."""

    def __init__(self, site: RunningStack) -> None:
        department = site.department("Office")
        self.director = site.person("sales_director", department_id=department)
        self.manager = site.person("account_manager", department_id=department)
        self.customer_id = a_customer(self.manager, f"云岭茶业{uuid4().hex[:6]}")

    def assign(self, summary: str) -> str:
        """Assign a new request to the manager, who is notified; returns its id."""
        form = {"type": "complaint", "summary": summary, "description": "x"}
        body = form | {"customer_id": self.customer_id}
        made: dict[str, Any] = eventually(lambda: self.manager.post(REQUESTS, body, 201))
        path = f"{REQUESTS}/{made['id']}/assign"
        to = {"assignee_id": self.manager.user["id"]}
        eventually(lambda: self.director.post(path, to))
        return str(made["id"])


@pytest.fixture
def office(site: RunningStack) -> Office:
    """A new office, whose manager has no notification yet."""
    return Office(site)


def count(page: Page, number: int) -> None:
    """Wait for the count beside the menu's entry; none for 0."""
    badge = page.get_by_role("navigation", name="菜单").locator("[data-hot]")
    if number:
        expect(badge).to_have_text(str(number))
    else:
        expect(badge).to_have_count(0)


def look_again(page: Page) -> None:
    """What the browser says when a page comes into sight."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def in_turn(page: Page) -> None:
    """Wait until one tab has the turn, and the other waits for it."""
    page.wait_for_function(
        "navigator.locks.query().then(({held, pending}) => held.length && pending.length)"
    )


def test_notifications_are_opened_and_marked(sign_in: OpenPage, office: Office) -> None:
    first = office.assign("到货短少")
    office.assign("开票信息")
    office.assign("材质报告")
    page = sign_in(office.manager, "/notifications")
    count(page, 3)
    axe(page)
    page.get_by_role("button", name="标为已读：").nth(0).click()
    count(page, 2)
    page.get_by_role("link", name="到货短少").click()
    page.wait_for_url(f"**/requests/{first}")
    expect(page.get_by_role("heading", name="到货短少", level=1)).to_be_visible()
    count(page, 1)
    page.get_by_role("navigation", name="菜单").get_by_role("link", name="通知").click()
    page.get_by_role("button", name="全部标为已读").click()
    saved(page, "1 条已标为已读")
    count(page, 0)
    expect(page.get_by_text("没有未读通知")).to_be_visible()
    page.get_by_role("tab", name="全部").click()
    expect(page.get_by_role("link", name="到货短少")).to_be_visible()
    quiet(page)


def test_what_has_just_come_is_shown_once_in_the_tab_that_asks(
    sign_in: OpenPage, office: Office
) -> None:
    office.assign("旧通知")
    page = sign_in(office.manager, "/requests")
    count(page, 1)
    # What came before this browser was first used is not news.
    expect(page.locator(".ant-notification-notice")).to_have_count(0)
    page.wait_for_function("Object.keys(localStorage).some((k) => k.startsWith('kehu.seen.'))")
    request = office.assign("新通知")
    look_again(page)
    toast = page.locator(".ant-notification-notice").filter(has_text="新通知")
    expect(toast).to_be_visible()
    count(page, 2)
    toast.get_by_role("button", name="查看").click()
    page.wait_for_url(f"**/requests/{request}")
    count(page, 1)
    page.reload()
    count(page, 1)
    expect(page.locator(".ant-notification-notice")).to_have_count(0)
    quiet(page)


def test_one_tab_asks_and_tells_the_others(sign_in: OpenPage, office: Office) -> None:
    page = sign_in(office.manager, "/notifications")
    expect(page.get_by_text("没有未读通知")).to_be_visible()
    other = page.context.new_page()
    other.goto("/notifications")
    expect(other.get_by_text("没有未读通知")).to_be_visible()
    in_turn(page)
    # The first one comes back into sight: the other has the turn until it does the same.
    look_again(page)
    in_turn(page)
    asked = requests(other).count(f"GET {UNREAD}")
    office.assign("给两个标签页")
    look_again(other)
    for tab in (page, other):
        count(tab, 1)
        expect(tab.get_by_role("link", name="给两个标签页")).to_be_visible()
    assert requests(other).count(f"GET {UNREAD}") == asked
    quiet(page)
    quiet(other)


def test_a_count_that_stays_is_not_sent_again(sign_in: OpenPage, office: Office) -> None:
    office.assign("不变")
    page = sign_in(office.manager, "/notifications")
    count(page, 1)
    with page.expect_response(lambda response: response.url.endswith(UNREAD)) as asked:
        look_again(page)
    assert asked.value.request.all_headers().get("if-none-match")
    quiet(page)


def test_on_a_phone_the_count_can_be_read_and_each_dot_stands_in_its_row(
    sign_in: OpenPage, office: Office
) -> None:
    office.assign("到货短少 12 箱")
    page = sign_in(office.manager, "/notifications", phone=True)
    number = page.locator(".k-unread")
    expect(number).to_have_text("1")
    badge = number.bounding_box()
    assert badge and badge["height"] >= 16 and badge["width"] >= 16
    row, dot = page.locator(".k-notice").first, page.get_by_role("img", name="未读", exact=True)
    outer, inner = row.bounding_box(), dot.bounding_box()
    assert outer and inner
    assert outer["y"] <= inner["y"] <= outer["y"] + outer["height"]
