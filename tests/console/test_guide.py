"""The user guide in the console: for everybody, in both languages, one's own role first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.console.support.looks import axe, no_sideways_overflow
from tests.console.support.windows import LOOKS, OpenPage

TITLES = {"zh": "使用手册", "en": "User guide"}


def shows_pictures(page: Page) -> None:
    """Each picture of the page is there."""
    for picture in page.locator(".k-guide img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("(one) => one.naturalWidth") > 0


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look.values())))
def test_every_page_is_for_everybody(sign_in: OpenPage, look: dict[str, object]) -> None:
    page = sign_in("account_manager", "/guide", **look)
    parts = page.get_by_role("heading", level=2).get_by_role("link")
    expect(parts).to_have_count(7)
    for path in [part.get_attribute("href") for part in parts.all()]:
        assert path
        page.goto(path)
        expect(page.locator(".k-guide h2").first).to_be_visible()
        expect(page.locator(".k-guide")).not_to_contain_text("**")
        shows_pictures(page)
        axe(page)
        no_sideways_overflow(page)


@pytest.mark.parametrize("language", TITLES)
def test_the_menu_of_the_person_leads_to_the_page_of_their_role(
    sign_in: OpenPage, language: str
) -> None:
    page = sign_in("service_agent", "/", language=language)
    page.get_by_role("button", name="User").click()
    page.get_by_role("menuitem", name=TITLES[language]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[language])
    first = page.get_by_role("heading", level=2).first
    expect(first).to_have_text({"zh": "客服", "en": "Service agent"}[language])
    first.get_by_role("link").click()
    expect(page.locator(".k-guide img").first).to_be_visible()


def test_a_link_between_pages_leads_to_the_task(sign_in: OpenPage) -> None:
    page = sign_in("account_manager", "/guide/sales-director")
    page.evaluate("window.stays = true")
    page.locator(".k-guide").get_by_role("link", name="客户经理").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("客户经理")
    expect(page.get_by_role("heading", name="处理流失预警")).to_be_in_viewport()
    assert page.evaluate("window.stays"), "the page was loaded anew"


def test_a_page_that_does_not_exist_is_reported_as_missing(sign_in: OpenPage) -> None:
    page = sign_in("account_manager", "/guide/nothing")
    expect(page.get_by_role("heading", name="页面不存在")).to_be_visible()
