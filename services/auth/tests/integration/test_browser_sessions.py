"""Sessions of browsers: what the gateway begins, exchanges and ends for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from kehu_auth.features.sessions import service as sessions
from kehu_auth.features.sessions.models import LoginSession, RefreshToken
from kehu_auth.features.users import service as users
from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.testing.harness import Client

PASSWORD = "correct horse battery"
NEW = "staple the battery"
WRONG = "wrong horse battery"
KEY = "an internal key for tests"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"


class Gateway:
    """The gateway as auth sees it."""

    def __init__(self, world: Any, key: str = KEY) -> None:
        self.world = world
        self.key = key
        self.http = Client(world.harness.app.test_client(), "/auth/browser-sessions", None)

    def send(
        self, path: str, body: Any = None, secret: str = "", address: str = "192.0.2.7"
    ) -> Any:
        headers = self.world.forwarded(address) | {
            "authorization": f"Bearer {self.key}",
            "user_agent": BROWSER,
            "accept_language": "zh",
        }
        if secret:
            headers["x_kehu_secret"] = secret
        return self.http.request("POST", path, body, **headers)

    def begin(self, username: str = "li.wei", password: str = PASSWORD, **more: Any) -> Any:
        response = self.send("", {"username": username, "password": password}, **more)
        assert response.status_code == 200, response.text
        return response.get_json()

    def exchange(self, secret: str, status: int = 200, **more: Any) -> Any:
        response = self.send("/exchange", secret=secret, **more)
        assert response.status_code == status, response.text
        return response.get_json()

    def end(self, secret: str) -> int:
        status: int = self.send("/end", secret=secret).status_code
        return status

    def change_password(self, secret: str, status: int = 200, old: str = PASSWORD) -> Any:
        body = {"old_password": old, "new_password": NEW}
        response = self.send("/password", body, secret=secret)
        assert response.status_code == status, response.text
        return response.get_json()

    def client(self, secret: str) -> Any:
        """HTTP with a token of the session."""
        return self.world.client(self.exchange(secret))


@pytest.fixture
def gateway(world: Any) -> Gateway:
    world.person("li.wei")
    return Gateway(world)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Move the service's clock."""
    real = clock.now

    def move(**by: float) -> None:
        def moved() -> datetime:
            return real() + timedelta(**by)

        monkeypatch.setattr(clock, "now", moved)

    return move


def test_a_secret_is_exchanged_for_tokens_of_one_session(world: Any, gateway: Gateway) -> None:
    begun = gateway.begin()
    assert begun.keys() == {"secret", "me"} and len(begun["secret"]) == 43
    first, second = (gateway.exchange(begun["secret"]) for _ in range(2))
    assert first.keys() == {"access_token", "expires_in"} and first["expires_in"] == 600
    callers = [world.authority.authenticate(each["access_token"]) for each in (first, second)]
    assert callers[0].session_id == callers[1].session_id
    assert world.client(first).get("/me") == begun["me"]
    [entry] = world.audited("login")
    assert entry["outcome"] == "done" and entry["record_id"] == begun["me"]["id"]


def test_each_sign_in_makes_another_secret_that_is_kept_as_a_hash(
    world: Any, gateway: Gateway
) -> None:
    secrets = {gateway.begin()["secret"] for _ in range(3)}
    assert len(secrets) == 3
    with world.harness.session() as session:
        kept = set(session.scalars(select(LoginSession.secret_hash)))
        assert session.scalars(select(RefreshToken)).all() == []
    assert len(kept) == 3 and all(len(each) == 64 for each in kept) and not kept & secrets


@pytest.mark.parametrize("path", ["", "/exchange", "/end", "/password"])
def test_only_the_gateway_may_ask(world: Any, gateway: Gateway, path: str) -> None:
    token = world.login("li.wei")["access_token"]
    secret = gateway.begin()["secret"]
    passwords = {"old_password": PASSWORD, "new_password": NEW}
    body = {"": {"username": "li.wei", "password": PASSWORD}, "/password": passwords}.get(path)
    for key in ("", "another key of sixteen", token):
        response = Gateway(world, key).send(path, body, secret=secret)
        assert (response.status_code, response.get_json()["code"]) == (401, "unauthenticated")
    gateway.exchange(secret)
    assert (
        world.harness.app.test_client().post(f"/api/v1/auth/browser-sessions{path}").status_code
        == 404
    )


@pytest.mark.parametrize("secret", ["", "x", "A" * 43, "A" * 5000])
def test_an_invented_secret_gives_nothing(gateway: Gateway, secret: str) -> None:
    assert gateway.exchange(secret, 401)["code"] == "session-ended"
    assert gateway.change_password(secret, 401)["code"] == "session-ended"
    assert gateway.end(secret) == 204


def test_a_refresh_token_is_no_secret_and_a_secret_no_refresh_token(
    world: Any, gateway: Gateway
) -> None:
    gateway.exchange(world.login("li.wei")["refresh_token"], 401)
    world.refresh(gateway.begin()["secret"], 401)


def test_guesses_are_counted_together_with_those_of_logins(world: Any, gateway: Gateway) -> None:
    body = {"username": "li.wei", "password": WRONG}
    for _ in range(5):
        assert gateway.send("", body).get_json()["code"] == "invalid-credentials"
        world.login("li.wei", WRONG, 401)
    body["password"] = PASSWORD
    refused = gateway.send("", body)
    assert refused.status_code == 429 and 50 < int(refused.headers["Retry-After"]) <= 60
    # The address counts that the gateway states, not that of the gateway.
    gateway.begin(address="198.51.100.1")
    assert sum(n for code, n in world.refusals("login") if code == "invalid-credentials") == 10


def test_disabled_and_unknown_people_get_the_response_to_a_wrong_password(
    world: Any, gateway: Gateway
) -> None:
    world.administrator().post(f"/users/{world.person('gone').id}/disable")
    for name, password in (("gone", PASSWORD), ("nobody", PASSWORD), ("li.wei", WRONG)):
        response = gateway.send("", {"username": name, "password": password})
        assert response.status_code == 401
        assert response.get_json()["code"] == "invalid-credentials"


def test_a_one_time_code_is_accepted_and_other_fields_are_not(gateway: Gateway) -> None:
    body = {"username": "li.wei", "password": PASSWORD}
    assert gateway.send("", body | {"otp": "123456"}).status_code == 200
    assert gateway.send("", body | {"secret": "x" * 43}).status_code == 422
    assert gateway.send("", body | {"device_token": "x"}).status_code == 422


def test_it_ends_after_twelve_hours_without_use(world: Any, gateway: Gateway, later: Any) -> None:
    begun, other = gateway.begin(), gateway.begin()["secret"]
    secret = begun["secret"]
    for hours in (11, 22):
        later(hours=hours)
        gateway.exchange(secret)
    gateway.exchange(other, 401)
    gateway.change_password(other, 401)
    with world.harness.session() as session:
        live = sessions.list_own(
            session, UUID(begun["me"]["id"]), {"sort": "-last_used_at", "limit": 9}
        ).items
        assert [each.id for each in live] == [sessions.by_secret(session, secret).id]
    later(hours=34, minutes=1)
    gateway.exchange(secret, 401)


def test_it_ends_after_thirty_days_however_much_it_is_used(gateway: Gateway, later: Any) -> None:
    secret = gateway.begin()["secret"]
    for half_days in range(1, 66):
        later(hours=11 * half_days)
        gateway.exchange(secret)
    later(days=30, hours=1)
    gateway.exchange(secret, 401)


def test_other_sessions_keep_their_week(world: Any, gateway: Gateway, later: Any) -> None:
    tokens = world.login("li.wei")
    later(days=6)
    world.refresh(tokens["refresh_token"])


def test_it_is_listed_and_shows_where_it_was_used_last(gateway: Gateway) -> None:
    secret = gateway.begin(address="192.0.2.8")["secret"]
    gateway.exchange(secret, address="198.51.100.1")
    [item] = gateway.client(secret).get("/me/sessions")["items"]
    assert (item["device"], item["current"]) == (BROWSER, True)
    assert "secret" not in str(item)
    gateway.exchange(secret, address="198.51.100.1")
    [item] = gateway.world.as_("li.wei").get("/me/sessions?sort=last_used_at")["items"][:1]
    assert (item["address"], item["current"]) == ("198.51.100.1", False)


def test_signing_out_ends_it_once(world: Any, gateway: Gateway) -> None:
    secret = gateway.begin()["secret"]
    client = gateway.client(secret)
    for _ in range(2):
        assert gateway.end(secret) == 204
    gateway.exchange(secret, 401)
    world.policy()
    assert client.get("/me", 401)["code"] == "session-ended"
    assert len(world.audited("logout")) == 1


@pytest.mark.parametrize(
    "how", ["logout", "one", "others", "everywhere", "password", "reset", "disabled"]
)
def test_whatever_ends_sessions_ends_it(world: Any, gateway: Gateway, how: str) -> None:
    secret = gateway.begin()["secret"]
    client = gateway.client(secret)
    [ident] = [item["id"] for item in client.get("/me/sessions")["items"]]
    user = client.get("/me")["id"]
    here, boss = world.as_("li.wei"), world.administrator()
    if how == "logout":
        client.expect(204, "POST", "/logout")
    elif how == "one":
        here.expect(204, "DELETE", f"/me/sessions/{ident}")
    elif how == "others":
        assert here.post("/me/sessions/end-others") == {"ended": 1}
    elif how == "everywhere":
        boss.expect(204, "POST", f"/users/{user}/sign-out")
    elif how == "password":
        body = {"old_password": PASSWORD, "new_password": NEW}
        here.expect(200, "PUT", "/me/password", body)
    elif how == "reset":
        body = {"password": NEW, "must_change_password": False}
        boss.expect(200, "POST", f"/users/{user}/reset-password", body)
    else:
        boss.post(f"/users/{user}/disable")
    assert gateway.exchange(secret, 401)["code"] == "session-ended"
    world.policy()
    client.get("/me", 401)


def test_ending_the_others_keeps_it(world: Any, gateway: Gateway) -> None:
    secret, other = gateway.begin()["secret"], gateway.begin()["secret"]
    world.login("li.wei")
    assert gateway.client(secret).post("/me/sessions/end-others") == {"ended": 2}
    gateway.exchange(other, 401)
    gateway.exchange(secret)


def test_new_roles_come_with_the_next_token(world: Any, gateway: Gateway) -> None:
    begun = gateway.begin()
    old = gateway.client(begun["secret"])
    boss = world.administrator()
    path = f"/users/{begun['me']['id']}"
    tag = boss.request("GET", path).headers["ETag"]
    boss.expect(200, "PATCH", path, {"roles": ["sales_director"]}, if_match=tag)
    world.policy()
    old.get("/me", 401)
    assert gateway.client(begun["secret"]).get("/me")["roles"] == ["sales_director"]


def test_a_new_password_ends_all_and_begins_another_session(world: Any, gateway: Gateway) -> None:
    first, other = gateway.begin()["secret"], gateway.begin()["secret"]
    tokens = world.login("li.wei")
    begun = gateway.change_password(first)
    assert begun.keys() == {"secret", "me"} and begun["secret"] not in (first, other)
    for ended in (first, other):
        gateway.exchange(ended, 401)
    world.refresh(tokens["refresh_token"], 401)
    world.policy()
    [item] = gateway.client(begun["secret"]).get("/me/sessions")["items"]
    assert item["device"] == BROWSER
    world.login("li.wei", NEW)
    assert "access_token" not in str(begun)


def test_a_first_password_is_changed_in_a_browser(world: Any, gateway: Gateway) -> None:
    world.person("new", must_change_password=True)
    secret = gateway.begin("new")["secret"]
    assert gateway.client(secret).get("/me/sessions", 403)["code"] == "password-change-required"
    begun = gateway.change_password(secret)
    assert begun["me"]["must_change_password"] is False
    world.policy()
    gateway.client(begun["secret"]).get("/me/sessions")


def test_guesses_at_the_old_password_are_limited(world: Any, gateway: Gateway) -> None:
    secret = gateway.begin()["secret"]
    for _ in range(5):
        problem = gateway.change_password(secret, 422, old=WRONG)
        assert problem["errors"][0]["code"] == "wrong-password"
    gateway.change_password(secret, 429)
    refusals = world.refusals("password-change")
    assert sum(count for code, count in refusals if code == "wrong-password") == 5


def test_a_browsers_session_is_never_turned_into_tokens(world: Any, gateway: Gateway) -> None:
    secret = gateway.begin()["secret"]
    body = {"old_password": PASSWORD, "new_password": NEW}
    problem = gateway.client(secret).expect(409, "PUT", "/me/password", body)
    assert problem["code"] == "session-of-browser"
    gateway.begin()  # with the old password


def test_many_exchanges_at_once_all_succeed(world: Any, gateway: Gateway) -> None:
    secret = gateway.begin()["secret"]
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda _: Gateway(world).exchange(secret), range(12)))
    sids = {world.authority.authenticate(each["access_token"]).session_id for each in tokens}
    assert len(sids) == 1


def test_an_exchange_during_a_sign_out_everywhere_finds_it_ended(
    world: Any, gateway: Gateway
) -> None:
    begun = gateway.begin()
    with world.harness.session() as session:
        login = sessions.by_secret(session, begun["secret"])
        assert login is not None
        ident, owner = login.id, login.user_id

    def disable(session: Any) -> Any:
        users.disable(session, SYSTEM, owner)

    def use(session: Any) -> Any:
        users.hold_shared(session, owner)
        return sessions.use(session, ident, "192.0.2.7")

    assert world.overlapping(disable, use)[1] is False
