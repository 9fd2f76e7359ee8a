"""Several tabs of one browser: what one does is seen in the others."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.support.notices import saved
from tests.console.support.watch import watch
from tests.console.support.windows import OpenPage
from tests.support.stack import RunningStack, Session


@pytest.fixture
def tabs(sign_in: OpenPage, manager: Session) -> tuple[Page, Page]:
    """Two tabs of an account manager: the profile, and opportunities."""
    first = sign_in(manager, "/me")
    second = first.context.new_page()
    second.goto("/opportunities")
    expect(second.get_by_role("heading", level=1)).to_have_text("销售机会")
    return first, second


@pytest.fixture
def manager(site: RunningStack) -> Session:
    """An account manager."""
    return site.person("account_manager", locale="zh")


def person_menu(page: Page, manager: Session, *path: str) -> None:
    """Choose an entry of the person's menu; by keyboard, as the way of a mouse opens others."""
    page.get_by_role("button", name=manager.user["display_name"]).click()
    for name in path:
        page.get_by_role("menuitem", name=name).press("Enter")


def test_a_language_chosen_in_the_menu(tabs: tuple[Page, Page], manager: Session) -> None:
    first, second = tabs
    person_menu(first, manager, "语言", "English")
    for page in tabs:
        expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(second.get_by_role("heading", level=1)).to_have_text("Opportunities")


def test_a_language_chosen_in_the_profile(tabs: tuple[Page, Page]) -> None:
    first, second = tabs
    first.get_by_label("语言").click()
    first.locator(".ant-select-item-option").filter(has_text="英文").click()
    first.get_by_role("button", name="保存资料").click()
    saved(first)
    expect(second.get_by_role("heading", level=1)).to_have_text("Opportunities")


def test_signing_out_leaves_no_tab_open(tabs: tuple[Page, Page], manager: Session) -> None:
    for page in tabs:
        watch(page).allow(401, "*")
    person_menu(tabs[1], manager, "退出登录")
    for page in tabs:
        expect(page).to_have_url(re.compile("/login$"))
        expect(page.get_by_label("密码")).to_be_visible()
