"""Who is not signed in finds the form for it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.support.looks import axe, no_sideways_overflow
from tests.console.support.notices import saved
from tests.console.support.watch import quiet, watch
from tests.console.support.windows import OpenPage
from tests.support.stack import RunningStack

BUTTONS = {"zh": "登录", "en": "Sign in"}

every_look = pytest.mark.parametrize(
    "look", [{}, {"dark": True}, {"phone": True}], ids=["light", "dark", "phone"]
)
both_languages = pytest.mark.parametrize("language", BUTTONS)


def shows_the_form(page: Page, language: str) -> None:
    expect(page.get_by_role("button", name=BUTTONS[language], exact=True)).to_be_visible()
    expect(page.locator("input[type=password]")).to_be_visible()


@every_look
@both_languages
def test_the_form_is_for_everybody(
    open_page: OpenPage, language: str, look: dict[str, bool]
) -> None:
    page = open_page("/", language=language, **look)
    expect(page).to_have_url(re.compile("/login$"))
    shows_the_form(page, language)
    axe(page)
    no_sideways_overflow(page)
    quiet(page)


def enter(page: Page, login: dict[str, str]) -> None:
    """Fill in the form and send it."""
    page.get_by_label("用户名").fill(login["username"])
    page.get_by_label("密码").fill(login["password"])
    page.keyboard.press("Enter")


def test_a_wrong_password_is_refused_and_the_right_one_leads_on(
    open_page: OpenPage, site: RunningStack
) -> None:
    person = site.person("account_manager", locale="zh")
    assert person.login is not None
    page = open_page("/opportunities?status=won")
    watch(page).allow(401, "/api/v1/auth/session")
    enter(page, person.login | {"password": "not-the-password"})
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("密码").fill(person.login["password"])
    page.keyboard.press("Enter")
    # To the page that was asked for.
    expect(page).to_have_url(re.compile("/opportunities.status=won"))
    expect(page.get_by_role("heading", level=1)).to_have_text("销售机会")
    page.get_by_role("button", name=person.user["display_name"]).click()
    page.get_by_role("menuitem", name="退出登录").click()
    shows_the_form(page, "zh")
    watch(page).allow(401, "*")
    page.go_back()
    shows_the_form(page, "zh")


def test_the_profile_is_saved_right_after_signing_in(
    open_page: OpenPage, site: RunningStack
) -> None:
    person = site.person("account_manager", locale="zh")
    assert person.login is not None
    page = open_page("/me")
    enter(page, person.login)
    page.get_by_label("电话").fill("13800138000")
    page.get_by_role("button", name="保存资料").click()
    saved(page)
    assert person.get("/api/v1/auth/me")["phone"] == "13800138000"
