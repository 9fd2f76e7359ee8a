"""Signing in with a browser: the cookie, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gateway.tests.browsers import (
    BEGIN,
    BY_SCRIPT,
    FORM,
    ME,
    PASSWORD,
    SAME_ORIGIN,
    SESSION,
    STRONG,
    WEAK,
    Browser,
    BrowserSessions,
)
from gateway.tests.conftest import World
from gateway.tests.support import INTERNAL_KEY, sends
from kehu_chassis.identity import addresses

THINGS = "/api/v1/alpha/things"
OFFICE = "crm.office.test:8080"
REFUSED = b"HTTP/1.1 401 X\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8080", "127.8.9.1", "localhost", "LocalHost:8080", "a.localhost", "[::1]:80"],
)
def test_the_machine_itself_gets_the_strong_cookie(
    world: World, sessions: BrowserSessions, host: str
) -> None:
    response = Browser(world.gateway, host).sign_in()
    [line] = response.headers.get_all("Set-Cookie") or []
    pair, *attributes = line.split("; ")
    assert pair == f"{STRONG}={next(iter(sessions.live))}"
    assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}


@pytest.mark.parametrize(
    "host", [OFFICE, "10.0.0.7", "localhost.evil.test", "notlocalhost", "[2001:db8::1]:80"]
)
def test_plain_http_elsewhere_gets_the_weak_cookie(
    world: World, sessions: BrowserSessions, host: str
) -> None:
    browser = Browser(world.gateway, host)
    [line] = browser.sign_in().headers.get_all("Set-Cookie") or []
    pair, *attributes = line.split("; ")
    assert pair == f"{WEAK}={next(iter(sessions.live))}"
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert browser.send("GET", THINGS).status == 200
    # A host that could have the strong cookie does not accept the weak one.
    for strong in ("localhost", "127.0.0.1:8080"):
        assert Browser(world.gateway, strong, browser.cookies).send("GET", THINGS).status == 401


def test_a_trusted_proxy_says_that_it_is_https(build: Callable[..., World]) -> None:
    world = build(KEHU_TRUSTED_PROXIES="127.0.0.0/8")
    BrowserSessions(world.auth)
    https = {"X-Forwarded-Proto": "https"}
    browser = Browser(world.gateway, "crm.example.com")
    response = browser.send("POST", SESSION, BY_SCRIPT | https, FORM)
    assert browser.cookies.keys() == {STRONG} and "; Secure" in response.headers["Set-Cookie"]
    assert browser.send("GET", THINGS, SAME_ORIGIN | https).status == 200
    weak = Browser(world.gateway, browser.host, {WEAK: browser.secret})
    assert weak.send("GET", THINGS, SAME_ORIGIN | https).status == 401
    # Without Sec-Fetch-Site the scheme of Origin must be that of the proxy.
    for origin, status in (("https://crm.example.com", 200), ("http://crm.example.com", 403)):
        headers = BY_SCRIPT | https | {"Origin": origin}
        del headers["Sec-Fetch-Site"]
        assert browser.send("POST", THINGS, headers, {}).status == status, origin


def test_an_untrusted_proxy_cannot_say_so(world: World, sessions: BrowserSessions) -> None:
    browser = Browser(world.gateway, OFFICE)
    browser.send("POST", SESSION, BY_SCRIPT | {"X-Forwarded-Proto": "https"}, FORM)
    assert browser.cookies.keys() == {WEAK}


def test_plain_http_is_refused_if_https_is_required(build: Callable[..., World]) -> None:
    world = build(KEHU_REQUIRE_HTTPS="1")
    sessions = BrowserSessions(world.auth)
    office = Browser(world.gateway, OFFICE)
    for language, word in (("en", "https://"), ("zh", "请以 https:// 打开")):
        headers = BY_SCRIPT | {"Accept-Language": language}
        refused = office.send("POST", SESSION, headers, FORM)
        assert (refused.status, refused.code) == (403, "https-required")
        assert word in refused.json["detail"] and refused.headers["Set-Cookie"] is None
    assert sessions.seen == []
    local = Browser(world.gateway)
    assert local.sign_in().status == 200
    planted = Browser(world.gateway, OFFICE, {WEAK: local.secret, STRONG: local.secret})
    assert planted.send("GET", THINGS).status == 401
    assert planted.send("PUT", PASSWORD, BY_SCRIPT, {}).status == 401
    assert planted.sign_out().status == 204 and local.send("GET", THINGS).status == 200
    # Callers with tokens are not concerned.
    assert world.gateway.get(THINGS, world.auth.token("reader"), Host=OFFICE).status == 200


def test_the_response_is_the_person_and_no_secret(world: World, sessions: BrowserSessions) -> None:
    response = Browser(world.gateway).sign_in(otp="123456")
    assert (response.status, response.json) == (200, ME)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    asked = sessions.seen[-1]
    assert json.loads(asked.body) == FORM | {"otp": "123456"}
    assert asked.header("Authorization") == f"Bearer {INTERNAL_KEY}"
    assert asked.header("X-Forwarded-For") == "127.0.0.1"
    assert addresses.is_proven(
        asked.header("X-Forwarded-Proof") or "",
        INTERNAL_KEY,
        "127.0.0.1",
        asked.header("X-Request-Id") or "",
    )
    assert response.headers["X-Request-Id"] == asked.header("X-Request-Id")


def test_a_refused_sign_in_is_passed_on_and_sets_no_cookie(
    world: World, sessions: BrowserSessions
) -> None:
    browser = Browser(world.gateway)
    response = browser.sign_in(password="wrong")
    assert (response.status, response.json["code"]) == (401, "invalid-credentials")
    assert response.headers["Set-Cookie"] is None and browser.cookies == {}
    # Somebody else's wrong password signs nobody out.
    assert browser.sign_in().status == 200
    browser.sign_in(password="wrong")
    assert browser.send("GET", THINGS).status == 200


def test_services_get_a_token_and_no_cookie(world: World, browser: Browser) -> None:
    headers = BY_SCRIPT | {"Idempotency-Key": "k-1"}
    response = browser.send("POST", THINGS, headers, {"a": 1})
    assert response.status == 200
    seen = world.alpha.last()
    assert (seen.header("Authorization") or "").startswith("Bearer ey")
    assert seen.body == b'{"a": 1}' and seen.header("Idempotency-Key") == "k-1"
    assert browser.secret not in repr(seen)
    for name in ("Cookie", "X-Kehu-Secret", "X-Kehu-Console"):
        assert seen.header(name) is None
    assert "Bearer" not in repr(response.headers.items())


def test_a_contract_cannot_ask_for_the_cookie(build: Callable[..., World]) -> None:
    world = build(start=False)
    asking = {"x-permission": "public", "parameters": [{"name": "Cookie", "in": "header"}]}
    world.write("alpha", {"paths": {"/api/v1/alpha/nosy": {"get": asking}}})
    world.gateway.start()
    assert world.gateway.get("/api/v1/alpha/nosy", Cookie="kehu=secret").status == 200
    assert "secret" not in repr(world.alpha.last())


def test_permissions_apply_as_always(world: World, browser: Browser) -> None:
    refused = browser.send("DELETE", f"{THINGS}/1", BY_SCRIPT)
    assert (refused.status, refused.code) == (403, "forbidden")


def test_an_authorization_header_wins(world: World, browser: Browser) -> None:
    token = world.auth.token("reader")
    headers = {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "cross-site"}
    assert browser.send("GET", THINGS, headers).status == 200
    assert world.alpha.last().header("Authorization") == f"Bearer {token}"
    refused = browser.send("GET", THINGS, {"Authorization": "Bearer nonsense"})
    assert (refused.status, refused.code) == (401, "invalid-token")
    assert browser.send("POST", THINGS, headers, {}).status == 403  # a reader may not


def test_public_operations_are_those_of_nobody(world: World, browser: Browser) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.send("POST", "/api/v1/alpha/public", headers, {}).status == 200
        assert world.alpha.last().header("Authorization") is None


def test_a_proxy_that_forwards_by_itself_gets_no_decision_by_cookie(
    world: World, browser: Browser
) -> None:
    headers = {
        "X-Original-Method": "GET",
        "X-Original-URI": THINGS,
        "Cookie": f"{STRONG}={browser.secret}",
        **SAME_ORIGIN,
    }
    probe = world.gateway.probe_port
    assert (
        world.gateway.request("GET", "/internal/verify", headers=headers, port=probe).status == 401
    )


@pytest.mark.parametrize(
    "header",
    [
        "{name}={secret}; {name}={other}",
        "{name}={other}; {name}={secret}",
        "{name}={secret}; {name}={secret}",
        "{name}={secret}; {name}=",
        "{name}={secret}, {name}={other}",
        '{name}="{secret}"',
        "{name}={secret}x",
        "{name}=",
        "{name}",
        "__host-kehu={secret}",
        "={name}={secret}",
        "{weak}={secret}",
        "X{name}={secret}",
        "{name}={secret}%20",
    ],
)
def test_a_cookie_that_may_be_planted_is_none(browser: Browser, header: str) -> None:
    sent = header.format(name=STRONG, weak=WEAK, secret=browser.secret, other="A" * 43)
    response = browser.send("GET", THINGS, SAME_ORIGIN | {"Cookie": sent})
    assert (response.status, response.code) == (401, "unauthenticated")


def test_other_cookies_do_not_matter(browser: Browser) -> None:
    for header in (f"a=1; {STRONG}={browser.secret}", f'{STRONG}={browser.secret};b="x;y"; kehu=z'):
        assert browser.send("GET", THINGS, SAME_ORIGIN | {"Cookie": header}).status == 200


def test_a_cookie_given_beforehand_is_never_adopted(
    world: World, sessions: BrowserSessions
) -> None:
    attacker, planted = Browser(world.gateway), "B" * 43
    attacker.sign_in()
    for given in (attacker.secret, planted):
        victim = Browser(world.gateway, cookies={STRONG: given})
        assert victim.sign_in().status == 200
        assert victim.secret not in (given, attacker.secret)
        assert victim.send("GET", THINGS).status == 200
        # What was planted is worth nothing afterwards.
        assert Browser(world.gateway, cookies={STRONG: given}).send("GET", THINGS).status == 401


def test_each_sign_in_makes_another_session_and_ends_the_one_before(
    sessions: BrowserSessions, browser: Browser
) -> None:
    before = browser.secret
    browser.send("GET", THINGS)
    browser.sign_in()
    assert browser.secret != before and sessions.live.keys() == {browser.secret}


def test_signing_out_ends_the_session_and_removes_the_cookie(
    world: World, sessions: BrowserSessions, browser: Browser
) -> None:
    browser.send("GET", THINGS)
    copied = Browser(world.gateway, cookies=dict(browser.cookies))
    response = browser.sign_out()
    assert (response.status, response.body) == (204, b"")
    assert "Max-Age=0" in response.headers["Set-Cookie"] and browser.cookies == {}
    assert sessions.live == {}
    refused = copied.send("GET", THINGS)
    assert (refused.status, refused.code) == (401, "session-ended")
    # No Set-Cookie: another tab may have signed in again meanwhile.
    assert refused.headers["Set-Cookie"] is None
    for again in (copied, Browser(world.gateway), Browser(world.gateway, cookies={STRONG: "x"})):
        assert again.sign_out().status == 204


def test_signing_out_fails_while_nobody_can_end_the_session(build: Callable[..., World]) -> None:
    world = build()
    BrowserSessions(world.auth)
    browser = Browser(world.gateway)
    browser.sign_in()
    world.auth.scripts[f"{BEGIN}/end"] = sends(
        b"HTTP/1.1 503 X\r\nContent-Type: application/problem+json\r\nRetry-After: 7\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )
    response = browser.sign_out()
    assert (response.status, response.headers["Retry-After"]) == (503, "7")
    assert browser.cookies and browser.send("GET", THINGS).status == 200
    world.auth.stop()
    assert browser.sign_out().status == 503 and browser.cookies


def test_a_new_password_replaces_the_cookie(
    world: World, sessions: BrowserSessions, browser: Browser
) -> None:
    other = Browser(world.gateway)
    other.sign_in()
    before = browser.secret
    for each in (browser, other):
        each.send("GET", THINGS)
    body = {"old_password": "old", "new_password": "new"}
    response = browser.send("PUT", PASSWORD, BY_SCRIPT, body)
    assert (response.status, response.json) == (200, ME)
    assert browser.secret != before and sessions.live.keys() == {browser.secret}
    asked = sessions.seen[-1]
    assert (asked.header("X-Kehu-Secret"), json.loads(asked.body)) == (before, body)
    assert browser.send("GET", THINGS).status == 200
    assert Browser(world.gateway, cookies={STRONG: before}).send("GET", THINGS).status == 401


def test_a_new_password_needs_a_session(world: World, sessions: BrowserSessions) -> None:
    nobody = Browser(world.gateway)
    refused = nobody.send("PUT", PASSWORD, BY_SCRIPT, {})
    assert (refused.status, refused.code) == (401, "unauthenticated")
    bearer = {"Authorization": f"Bearer {world.auth.token('reader')}", **BY_SCRIPT}
    assert nobody.send("PUT", PASSWORD, bearer, {}).status == 401
    assert sessions.seen == []


def test_other_methods_are_refused_and_described(world: World, browser: Browser) -> None:
    for method in ("GET", "HEAD", "PATCH"):
        response = browser.send(method, SESSION, BY_SCRIPT)
        assert (response.status, response.headers["Allow"]) == (405, "DELETE, OPTIONS, POST")
    assert browser.send("OPTIONS", SESSION).headers["Allow"] == "DELETE, OPTIONS, POST"
    document = world.gateway.get("/openapi.json").json
    assert document["paths"][SESSION].keys() == {"post", "delete"}
    assert document["paths"][PASSWORD].keys() == {"put"}
    assert {"cross-site-request", "https-required"} <= document["x-problems"].keys()
