"""The browser of the tests, and how long they wait for a page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from kehu_cli.web import chromium

# A name that is found here; plain http to it is not secure, as that to 127.0.0.1 is.
OFFICE = "kehu.test"
# Generous, as the machine may be busy: a page that works is waited for as long as it needs.
PATIENCE_SECONDS = 30


def require() -> None:
    """Without a browser the test is skipped, or fails in CI."""
    if chromium.find():
        return
    skip_or_fail = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    skip_or_fail(chromium.MISSING)


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser."""
    require()
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with chromium.launched(f"--host-resolver-rules=MAP {OFFICE} 127.0.0.1") as browser:
        yield browser
