"""Windows of the browser: languages, sizes, looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from kehu_cli.web import chromium
from tests.console.support.chromium import PATIENCE_SECONDS

# Opens a page; the options are those of the fixture.
OpenPage = Callable[..., Page]

DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}

# Each language, size and brightness, in the fewest windows.
LOOKS: list[dict[str, Any]] = [
    {"language": "zh"},
    {"language": "en", "dark": True},
    {"language": "zh", "phone": True},
    {"language": "en", "phone": True, "dark": True},
]


def new_context(
    browser: Browser, *, language: str = "zh", phone: bool = False, dark: bool = False, **more: Any
) -> BrowserContext:
    """A window with cookies of its own; further options are those of Playwright."""
    options = (PHONE if phone else DESKTOP) | {
        "locale": chromium.LOCALES[language],
        "timezone_id": "Asia/Shanghai",
        "color_scheme": "dark" if dark else "light",
    }
    context = browser.new_context(**(options | more))
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    return context
