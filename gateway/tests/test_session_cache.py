"""The tokens that the gateway keeps for browsers, without a network."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from gateway.tests.support import Auth
from kehu_chassis.identity.authority import Authority
from kehu_chassis.identity.sources import StaticSource
from kehu_chassis.problems import Problem
from kehu_gateway import sessions
from kehu_gateway.browsers import Browser
from kehu_gateway.context import RequestContext
from kehu_gateway.headers import Client
from kehu_gateway.limits import RateLimit
from kehu_gateway.proxy import Answer
from kehu_gateway.sessions import Sessions
from kehu_gateway.targets import Target

SECRET = "s" * 43


class Asked:
    """Answers exchanges as auth does; stands for the proxy."""

    def __init__(self, auth: Auth) -> None:
        self.auth = auth
        self.claims: dict[str, Any] = {}
        self.seconds = 600
        self.over = False
        self.times = 0

    def ask(self, name: str, path: str, lines: list[str], body: bytes, **_: Any) -> Answer:
        assert (name, path) == ("auth", "/auth/browser-sessions/exchange")
        self.times += 1
        if self.over:
            return Answer(401, "401 X", [], b"{}")
        document = {"access_token": self.auth.token(**self.claims), "expires_in": self.seconds}
        return Answer(200, "200 OK", [], json.dumps(document).encode())


class World:
    def __init__(self) -> None:
        auth = Auth()
        auth.stop()
        self.asked = Asked(auth)
        keys = {"keys": [auth.key.as_dict(private=False)]}
        self.source = StaticSource(auth.policy, keys)
        self.authority = Authority(self.source)
        self.now = 0.0
        limit = RateLimit(1e6, 1e6)
        self.sessions = Sessions(
            self.asked,  # type: ignore[arg-type]
            self.authority,
            limit,
            "key",
            clock=lambda: self.now,
        )

    def context(self) -> RequestContext:
        environ = {"REMOTE_ADDR": "192.0.2.7", "wsgi.url_scheme": "http"}
        client = Client(environ, ())
        browser = Browser(environ, "http", require_https=False)
        return RequestContext("GET", Target("/", "/"), None, client, browser, "request-1")

    def authenticate(self, secret: str = SECRET) -> RequestContext:
        context = self.context()
        context.caller = self.sessions.authenticate(context, secret)
        return context

    def void(self, **changes: Any) -> None:
        """The policy says that something is void."""
        self.source.policy_document = {**self.source.policy_document, **changes}
        assert self.authority.refresh()


@pytest.fixture
def world() -> Any:
    world = World()
    yield world
    world.authority.close()


def test_a_token_is_kept_until_it_is_about_to_expire(world: World) -> None:
    first = world.authenticate().authorization
    world.now = 569
    assert world.authenticate().authorization == first and world.asked.times == 1
    world.now = 571
    world.asked.claims = {"jti": "another"}
    assert world.authenticate().authorization != first and world.asked.times == 2


def test_a_void_session_is_dropped_at_once(world: World) -> None:
    world.asked.claims = {"sid": "gone"}
    world.authenticate()
    world.void(void_sessions=["gone"])
    world.asked.over = True
    for _ in range(2):
        with pytest.raises(Problem) as found:
            world.authenticate()
        assert (found.value.status, found.value.code) == (401, "session-ended")
    assert world.asked.times == 3 and not world.sessions._kept


def test_new_roles_sign_nobody_out(world: World) -> None:
    user = "0190a0a0-0000-7000-8000-000000000001"
    world.asked.claims = {"sub": user, "epoch": 1}
    world.authenticate()
    world.void(void_users={user: 2})
    world.asked.claims = {"sub": user, "epoch": 2, "roles": ["writer"]}
    context = world.authenticate()
    assert context.caller is not None and context.caller.roles == ("writer",)
    assert world.asked.times == 2
    world.authenticate()
    assert world.asked.times == 2


def test_a_token_that_is_always_refused_is_not_exchanged_for_ever(world: World) -> None:
    world.void(void_sessions=["session-1"])
    with pytest.raises(Problem) as found:
        world.authenticate()
    assert found.value.code == "session-ended" and world.asked.times == 3


def test_of_two_that_renew_at_once_one_exchanges(world: World) -> None:
    first, second = world.authenticate(), world.authenticate()
    world.asked.claims = {"jti": "newer"}
    assert first.renew is not None and second.renew is not None
    first.renew()
    second.renew()
    assert first.authorization == second.authorization and world.asked.times == 2


def test_a_secret_is_not_kept_as_it_is(world: World) -> None:
    world.authenticate()
    assert SECRET not in repr(world.sessions._kept) and len(world.sessions._kept) == 1


def test_the_number_of_tokens_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MAX_TOKENS", 10)
    for number in range(35):
        world.authenticate(f"{number:043}")
        assert len(world.sessions._kept) <= 10
    times = world.asked.times
    world.authenticate(f"{34:043}")
    assert world.asked.times == times  # the newest are kept


def test_expired_tokens_make_room_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MAX_TOKENS", 10)
    for number in range(8):
        world.authenticate(f"{number:043}")
    world.now = 600
    for number in range(8, 12):
        world.authenticate(f"{number:043}")
    assert len(world.sessions._kept) == 4


def test_whoever_waits_gives_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "WAIT_SECONDS", 0.05)
    asking, release = threading.Event(), threading.Event()
    ask = world.asked.ask

    def hang(*given: Any, **more: Any) -> Answer:
        asking.set()
        release.wait(10)
        return ask(*given, **more)

    world.asked.ask = hang  # type: ignore[method-assign]
    first = threading.Thread(target=world.authenticate)
    first.start()
    try:
        assert asking.wait(10)
        with pytest.raises(Problem) as found:
            world.authenticate()
        assert (found.value.status, found.value.code) == (503, "dependency-down")
        assert found.value.headers["Retry-After"]
    finally:
        release.set()
        first.join(10)
    world.authenticate()
    assert world.asked.times == 1


def test_an_exchange_that_breaks_leaves_nothing_behind(world: World) -> None:
    world.asked.seconds = "many"  # type: ignore[assignment]
    with pytest.raises(TypeError):
        world.authenticate()
    world.asked.seconds = 600
    world.authenticate()
    assert not world.sessions._under_way
