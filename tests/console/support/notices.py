"""The messages in the corner of the window."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

SAVED = re.compile("保存成功|Saved")


def saved(page: Page, detail: str = "") -> None:
    """Wait until the page says that it saved; what it said is marked, so that the next one is seen.

    Closing a message would not do: antd keeps one that is closed while it still appears.
    """
    notice = page.locator(".ant-notification-notice:not([data-seen])").filter(has_text=SAVED)
    expect(notice.last).to_contain_text(detail)
    notice.evaluate_all("all => all.forEach((one) => one.setAttribute('data-seen', ''))")
