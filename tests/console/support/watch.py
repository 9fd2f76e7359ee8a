"""What goes wrong in a page without showing: errors, refusals of its policy, failed requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

# Chromium says so of each failed response; those are watched themselves.
FAILED_RESPONSE = "Failed to load resource"
# A page that is left ends what it still loads. The browser also ends it when the machine's
# network changes, as it does while containers start beside; the page asks again.
NOT_THE_PAGE = {"net::ERR_ABORTED", "net::ERR_NETWORK_CHANGED"}


@dataclass
class Watch:
    """Collects the faults of a page and its requests, from the first on."""

    page: Page
    requests: list[str] = field(default_factory=list)
    # Those of the API, with their queries: what is asked twice is seen.
    asked: list[str] = field(default_factory=list)
    _faults: list[str] = field(default_factory=list)
    _allowed: set[tuple[int, str]] = field(default_factory=set)
    _forgiven: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._faults.append(f"uncaught: {error}"))
        self.page.on("request", self._requested)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def allow(self, status: int, path: str) -> None:
        """Expect this answer, such as 401 of /api/v1/auth/me for somebody who is not signed in.

        ``*`` is any path.
        """
        self._allowed.add((status, path))

    def forgive(self, part: str) -> None:
        """Expect faults with this part, such as a connection that the test itself cut."""
        self._forgiven.append(part)

    def faults(self) -> list[str]:
        """What has gone wrong so far."""
        return [fault for fault in self._faults if not self._is_expected(fault)]

    def check(self) -> None:
        """Fail if anything has gone wrong so far."""
        found = self.faults()
        assert not found, f"{self.page.url} is not quiet:\n" + "\n".join(found)

    def _is_expected(self, fault: str) -> bool:
        if any(part in fault for part in self._forgiven):
            return True
        return any(
            fault == _answer(status, path) or (path == "*" and fault.endswith(f": {status}"))
            for status, path in self._allowed
        )

    def _said(self, message: ConsoleMessage) -> None:
        if message.type != "error" or message.text.startswith(FAILED_RESPONSE):
            return
        self._faults.append(f"console: {message.text}")

    def _requested(self, request: Request) -> None:
        self.requests.append(_named(request))
        if (address := urlsplit(request.url)).path.startswith("/api/"):
            self.asked.append(f"{_named(request)}?{address.query}")

    def _failed(self, request: Request) -> None:
        if request.failure not in NOT_THE_PAGE:
            self._faults.append(f"{_named(request)}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._faults.append(_answer(response.status, urlsplit(response.url).path))


_watches: dict[Page, Watch] = {}


def watch(page: Page) -> Watch:
    """The watch over a page, which begins with the first call."""
    if page not in _watches:
        _watches[page] = Watch(page)
    return _watches[page]


def dismiss(page: Page) -> list[str]:
    """End the watch over a page; returns its faults."""
    return _watches.pop(page).faults()


def quiet(page: Page) -> None:
    """Fail if there was any error, refusal or failed request in the page, from the first one on."""
    watch(page).check()


def requests(page: Page) -> list[str]:
    """The requests of the page so far, as `GET /path?query`."""
    return watch(page).requests


def _named(request: Request) -> str:
    parts = urlsplit(request.url)
    return f"{request.method} {parts.path}{parts.query and '?' + parts.query}"


def _answer(status: int, path: str) -> str:
    return f"{path}: {status}"
