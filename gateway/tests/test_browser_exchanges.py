"""Exchanging a browser's cookie for a token: once for all tabs, and again when it must be."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.tests.browsers import (
    BEGIN,
    BY_SCRIPT,
    FORM,
    SESSION,
    STRONG,
    Browser,
    BrowserSessions,
    exchanges_held,
)
from gateway.tests.conftest import World
from gateway.tests.support import GatewayProcess, sends, wait_for

THINGS = "/api/v1/alpha/things"
OFFICE = "crm.office.test:8080"
REFUSED = b"HTTP/1.1 401 X\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}"


def test_tabs_at_once_cost_one_exchange(
    world: World, sessions: BrowserSessions, browser: Browser
) -> None:
    with ThreadPoolExecutor(20) as pool:
        with exchanges_held(sessions):
            responses = [pool.submit(browser.send, "GET", THINGS) for _ in range(20)]
            assert sessions.waiting.acquire(timeout=10)
        assert [each.result().status for each in responses] == [200] * 20
    assert sessions.exchanged == [browser.secret]


def test_every_waiting_tab_learns_that_the_session_has_ended(
    world: World, sessions: BrowserSessions, browser: Browser
) -> None:
    sessions.live.clear()
    with ThreadPoolExecutor(8) as pool:
        with exchanges_held(sessions):
            responses = [pool.submit(browser.send, "GET", THINGS) for _ in range(8)]
            assert sessions.waiting.acquire(timeout=10)
        assert {each.result().code for each in responses} == {"session-ended"}


def test_sessions_do_not_share_an_exchange(world: World, sessions: BrowserSessions) -> None:
    browsers = [Browser(world.gateway) for _ in range(4)]
    for each in browsers:
        each.sign_in()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.send("GET", THINGS), browsers))
    tokens = {request.header("Authorization") for request in world.alpha.requests}
    assert len(tokens) == 4 and len(set(sessions.exchanged)) == 4


def test_short_tokens_sign_nobody_out(build: Callable[..., World]) -> None:
    world = build()
    sessions = BrowserSessions(world.auth, seconds=30)  # each is exchanged at once
    browser = Browser(world.gateway)
    browser.sign_in()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: browser.send("GET", THINGS).status, range(80)))
    assert statuses == [200] * 80 and 1 < len(sessions.exchanged) <= 80


def test_two_gateways_serve_one_cookie(build: Callable[..., World]) -> None:
    world = build()
    sessions = BrowserSessions(world.auth)
    other = GatewayProcess(world.contracts, world.gateway.services)
    other.start()
    try:
        here = Browser(world.gateway)
        here.sign_in()
        there = Browser(other, cookies=here.cookies)
        with ThreadPoolExecutor(8) as pool:
            work = [pool.submit(each.send, "GET", THINGS) for each in (here, there) * 8]
        assert {each.result().status for each in work} == {200}
        assert sessions.exchanged == [here.secret] * 2
        there.sign_out()
        sessions.live.clear()
        assert (
            Browser(other, cookies={STRONG: sessions.exchanged[0]}).send("GET", THINGS).status
            == 401
        )
    finally:
        other.stop()


def test_a_restart_costs_one_exchange(build: Callable[..., World]) -> None:
    world = build()
    sessions = BrowserSessions(world.auth)
    browser = Browser(world.gateway)
    browser.sign_in()
    browser.send("GET", THINGS)
    world.gateway.stop()
    world.gateway.start()
    assert browser.send("GET", THINGS).status == 200
    assert sessions.exchanged == [browser.secret] * 2


def test_while_auth_is_down_what_is_kept_lasts(build: Callable[..., World]) -> None:
    world = build()
    sessions = BrowserSessions(world.auth)
    known, unknown = Browser(world.gateway), Browser(world.gateway)
    for each in (known, unknown):
        each.sign_in()
    known.send("GET", THINGS)
    world.auth.stop()
    for _ in range(3):
        assert known.send("GET", THINGS).status == 200
        refused = unknown.send("GET", THINGS)
        assert (refused.status, refused.code) == (503, "dependency-down")
        assert int(refused.headers["Retry-After"]) > 0 and unknown.cookies
    refused = Browser(world.gateway).sign_in()
    assert (refused.status, refused.code) == (503, "dependency-down")
    world.auth.start_again()
    wait_for(lambda: unknown.send("GET", THINGS).status == 200, "auth")
    assert sessions.exchanged.count(known.secret) == 1


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_an_exchange_that_fails_signs_nobody_out(
    sessions: BrowserSessions, browser: Browser, status: int
) -> None:
    sessions.status = status
    refused = browser.send("GET", THINGS)
    assert (refused.status, refused.code) == (503, "dependency-down")
    assert refused.headers["Retry-After"]
    sessions.status = 0
    assert browser.send("GET", THINGS).status == 200


def test_a_lost_exchange_is_repeated_and_a_lost_sign_in_is_not(
    world: World, sessions: BrowserSessions, browser: Browser
) -> None:
    serve = world.auth.scripts[f"{BEGIN}/exchange"]
    lost: list[str] = []

    def lose_the_first(upstream: object, sock: object, request: object) -> bool:
        if lost:
            return serve(upstream, sock, request)  # type: ignore[arg-type]
        lost.append("once")
        return False

    world.auth.scripts[f"{BEGIN}/exchange"] = lose_the_first
    assert browser.send("GET", THINGS).status == 200 and lost
    world.auth.scripts[BEGIN] = lambda upstream, sock, request: False
    refused = Browser(world.gateway).sign_in()
    assert (refused.status, refused.code) == (502, "upstream-lost")


def test_an_auth_that_hangs_holds_up_nobody_else(build: Callable[..., World]) -> None:
    world = build(KEHU_THREADS="8", KEHU_UPSTREAM_SECONDS="20")
    sessions = BrowserSessions(world.auth)
    browser = Browser(world.gateway)
    browser.sign_in()
    sessions.hang()
    with ThreadPoolExecutor(8) as pool:
        stuck = [pool.submit(browser.send, "GET", THINGS) for _ in range(6)]
        assert world.auth.waiting.acquire(timeout=10)
        assert world.gateway.get("/api/v1/beta/public").status == 200
        # Those that wait for another's exchange give up; the exchange itself ends with auth.
        wait_for(lambda: sum(each.done() for each in stuck) >= 5, "the waiting requests")
        world.auth.release.set()
        codes = {each.result().status for each in stuck}
    assert codes == {503}


def test_a_service_with_a_newer_policy_gets_another_token(
    world: World, sessions: BrowserSessions, browser: Browser
) -> None:
    """Roles have changed: the service refuses the old token before the gateway does."""
    browser.send("GET", THINGS)
    world.alpha.requests.clear()
    sessions.epoch = 2

    def refuse_once(upstream: object, sock: object, request: object) -> bool:
        del world.alpha.scripts[THINGS]
        return sends(REFUSED, keep=True)(upstream, sock, request)  # type: ignore[arg-type]

    world.alpha.scripts[THINGS] = refuse_once
    assert browser.send("POST", THINGS, BY_SCRIPT, {"a": 1}).status == 200
    old, new = world.alpha.requests
    assert old.header("Authorization") != new.header("Authorization")
    assert (new.body, new.target) == (b'{"a": 1}', THINGS)
    # What is refused again is passed on; and bearers get their refusal at once.
    world.alpha.scripts[THINGS] = sends(REFUSED, keep=True)
    assert browser.send("GET", THINGS).status == 401
    world.alpha.requests.clear()
    assert world.gateway.get(THINGS, world.auth.token("reader")).status == 401
    assert len(world.alpha.requests) == 1


def test_invented_secrets_are_limited_by_address(build: Callable[..., World]) -> None:
    world = build(KEHU_ADDRESS_RATE="0.001", KEHU_ADDRESS_BURST="7")
    sessions = BrowserSessions(world.auth)
    browser = Browser(world.gateway)
    browser.sign_in()
    browser.send("GET", THINGS)
    guesses = [Browser(world.gateway, cookies={STRONG: c * 43}) for c in "ABCDEFGHIJ"]
    codes = [each.send("GET", THINGS).code for each in guesses]
    assert codes[0] == "session-ended" and codes[-1] == "too-many-requests"
    assert len(sessions.exchanged) < 6
    # Whoever is signed in already is not concerned.
    assert browser.send("GET", THINGS).status == 200


def test_secrets_are_not_logged(build: Callable[..., World]) -> None:
    world = build(KEHU_LOG_LEVEL="DEBUG")
    BrowserSessions(world.auth)
    browser = Browser(world.gateway)
    browser.sign_in()
    browser.send("GET", THINGS)
    Browser(world.gateway, cookies={STRONG: "Z" * 43}).send("GET", THINGS)
    assert world.gateway.stop() == 0
    assert world.gateway.log is not None
    log = world.gateway.log.read_text()
    for secret in (browser.secret, "Z" * 43, FORM["password"], "Traceback"):
        assert secret not in log


def test_a_late_body_of_a_sign_in_does_not_matter(world: World, sessions: BrowserSessions) -> None:
    body = json.dumps(FORM).encode()
    head = (
        f"POST {SESSION} HTTP/1.1\r\nHost: localhost\r\nX-Kehu-Console: 1\r\n"
        f"Content-Type: application/json\r\nSec-Fetch-Site: {{site}}\r\n"
        f"Expect: 100-continue\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    assert b" 200 OK" in world.gateway.raw(head.format(site="same-origin").encode() + body)
    assert world.gateway.raw(head.format(site="cross-site").encode()).startswith(b"HTTP/1.1 403 ")


def test_nothing_is_decided_twice_while_threads_race(
    world: World, sessions: BrowserSessions, browser: Browser
) -> None:
    """Signing out and using the session at once ends in a refusal, whatever comes first."""
    together = threading.Barrier(2)
    copied = Browser(world.gateway, cookies=dict(browser.cookies))

    def use() -> set[int]:
        together.wait(10)
        return {copied.send("GET", THINGS).status for _ in range(10)}

    with ThreadPoolExecutor(1) as pool:
        used = pool.submit(use)
        together.wait(10)
        assert browser.sign_out().status == 204
        assert used.result() <= {200, 401}
    assert sessions.live == {}
