"""A browser, and pages of the web console that people of any role have opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from kehu_cli.catalogue import ROOT
from kehu_cli.web import build
from kehu_cli.web.node import Npm, provide
from tests.console.support import chromium
from tests.console.support.watch import dismiss, watch
from tests.console.support.windows import OpenPage, new_context
from tests.support.stack import RunningStack, Session, eventually

_browser = ExitStack()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close the browser after its last test: its event loop would disturb tests with one."""
    if nextitem is None or not nextitem.path.is_relative_to(ROOT / "tests" / "console"):
        _browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running browser."""
    with _browser:
        yield _browser.enter_context(chromium.launched())


@pytest.fixture(scope="session")
def npm() -> Npm:
    """Node, with all packages of the web console; axe is one."""
    with build.locked():
        return provide(tests=True)


@pytest.fixture(scope="session")
def site(npm: Npm, stack: RunningStack) -> RunningStack:
    """The system, whose gateway serves the web console of these sources."""
    with build.locked():
        build.build(npm)
    eventually(
        lambda: b'<div id="root"' in stack.nobody.request("GET", "/").data,
        what="the gateway serves the web console",
    )
    return stack


@pytest.fixture
def open_window(browser: Browser) -> Iterator[OpenPage]:
    """Opens an empty window with cookies of its own; at the end all pages must have been quiet."""
    contexts: list[BrowserContext] = []
    pages: list[Page] = []

    def open_it(**options: Any) -> Page:
        context = new_context(browser, **options)
        contexts.append(context)
        # Also pages that a page opens.
        context.on("page", lambda page: pages.append(watch(page).page))
        return context.new_page()

    yield open_it
    faults = [fault for page in pages for fault in dismiss(page)]
    for context in contexts:
        context.close()
    assert not faults, "not all pages were quiet:\n" + "\n".join(faults)


@pytest.fixture
def open_page(open_window: OpenPage, site: RunningStack) -> OpenPage:
    """Opens a path of the console for somebody who is not signed in."""

    def open_it(path: str = "/", **options: Any) -> Page:
        page = open_window(base_url=site.gateway_url, **options)
        # Who has no session is told so.
        watch(page).allow(401, "/api/v1/auth/me")
        page.goto(path)
        return page

    return open_it


@pytest.fixture
def sign_in(open_window: OpenPage, site: RunningStack) -> OpenPage:
    """Opens a path for a new person with this role, or for a person of the test.

    It is in Chinese, unless ``language="en"``; ``phone=True`` and ``dark=True`` choose the look.
    """

    def open_it(
        who: str | Session, path: str = "/", *, language: str = "zh", **options: Any
    ) -> Page:
        person = who if isinstance(who, Session) else site.person(who, locale=language)
        page = open_window(base_url=site.gateway_url, language=language, **options)
        # As the console does; the cookie is that of the window.
        headers = {"Origin": site.gateway_url, "X-Kehu-Console": "1"}
        begun = page.request.post("/api/v1/auth/session", data=person.login, headers=headers)
        assert begun.status == 200, begun.text()
        page.goto(path)
        return page

    return open_it
