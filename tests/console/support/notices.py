"""The messages in the corner of the window."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

SAVED = re.compile("保存成功|Saved")


def saved(page: Page, detail: str = "") -> None:
    """Wait until the page says that it saved, and close the message, so that the next one is seen.

    A message that is closed while it appears stays in the page, unseen: antd waits for the end of
    a transition that never begins.  Nobody is as quick as that, but a test is.
    """
    notice = page.locator(".ant-notification-notice").filter(has_text=SAVED)
    expect(notice.last).to_contain_text(detail)
    for each in notice.all():
        expect(each).to_have_css("opacity", "1")
    # By the page, as a message may leave by itself while the mouse is on its way.
    notice.evaluate_all(
        "all => all.forEach((one) => one.querySelector('.ant-notification-notice-close').click())"
    )
    expect(notice).to_have_count(0)
