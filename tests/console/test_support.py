"""The checks of pages, on made-up pages: each finds what it is for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from kehu_cli.ports import LOOPBACK
from kehu_cli.web.node import Npm
from tests.console.support import chromium
from tests.console.support.looks import axe, no_sideways_overflow
from tests.console.support.watch import dismiss, quiet, requests, watch
from tests.console.support.windows import new_context

Show = Callable[[str], Page]
POLICY = "default-src 'self'; style-src 'self'; img-src 'self' data:"
HEAD = '<!doctype html><html lang="zh"><title>t</title><link rel="icon" href="data:,">'
STYLE = "<style>p { color: red }</style>"
PAGES = {
    "/fine": HEAD + "<main><h1>好</h1><p>字</p></main>",
    "/grey": HEAD + "<main><h1 style='color:#ccc'>字太浅</h1><input></main>",
    "/wide": HEAD + "<main><h1>好</h1><div style='width:3000px'>宽</div></main>",
    "/script": HEAD + "<script src='/throws.js'></script>",
    "/throws.js": "console.error('said'); setTimeout(() => { throw new Error('thrown') })",
    "/one-style": HEAD + STYLE,
    "/missing": HEAD + "<img src='/no.png' alt=''>",
}


class Pages(BaseHTTPRequestHandler):
    """Serves PAGES; those about styles with a policy that refuses them."""

    def do_GET(self) -> None:
        found = PAGES.get(self.path)
        self.send_response(200 if found else 404)
        kind = "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8"
        self.send_header("Content-Type", kind)
        if "style" in self.path:
            self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write((found or "").encode())

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the pages."""
    with ThreadingHTTPServer((LOOPBACK, 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()


@pytest.fixture
def show(browser: Browser, address: str) -> Iterator[Show]:
    """Opens one of the pages."""
    with new_context(browser, base_url=address) as context:
        page = context.new_page()
        watch(page)

        def goto(path: str) -> Page:
            page.goto(path, wait_until="networkidle")
            return page

        yield goto
        dismiss(page)


def test_a_good_page_passes(show: Show, npm: Npm) -> None:
    page = show("/fine")
    axe(page)
    no_sideways_overflow(page)
    quiet(page)
    assert requests(page) == ["GET /fine"]


def test_contrast_and_missing_labels_are_found(show: Show, npm: Npm) -> None:
    with pytest.raises(AssertionError, match=r"(?s)color-contrast .*label ") as found:
        axe(show("/grey"))
    assert "<input>" in str(found.value)


def test_what_is_too_wide_is_found(show: Show) -> None:
    with pytest.raises(AssertionError, match=r"width:3000px"):
        no_sideways_overflow(show("/wide"))


def test_errors_of_scripts_are_found(show: Show) -> None:
    with pytest.raises(AssertionError, match=r"(?s)console: said.*uncaught: thrown"):
        quiet(show("/script"))


def test_refused_styles_are_found(show: Show) -> None:
    with pytest.raises(AssertionError, match="Content Security Policy"):
        quiet(show("/one-style"))


def test_failed_answers_are_found_unless_expected(show: Show) -> None:
    page = show("/missing")
    with pytest.raises(AssertionError, match=r"/no\.png: 404"):
        quiet(page)
    watch(page).allow(404, "/no.png")
    quiet(page)


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
def test_without_a_browser_tests_are_skipped_but_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    monkeypatch.delenv("KEHU_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(BaseException, match="apt-get install chromium") as ended:
        chromium.require()
    assert type(ended.value).__name__ == outcome
