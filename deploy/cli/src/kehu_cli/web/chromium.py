"""The browser that drives the web console: one that is installed; none is downloaded.

Playwright belongs to the tools of the tests: only they and `kehu pictures` import this.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing of the browser's own goes to the network; the sandbox does not work as root.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

MISSING = (
    "no Chromium was found. On Debian or Ubuntu, as root: apt-get install chromium fonts-noto-cjk;"
    " or name one: KEHU_CHROMIUM=/path/to/chromium"
)
LOCALES = {"zh": "zh-CN", "en": "en-US"}


def find() -> str | None:
    """Return the path of the browser."""
    given = os.environ.get("KEHU_CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """Run the browser, which has been found, with further flags."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()
