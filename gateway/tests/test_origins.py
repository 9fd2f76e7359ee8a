"""Requests that pages of others cause with the cookie of a signed-in person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.tests.browsers import (
    BEGIN,
    BY_SCRIPT,
    FORM,
    PASSWORD,
    SAME_ORIGIN,
    SESSION,
    Browser,
    BrowserSessions,
)
from gateway.tests.conftest import World
from gateway.tests.support import contract, operation, wait_for
from kehu_gateway.browsers import Browser as Sender

THINGS = "/api/v1/alpha/things"
OFFICE = "crm.office.test:8080"
CODE = "cross-site-request"
JSON = {"X-Kehu-Console": "1", "Content-Type": "application/json"}


@pytest.fixture
def sessions(world: World) -> Iterator[BrowserSessions]:
    yield BrowserSessions(world.auth)
    for path in [path for path in world.auth.scripts if path.startswith(BEGIN)]:
        del world.auth.scripts[path]


@pytest.fixture(params=["127.0.0.1:8080", OFFICE])
def browser(world: World, sessions: BrowserSessions, request: Any) -> Browser:
    """A browser that is signed in, by either cookie."""
    browser = Browser(world.gateway, request.param)
    assert browser.sign_in().status == 200
    return browser


def _origin(browser: Browser) -> str:
    return f"http://{browser.host}"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("site", "allowed"),
    [
        ("same-origin", True),
        ("none", True),
        ("same-site", False),  # another port of this host
        ("cross-site", False),
        ("Same-Origin", False),
        ("same-origin, cross-site", False),
        ("", False),
    ],
)
def test_reading(world: World, browser: Browser, method: str, site: str, allowed: bool) -> None:
    # Neither its own Origin nor the header of scripts makes up for it.
    headers = {"Sec-Fetch-Site": site, "Origin": _origin(browser), **JSON}
    response = browser.send(method, THINGS, headers)
    assert response.status == (200 if allowed else 403)
    if method == "GET" and not allowed:
        assert response.code == CODE
    assert bool(world.alpha.requests) == allowed


@pytest.mark.parametrize("site", ["none", "same-site", "cross-site", "same-origin,none", ""])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", THINGS),
        ("PUT", f"{THINGS}/1"),
        ("DELETE", f"{THINGS}/1"),
        ("POST", SESSION),
        ("DELETE", SESSION),
        ("PUT", PASSWORD),
    ],
)
def test_changing_from_elsewhere(
    world: World, sessions: BrowserSessions, browser: Browser, method: str, path: str, site: str
) -> None:
    seen = len(sessions.seen)
    headers = {"Sec-Fetch-Site": site, "Origin": _origin(browser), **JSON}
    response = browser.send(method, path, headers, FORM)
    assert (response.status, response.code) == (403, CODE)
    assert response.headers["Set-Cookie"] is None
    assert world.alpha.requests == [] and len(sessions.seen) == seen


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://{host}", True),
        ("HTTP://{HOST}", True),
        ("https://{host}", False),
        ("http://{host}.evil.test", False),
        ("http://evil.test", False),
        ("http://{name}", False),
        ("http://{name}:9999", False),
        ("http://x@{host}", False),
        ("http://{host}/", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
def test_changing_without_sec_fetch_site(
    world: World, browser: Browser, origin: str | None, allowed: bool
) -> None:
    """As browsers send it on plain http."""
    headers = dict(JSON)
    if origin is not None:
        host = browser.host
        filled = origin.format(host=host, HOST=host.upper(), name=host.partition(":")[0])
        headers["Origin"] = filled
    assert browser.send("POST", THINGS, headers, {}).status == (200 if allowed else 403)
    assert bool(world.alpha.requests) == allowed
    # Signing in is no exception, with and without a cookie.
    for each in (browser, Browser(world.gateway, browser.host)):
        assert each.send("POST", SESSION, headers, FORM).status == (200 if allowed else 403)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(None, True), ("http://{host}", True), ("http://evil.test", False), ("null", False)],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_without_sec_fetch_site(
    browser: Browser, method: str, origin: str | None, allowed: bool
) -> None:
    headers = {} if origin is None else {"Origin": origin.format(host=browser.host)}
    assert browser.send(method, THINGS, headers).status == (200 if allowed else 403)


@pytest.mark.parametrize(
    ("port", "scheme", "origin", "same"),
    [
        ("", "http", "http://a.test", True),
        (":80", "http", "http://a.test", True),
        ("", "http", "http://a.test:80", True),
        (":443", "https", "https://a.test", True),
        (":80", "https", "https://a.test", False),
        (":8080", "http", "http://a.test:80", False),
        (":8080", "http", "http://a.test:8080", True),
        ("", "https", "http://a.test", False),
    ],
)
def test_default_ports_are_not_part_of_an_origin(
    port: str, scheme: str, origin: str, same: bool
) -> None:
    environ = {"HTTP_HOST": f"a.test{port}", "HTTP_ORIGIN": origin, "SERVER_PROTOCOL": "HTTP/1.1"}
    assert Sender(environ, scheme, require_https=False)._is_same_origin("POST") is same


@pytest.mark.parametrize(
    ("headers", "body", "allowed"),
    [
        (JSON, b"{}", True),
        ({**JSON, "Content-Type": "Application/JSON; charset=utf-8"}, b"{}", True),
        ({"X-Kehu-Console": "1"}, None, True),
        ({"X-Kehu-Console": "1", "Content-Length": "0"}, None, True),
        ({"Content-Type": "application/json"}, b"{}", False),
        ({**JSON, "X-Kehu-Console": "0"}, b"{}", False),
        ({**JSON, "X-Kehu-Console": "1, 1"}, b"{}", False),
        ({"X-Kehu-Console": "1"}, b"{}", False),
        ({**JSON, "Content-Type": "text/plain"}, b"{}", False),
        ({**JSON, "Content-Type": "text/plain; application/json"}, b"{}", False),
        ({**JSON, "Content-Type": "application/x-www-form-urlencoded"}, b"a=1", False),
        ({**JSON, "Content-Type": "multipart/form-data; boundary=x"}, b"--x--", False),
        ({**JSON, "Content-Type": "text/plain"}, None, False),
    ],
)
def test_a_form_cannot_send_what_a_change_needs(
    world: World, browser: Browser, headers: dict[str, str], body: bytes | None, allowed: bool
) -> None:
    response = browser.send("POST", THINGS, SAME_ORIGIN | headers, body)
    assert response.status == (200 if allowed else 403)
    if not allowed:
        assert response.code == CODE and world.alpha.requests == []


def test_a_declared_type_of_upload_is_allowed(build: Callable[..., World]) -> None:
    world = build(start=False)
    upload = operation(
        "thing:write",
        requestBody={"$ref": "#/components/requestBodies/File"},
    )
    document = contract("alpha", {"/api/v1/alpha/files": {"post": upload}})
    document["components"] = {"requestBodies": {"File": {"content": {"Multipart/form-data": {}}}}}
    world.write("alpha", document)
    world.gateway.start()
    BrowserSessions(world.auth)
    browser = Browser(world.gateway)
    browser.sign_in()
    sent = BY_SCRIPT | {"Content-Type": "multipart/form-data; boundary=x"}
    assert browser.send("POST", "/api/v1/alpha/files", sent, b"--x--").status == 200
    assert browser.send("POST", "/api/v1/alpha/things", sent, b"--x--").status == 403
    del sent["X-Kehu-Console"]
    assert browser.send("POST", "/api/v1/alpha/files", sent, b"--x--").status == 403


def test_a_chunked_body_needs_a_type(world: World, browser: Browser) -> None:
    received = world.gateway.raw(
        f"POST {THINGS} HTTP/1.1\r\nHost: {browser.host}\r\nConnection: close\r\n"
        f"Cookie: {next(iter(browser.cookies))}={browser.secret}\r\nX-Kehu-Console: 1\r\n"
        "Sec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        "".encode()
    )
    assert received.startswith(b"HTTP/1.1 403 ")


def test_the_problem_is_in_the_readers_language(browser: Browser) -> None:
    for language, word in (("en", "page of this address"), ("zh", "并非来自")):
        headers = {"Sec-Fetch-Site": "cross-site", "Accept-Language": language}
        assert word in browser.send("GET", THINGS, headers).json["detail"]


def test_attempts_are_recorded_without_a_person(build: Callable[..., World]) -> None:
    world = build()
    BrowserSessions(world.auth)
    browser = Browser(world.gateway)
    browser.sign_in()
    browser.send("POST", THINGS, {"Sec-Fetch-Site": "cross-site"}, {})
    browser.send("DELETE", SESSION, {"Sec-Fetch-Site": "cross-site"})

    def found() -> dict[str, Any]:
        return {each["operation"]: each for each in world.auth.refusals}

    wait_for(lambda: found().keys() == {"alpha.create", "end_session"}, "both")
    for entry in found().values():
        assert (entry["code"], entry["caller_id"]) == (CODE, None)
    assert browser.secret not in str(world.auth.refusals)


def test_pages_of_other_origins_get_no_permission_to_read(world: World, browser: Browser) -> None:
    """No CORS with credentials: not for the API, not for signing in."""
    for path in (THINGS, SESSION):
        for method, status in (("OPTIONS", 204), ("GET", None)):
            headers = {
                "Origin": "https://evil.test",
                "Sec-Fetch-Site": "cross-site",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "x-kehu-console",
            }
            response = browser.send(method, path, headers)
            assert status in (None, response.status)
            named = [name for name in response.headers if name.lower().startswith("access-control")]
            assert named == []


def test_signed_in_people_open_the_pages_from_anywhere(world: World, browser: Browser) -> None:
    for path in ("/", "/docs", "/openapi.json"):
        for site in ("same-site", "cross-site"):
            assert browser.send("GET", path, {"Sec-Fetch-Site": site}).status == 200
