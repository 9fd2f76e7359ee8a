"""Services that are slow, that stop while something is saved, or that are gone for a while."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.support.notices import saved
from tests.console.support.processes import back, down, kill, paused
from tests.console.support.slowness import held, wait_long
from tests.console.support.team import OPPORTUNITIES, Team, new_team
from tests.console.support.watch import requests, watch
from tests.console.support.windows import OpenPage
from tests.support.stack import RunningStack

LATE = "服务器响应较慢"
ME = "/api/v1/auth/me"


@pytest.fixture
def team(site: RunningStack) -> Team:
    """A director and an account manager."""
    return new_team(site)


def filled_form(page: Page, name: str) -> Locator:
    """The form of a new opportunity, ready to be saved."""
    form = page.get_by_role("dialog")
    form.get_by_label("客户名称").fill(name)
    form.get_by_label("概要").fill("年度采购")
    form.get_by_label("机会描述").fill("两条线。")
    return form


def late_notice(page: Page) -> Locator:
    """What says that an answer is late."""
    return page.locator(".ant-notification-notice").filter(has_text=LATE)


def test_a_slow_list_leaves_the_page_usable(sign_in: OpenPage, team: Team) -> None:
    team.opportunity("青岚纺织有限公司")
    page = sign_in(team.manager, "/")
    page.clock.install()
    page.goto("/customers")
    expect(page.get_by_role("heading", level=1)).to_have_text("客户")
    menu = page.get_by_role("navigation", name="菜单")
    with held(page, f"**{OPPORTUNITIES}?*") as waiting:
        menu.get_by_role("link", name="销售机会").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("销售机会")
        expect(page.locator(".ant-skeleton")).to_be_visible()
        expect(late_notice(page)).to_have_count(0)
        wait_long(page)
        expect(late_notice(page)).to_be_visible()
        # Meanwhile something is typed in a form, and no answer is asked for a second time.
        page.get_by_role("button", name="新建销售机会").click()
        filled_form(page, "另一家公司")
        assert len(waiting) == 1
    expect(page.get_by_role("row").filter(has_text="青岚纺织有限公司")).to_be_visible()
    expect(late_notice(page)).to_have_count(0)
    expect(page.get_by_role("dialog").get_by_label("客户名称")).to_have_value("另一家公司")


def test_a_slow_save_is_sent_once(sign_in: OpenPage, team: Team) -> None:
    page = sign_in(team.manager, "/")
    page.clock.install()
    page.goto("/opportunities?form=create_opportunity")
    form = filled_form(page, "双桥印务有限公司")
    save = form.get_by_role("button", name="保存", exact=True)
    with held(page, f"**{OPPORTUNITIES}", "POST") as waiting:
        # Two clicks at once, before the page can show anything after the first.
        save.evaluate("button => { button.click(); button.click(); }")
        expect(page.locator(".ant-btn-loading").filter(has_text="保存")).to_be_visible()
        form.get_by_label("客户名称").press("Control+Enter")
        wait_long(page)
        expect(late_notice(page)).to_be_visible()
        assert len(waiting) == 1
    saved(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("双桥印务有限公司")
    sent = [line for line in requests(page) if line == f"POST {OPPORTUNITIES}"]
    assert len(sent) == 1
    assert team.manager.get(f"{OPPORTUNITIES}?q=双桥印务有限公司")["total"] == 1


def test_a_service_that_stops_while_saving_saves_once(
    sign_in: OpenPage, site: RunningStack, team: Team
) -> None:
    page = sign_in(team.manager, "/opportunities?form=create_opportunity")
    form = filled_form(page, "临江玻璃有限公司")
    for status in (502, 503, 504):
        watch(page).allow(status, "*")
    with paused(site, "marketing-api") as family:
        with page.expect_request(f"**{OPPORTUNITIES}"):
            form.get_by_role("button", name="保存", exact=True).click()
        kill(family)
    # The gateway has sent it once more by itself, but nobody listens yet.
    expect(form.get_by_role("alert")).to_be_visible()
    # What was typed is still there.
    expect(form.get_by_label("客户名称")).to_have_value("临江玻璃有限公司")
    back(team.manager, OPPORTUNITIES)
    form.get_by_role("button", name="再试一次").click()
    saved(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("临江玻璃有限公司")
    assert team.manager.get(f"{OPPORTUNITIES}?q=临江玻璃有限公司")["total"] == 1


def test_nobody_is_thrown_out_while_auth_is_down(
    sign_in: OpenPage, site: RunningStack, team: Team
) -> None:
    row = team.opportunity("松间乐器有限公司", assigned=True)
    page = sign_in(team.manager, f"/opportunities/{row['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("松间乐器有限公司")
    for status in (502, 503, 504):
        watch(page).allow(status, "*")
    # The page that cannot be shown is an error in the browser's console.
    watch(page).forgive("认证服务暂时不可用")
    with down(site, "auth-api", team.manager, ME):
        # The gateway keeps the token, so the other services go on.
        page.get_by_role("button", name="更新进展").click()
        page.get_by_role("dialog").get_by_label("联系人", exact=True).fill("周弦")
        page.get_by_role("dialog").get_by_role("button", name="保存", exact=True).click()
        saved(page)
        # A page that is opened anew needs auth: it says so, and asks for no password.
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("服务暂时不可用")
        expect(page).to_have_url(re.compile(f"/opportunities/{row['id']}"))
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("松间乐器有限公司")
    assert team.read(row)["contact_name"] == "周弦"
