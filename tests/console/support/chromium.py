"""The browser of the tests: one that is installed on this machine; none is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing of the browser's own goes to the network; the sandbox does not work as root.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Generous, as the machine may be busy: a page that works is waited for as long as it needs.
PATIENCE_SECONDS = 30

MISSING = (
    "no Chromium was found. On Debian or Ubuntu, as root: apt-get install chromium fonts-noto-cjk;"
    " or name one: KEHU_CHROMIUM=/path/to/chromium"
)


def find() -> str | None:
    """The path of the browser."""
    given = os.environ.get("KEHU_CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


def require() -> str:
    """The path of the browser; without one the test is skipped, or fails in CI."""
    if path := find():
        return path
    skip_or_fail = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    skip_or_fail(MISSING)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """A running browser."""
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
