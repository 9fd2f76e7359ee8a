"""Signing in with a browser, at the whole system: what ends a session, and what must not."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3

from tests.support.stack import PASSWORD, RunningStack, eventually

SESSION = "/api/v1/auth/session"
ME = "/api/v1/auth/me"
POLICY_SECONDS = 20.0  # everybody fetches the policy every 15 s
NEW = "another-long-enough-password"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "X-Kehu-Console": "1"}
_http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=35), retries=False, maxsize=16)


@dataclass
class Browser:
    """A browser that keeps the cookie and never sees a token."""

    base: str
    cookie: str = ""
    statuses: list[int] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = FROM_OUR_PAGE | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = self.cookie
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        response = _http.request(method, self.base + path, body=data, headers=sent)
        self.statuses.append(response.status)
        if line := response.headers.get("Set-Cookie"):
            pair = line.partition(";")[0]
            self.cookie = "" if pair.endswith("=") else pair
        return response

    def get(self, path: str) -> Any:
        response = self.send("GET", path)
        assert response.status == 200, response.data
        return response.json()

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        response = self.send("POST", SESSION, {"username": username, "password": password})
        assert response.status == 200, response.data
        return response.json()


@dataclass
class Person:
    """Somebody who signs in with browsers."""

    stack: RunningStack
    roles: list[str]
    username: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        self.username = f"browser-{uuid.uuid4().hex[:8]}"
        body = {
            "username": self.username,
            "display_name": self.username.title(),
            "password": PASSWORD,
            "must_change_password": False,
            "roles": self.roles,
        }
        self.id = self.stack.admin.post("/api/v1/auth/users", body, 201)["id"]

    def browser(self, password: str = PASSWORD) -> Browser:
        browser = Browser(self.stack.gateway_url)
        browser.sign_in(self.username, password)
        return browser


@pytest.fixture
def person(stack: RunningStack) -> Person:
    return Person(stack, ["account_manager"])


def _is_ended(browser: Browser) -> bool:
    response = browser.send("GET", ME)
    assert response.status in (200, 401), response.data
    return bool(response.status == 401 and response.json()["code"] == "session-ended")


def test_a_browser_works_with_all_services(person: Person) -> None:
    browser = Browser(person.stack.gateway_url)
    me = browser.sign_in(person.username)
    assert browser.cookie.startswith("__Host-kehu=")
    assert browser.get(ME) == me and me["username"] == person.username
    for path in ("marketing/opportunities", "customer/customers", "service-desk/requests"):
        assert browser.get(f"/api/v1/{path}")["items"] is not None
    form = {"name": "Browser Ltd", "region": "north", "address": "1 Road", "phone": "1"}
    made = browser.send("POST", "/api/v1/customer/customers", form | {"level": "ordinary"})
    assert made.status == 201, made.data
    [here] = browser.get("/api/v1/auth/me/sessions")["items"]
    assert here["current"] is True
    for response in (browser.send("POST", SESSION, {"username": "x", "password": "y"}), made):
        assert b"access_token" not in response.data and b"secret" not in response.data


def test_what_no_page_of_ours_sends_is_refused(person: Person) -> None:
    browser = person.browser()
    for site in ("cross-site", "same-site"):
        for method, path in (("GET", ME), ("POST", SESSION), ("DELETE", SESSION)):
            response = browser.send(
                method, path, {} if method == "POST" else None, Sec_Fetch_Site=site
            )
            assert (response.status, response.json()["code"]) == (403, "cross-site-request")
    response = browser.send("POST", "/api/v1/auth/me/sessions/end-others", {}, X_Kehu_Console="")
    assert response.status == 403
    browser.get(ME)


def test_the_internal_operations_are_not_public(stack: RunningStack) -> None:
    for path in ("", "/exchange", "/end", "/password"):
        for prefix in ("/auth", "/api/v1/auth", "//auth"):
            target = f"{prefix}/browser-sessions{path}"
            assert stack.nobody.request("POST", target, {}).status in (400, 404)


def test_many_tabs_at_once_stay_signed_in(person: Person) -> None:
    browsers = [person.browser() for _ in range(2)]
    with ThreadPoolExecutor(10) as pool:
        tabs = [pool.submit(browsers[i % 2].send, "GET", ME) for i in range(40)]
        assert {each.result().status for each in tabs} == {200}
    assert len(browsers[0].get("/api/v1/auth/me/sessions")["items"]) == 2


def test_signing_out_is_seen_at_once_here(person: Person) -> None:
    browser = person.browser()
    copied = Browser(browser.base, browser.cookie)
    copied.get(ME)
    assert browser.send("DELETE", SESSION).status == 204 and browser.cookie == ""
    assert _is_ended(copied)
    assert browser.send("GET", ME).json()["code"] == "unauthenticated"
    assert copied.send("DELETE", SESSION).status == 204


def test_whatever_ends_a_session_reaches_the_gateway(stack: RunningStack) -> None:
    ways = ("one", "others", "everywhere", "disabled", "reset")
    people = {how: Person(stack, ["account_manager"]) for how in ways}
    browsers = {how: each.browser() for how, each in people.items()}
    others = {how: people[how].browser() for how in ("one", "others")}
    for browser in browsers.values():
        browser.get(ME)
    items = others["one"].get("/api/v1/auth/me/sessions")["items"]
    [ident] = [item["id"] for item in items if not item["current"]]
    assert others["one"].send("DELETE", f"/api/v1/auth/me/sessions/{ident}").status == 204
    ended = others["others"].send("POST", "/api/v1/auth/me/sessions/end-others", {})
    assert ended.json() == {"ended": 1}
    users = "/api/v1/auth/users"
    stack.admin.expect(204, "POST", f"{users}/{people['everywhere'].id}/sign-out", {})
    stack.admin.post(f"{users}/{people['disabled'].id}/disable")
    body = {"password": NEW, "must_change_password": False}
    stack.admin.post(f"{users}/{people['reset'].id}/reset-password", body)
    for how, browser in browsers.items():
        eventually(lambda each=browser: _is_ended(each), within=POLICY_SECONDS, what=how)  # type: ignore[misc]
        assert _is_ended(browser)
    for other in others.values():
        other.get(ME)


def test_a_new_password_ends_all_other_sessions(person: Person) -> None:
    browser, other = person.browser(), person.browser()
    other.get(ME)
    before = browser.cookie
    body = {"old_password": PASSWORD, "new_password": NEW}
    refused = browser.send("PUT", "/api/v1/auth/me/password", body)
    assert (refused.status, refused.json()["code"]) == (409, "session-of-browser")
    changed = browser.send("PUT", f"{SESSION}/password", body)
    assert (changed.status, changed.json()["username"]) == (200, person.username)
    assert browser.cookie not in (before, "")
    assert browser.get(ME) == changed.json()
    assert _is_ended(Browser(browser.base, before))
    eventually(lambda: _is_ended(other), within=POLICY_SECONDS, what="an ended session")
    browser.get(ME)
    person.browser(NEW)


def test_new_roles_sign_nobody_out(person: Person) -> None:
    """The gateway and the services learn of it at different times; no tab is asked to sign in."""
    browser = person.browser()
    users = "/api/v1/auth/users"
    assert browser.send("GET", users).status == 403
    response = person.stack.admin.request("GET", f"{users}/{person.id}")
    person.stack.admin.expect(
        200,
        "PATCH",
        f"{users}/{person.id}",
        {"roles": ["admin"]},
        If_Match=response.headers["ETag"],
    )
    browser.statuses.clear()

    def may_list_users() -> bool:
        browser.send("GET", "/api/v1/customer/customers")
        return bool(browser.send("GET", users).status == 200)

    eventually(may_list_users, within=POLICY_SECONDS, what="the new role")
    assert set(browser.statuses) <= {200, 403}


def test_callers_with_tokens_are_served_as_before(stack: RunningStack, person: Person) -> None:
    session = stack.login(person.username, PASSWORD)
    assert session.get(ME)["username"] == person.username
    tokens = stack.nobody.post(
        "/api/v1/auth/login", {"username": person.username, "password": PASSWORD}
    )
    body = {"refresh_token": tokens["refresh_token"]}
    assert stack.nobody.post("/api/v1/auth/refresh", body)["access_token"]
    browser = person.browser()
    bearer = f"Bearer {stack.admin.token}"
    crossed = browser.send("GET", ME, Authorization=bearer, Sec_Fetch_Site="cross-site")
    assert crossed.json()["username"] == "admin"
