"""Who is not signed in finds the form for it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.console.support.looks import axe, no_sideways_overflow
from tests.console.support.watch import quiet
from tests.console.support.windows import OpenPage

BUTTONS = {"zh": "登录", "en": "Sign in"}


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"phone": True}], ids=str)
@pytest.mark.parametrize("language", BUTTONS)
def test_the_first_page_leads_to_the_form(
    open_page: OpenPage, language: str, look: dict[str, bool]
) -> None:
    page = open_page("/", language=language, **look)
    expect(page.get_by_role("button", name=BUTTONS[language], exact=True)).to_be_visible()
    expect(page.locator("input[type=password]")).to_be_visible()
    axe(page)
    no_sideways_overflow(page)
    quiet(page)
