"""What the page says for a moment, or to screen readers."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

SAVED = re.compile("保存成功|Saved")


def saved(page: Page, detail: str = "") -> None:
    """Wait until the page says that it saved; what it said is marked, so that the next one is seen.

    It is read where screen readers find it: the message in the corner leaves after a while.
    """
    said = page.locator(".k-announced:not([data-seen])").filter(has_text=SAVED)
    expect(said).to_contain_text(detail)
    said.evaluate_all("all => all.forEach((one) => one.setAttribute('data-seen', ''))")
