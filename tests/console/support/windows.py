"""Windows of the browser: languages, sizes, looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.console.support.chromium import PATIENCE_SECONDS

# Opens a page; the options are those of the fixture.
OpenPage = Callable[..., Page]

LOCALES = {"zh": "zh-CN", "en": "en-US"}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


def new_context(
    browser: Browser, *, language: str = "zh", phone: bool = False, dark: bool = False, **more: Any
) -> BrowserContext:
    """A window with cookies of its own; further options are those of Playwright."""
    options = (PHONE if phone else DESKTOP) | {
        "locale": LOCALES[language],
        "timezone_id": "Asia/Shanghai",
        "color_scheme": "dark" if dark else "light",
    }
    context = browser.new_context(**(options | more))
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    return context
