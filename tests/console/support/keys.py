"""What somebody does who has a keyboard and no mouse."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.stack import eventually

# More presses than this from one place of a page to another are no way for a person.
MOST = 25

# The role and the name of an element, as screen readers say them: `- button "Save" [active]`.
SAID = re.compile(r'- (?P<role>[\w-]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?')


def focused(page: Page) -> tuple[str, str]:
    """Role and name of what has the focus, once it stays there for the time of a look."""
    said = eventually(lambda: _said(page), what="something has the focus")
    return said["role"], said["name"] or ""


def _said(page: Page) -> re.Match[str] | None:
    found = page.locator("body :focus")
    return SAID.match(found.aria_snapshot()) if found.count() else None


def sensible(page: Page) -> None:
    """Fail if the focus lies on something without a name, from which nobody can go on."""
    assert focused(page)[1], page.locator(":focus").evaluate("element => element.outerHTML")


def somewhere(page: Page) -> None:
    """Wait until something has the focus; with none, the next key goes nowhere."""
    expect(page.locator("body :focus")).to_have_count(1)


def press(page: Page, *keys: str) -> None:
    """Press keys, one after the other; the focus must not be lost by any of them."""
    for key in keys:
        page.keyboard.press(key)
        somewhere(page)


def tab_to(
    page: Page,
    name: str | re.Pattern[str],
    role: str | None = None,
    *,
    most: int = MOST,
    back: bool = False,
) -> None:
    """Press Tab until what has this name, and the role if one is given, has the focus."""
    passed = [focused(page)]
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        # After the last element of a page comes the browser itself.
        if page.locator("body :focus").count() == 0:
            break
        passed.append(focused(page))
        if _is(passed[-1], name, role):
            return
    raise AssertionError(f"{name} was not reached by Tab: {passed}")


def _is(found: tuple[str, str], name: str | re.Pattern[str], role: str | None) -> bool:
    wanted = name if isinstance(name, re.Pattern) else re.compile(re.escape(name))
    return bool(wanted.fullmatch(found[1])) and role in (None, found[0])


def write(page: Page, label: str, words: str, *, most: int = MOST) -> None:
    """Go to the field with this label and type."""
    if focused(page)[1] != label:
        tab_to(page, label, most=most)
    page.keyboard.type(words)


def choose(page: Page, label: str, words: str) -> None:
    """Go to a list with this label, and choose the option that these words find."""
    if focused(page)[1] != label:
        tab_to(page, label)
    page.keyboard.type(words)
    active = page.locator(".ant-select-item-option-active:visible").filter(has_text=words)
    expect(active).to_have_count(1)
    press(page, "Enter")


def act(
    page: Page, name: str, role: str = "button", *, most: int = MOST, back: bool = False
) -> None:
    """Go to a button, a link or the like, and press Enter."""
    if not _is(focused(page), name, role):
        tab_to(page, name, role, most=most, back=back)
    press(page, "Enter")


def opened(page: Page, field: str) -> None:
    """Wait for a dialog or a form; its first field has the focus."""
    expect(page.get_by_label(field).last).to_be_focused()


def pick(page: Page, menu: str, entry: str) -> None:
    """Open a menu by its button and choose an entry; the first one has the focus."""
    act(page, menu)
    expect(page.get_by_role("menuitem").and_(page.locator(":focus"))).to_have_count(1)
    for _ in range(MOST):
        if focused(page) == ("menuitem", entry):
            press(page, "Enter")
            return
        press(page, "ArrowDown")
    raise AssertionError(f"{menu} has no {entry}")


def palette(page: Page, words: str) -> None:
    """Open what the search box finds first for some words, from wherever one is."""
    press(page, "Control+k")
    expect(page.get_by_role("combobox", name="Search or go to")).to_be_focused()
    page.keyboard.type(words)
    press(page, "Enter")


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign in; the form has the focus."""
    write(page, "User name", username)
    write(page, "Password", password)
    press(page, "Enter")


def arrived(page: Page, title: str) -> None:
    """Wait for a page; its heading has the focus, so that one hears where one is."""
    expect(page.get_by_role("heading", level=1, name=title)).to_be_focused()
