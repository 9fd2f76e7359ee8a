"""Refreshing and signing out: rotation, reuse, expiry, and what ends a session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from kehu_auth.features.passwords import service as passwords
from kehu_auth.features.sessions import service as sessions
from kehu_auth.features.sessions.models import LoginSession, RefreshToken
from kehu_auth.features.users import service as users
from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM

HERE = sessions.Origin("192.0.2.7", "tests")
REUSED = "refresh-token-reused"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Move the service's clock."""
    real = clock.now

    def move(**by: float) -> None:
        def moved() -> datetime:
            return real() + timedelta(**by)

        monkeypatch.setattr(clock, "now", moved)

    return move


def test_each_refresh_issues_the_next_token(world: Any) -> None:
    world.person("li.wei")
    first = world.login("li.wei")
    second = world.refresh(first["refresh_token"])
    third = world.refresh(second["refresh_token"])
    assert len({tokens["refresh_token"] for tokens in (first, second, third)}) == 3
    sids = {world.authority.authenticate(a["access_token"]).session_id for a in (first, third)}
    assert len(sids) == 1


def test_tokens_are_kept_as_hashes_only(world: Any) -> None:
    world.person("li.wei")
    token = world.login("li.wei")["refresh_token"]
    with world.harness.session() as session:
        kept = session.scalars(select(RefreshToken.token_hash)).all()
    assert len(kept) == 1 and token not in kept[0] and len(kept[0]) == 64


@pytest.mark.parametrize("which", [0, 1])
def test_a_used_token_ends_the_session_however_old_it_is(
    world: Any, later: Any, which: int
) -> None:
    world.person("li.wei")
    issued = [world.login("li.wei")]
    sid = world.authority.authenticate(issued[0]["access_token"]).session_id
    for _ in range(2):
        issued.append(world.refresh(issued[-1]["refresh_token"]))
    reuses = sessions.REUSES._value.get()
    later(seconds=11)
    refused = world.refresh(issued[which]["refresh_token"], 401)
    assert refused["code"] == "invalid-refresh-token"
    assert sessions.REUSES._value.get() == reuses + 1
    world.refresh(issued[-1]["refresh_token"], 401)
    assert world.policy()["void_sessions"] == [sid]
    assert world.client(issued[-1]).get("/me", 401)["code"] == "session-ended"
    assert [entry["code"] for entry in world.audited("ended")] == [REUSED]
    # Another session of the same person continues.
    world.refresh(world.login("li.wei")["refresh_token"])


@pytest.mark.parametrize("tabs", [2, 3])
def test_tabs_that_refresh_at_once_all_stay_signed_in(world: Any, later: Any, tabs: int) -> None:
    world.person("li.wei")
    token = world.login("li.wei")["refresh_token"]

    def send(_: int) -> Any:
        return world.refresh(token)

    with ThreadPoolExecutor(tabs) as pool:
        pairs = list(pool.map(send, range(tabs)))
    assert len({pair["refresh_token"] for pair in pairs}) == tabs
    for pair in pairs:
        world.client(pair).get("/me")
    later(minutes=9)
    # The tabs share what was stored last.
    world.refresh(pairs[-1]["refresh_token"])
    assert world.audited("ended") == []


def test_a_lost_response_is_retried_for_ten_seconds(world: Any, later: Any) -> None:
    world.person("li.wei")
    token = world.login("li.wei")["refresh_token"]
    world.refresh(token)
    for seconds in (3, 6, 9):  # the grace is not prolonged
        later(seconds=seconds)
        world.refresh(token)
    later(seconds=11)
    world.refresh(token, 401)
    assert [entry["code"] for entry in world.audited("ended")] == [REUSED]


@pytest.mark.parametrize("thief_first", [True, False])
def test_a_thief_within_the_grace_is_found_out_when_both_continue(
    world: Any, later: Any, thief_first: bool
) -> None:
    world.person("li.wei")
    token = world.login("li.wei")["refresh_token"]
    owner, thief = world.refresh(token), world.refresh(token)
    one, other = (thief, owner) if thief_first else (owner, thief)
    later(minutes=9)
    latest = world.refresh(one["refresh_token"])
    later(minutes=18)
    world.refresh(other["refresh_token"], 401)
    world.refresh(latest["refresh_token"], 401)
    assert [entry["code"] for entry in world.audited("ended")] == [REUSED]


def test_only_the_token_used_last_has_a_grace(world: Any) -> None:
    world.person("li.wei")
    first = world.login("li.wei")["refresh_token"]
    second = world.refresh(first)["refresh_token"]
    third = world.refresh(second)["refresh_token"]
    world.refresh(second)
    world.refresh(first, 401)
    world.refresh(third, 401)


@pytest.mark.parametrize("end", ["sign out", "change password", "disable"])
def test_there_is_no_grace_in_an_ended_session(world: Any, end: str) -> None:
    user = world.person("li.wei")
    admin = world.administrator()
    tokens = world.login("li.wei")
    following = world.refresh(tokens["refresh_token"])
    if end == "sign out":
        world.client(following).expect(204, "POST", "/logout")
    elif end == "change password":
        body = {"old_password": "correct horse battery", "new_password": "staple the battery"}
        world.client(following).expect(200, "PUT", "/me/password", body)
    else:
        admin.post(f"/users/{user.id}/disable")
    world.refresh(tokens["refresh_token"], 401)
    world.refresh(following["refresh_token"], 401)
    assert world.audited("ended") == []


@pytest.mark.parametrize("token", ["nonsense", "x" * 43, "' OR 1=1 --"])
def test_an_invented_token_ends_nothing(world: Any, token: str) -> None:
    world.person("li.wei")
    mine = world.login("li.wei")["refresh_token"]
    world.refresh(token, 401)
    world.refresh(mine)


def test_an_access_token_is_no_refresh_token_and_the_reverse(world: Any) -> None:
    world.person("li.wei")
    tokens = world.login("li.wei")
    world.client({"access_token": tokens["refresh_token"]}).get("/me", 401)
    body = {"refresh_token": tokens["access_token"]}
    assert world.nobody.request("POST", "/refresh", body).status_code in (401, 422)


def test_a_session_left_idle_for_a_week_is_over(world: Any, later: Any) -> None:
    world.person("li.wei")
    tokens = world.login("li.wei")
    later(days=6.9)
    tokens = world.refresh(tokens["refresh_token"])
    later(days=13.7)
    tokens = world.refresh(tokens["refresh_token"])
    later(days=20.8)
    world.refresh(tokens["refresh_token"], 401)


def test_a_session_is_over_after_thirty_days_whatever_happens(world: Any, later: Any) -> None:
    world.person("li.wei")
    tokens = world.login("li.wei")
    for day in (6, 12, 18, 24, 29.9):
        later(days=day)
        tokens = world.refresh(tokens["refresh_token"])
    later(days=30.1)
    world.refresh(tokens["refresh_token"], 401)


def test_old_sessions_are_deleted_with_their_tokens(world: Any, later: Any) -> None:
    world.person("li.wei")
    world.login("li.wei")
    assert world.harness.run_job("delete-old-sessions") == {"deleted": 0}
    later(days=31)
    assert world.harness.run_job("delete-old-sessions") == {"deleted": 1}
    with world.harness.session() as session:
        assert session.scalars(select(RefreshToken)).all() == []


def test_signing_out_ends_this_session_only(world: Any) -> None:
    user = world.person("li.wei")
    here, there = world.login("li.wei"), world.login("li.wei")
    world.client(here).expect(204, "POST", "/logout")
    world.refresh(here["refresh_token"], 401)
    world.policy()
    assert world.client(here).get("/me", 401)["code"] == "session-ended"
    world.refresh(there["refresh_token"])
    [entry] = world.audited("logout")
    assert entry["actor_id"] == str(user.id)
    # Its owner ended it: presenting the old token again is no sign of theft.
    assert world.audited("ended") == []


def test_disabling_a_user_ends_all_sessions(world: Any) -> None:
    user = world.person("li.wei")
    admin = world.administrator()
    tokens = world.login("li.wei")
    disabled = admin.post(f"/users/{user.id}/disable")
    assert disabled["enabled"] is False
    assert world.policy()["void_users"] == {str(user.id): 2}
    assert world.client(tokens).get("/me", 401)["code"] == "session-ended"
    world.refresh(tokens["refresh_token"], 401)
    world.login("li.wei", status=401)
    admin.post(f"/users/{user.id}/enable")
    world.refresh(tokens["refresh_token"], 401)
    again = world.login("li.wei")
    world.policy()
    assert world.client(again).get("/me")["enabled"] is True


def test_signing_out_everywhere_ends_all_sessions(world: Any) -> None:
    user = world.person("li.wei")
    admin = world.administrator()
    issued = [world.login("li.wei") for _ in range(2)]
    admin.expect(204, "POST", f"/users/{user.id}/sign-out")
    assert len(world.audited("signed-out")) == 1 and world.audited("changed") == []
    world.policy()
    for tokens in issued:
        world.client(tokens).get("/me", 401)
        world.refresh(tokens["refresh_token"], 401)
    world.login("li.wei")


@pytest.mark.parametrize("change", [{"roles": ["sales_director"]}, {"department_id": "new"}])
def test_another_role_voids_the_token_but_not_the_session(world: Any, change: Any) -> None:
    user = world.person("li.wei")
    admin = world.administrator()
    if "department_id" in change:
        change = {"department_id": admin.post("/departments", {"name": "East"}, 201)["id"]}
    tokens = world.login("li.wei")
    admin.expect(200, "PATCH", f"/users/{user.id}", change, if_match=user.version)
    world.policy()
    assert world.client(tokens).get("/me", 401)["code"] == "session-ended"
    tokens = world.refresh(tokens["refresh_token"])
    caller = world.authority.authenticate(tokens["access_token"])
    assert list(caller.roles) == change.get("roles", ["account_manager"])
    assert str(caller.department_id) == change.get("department_id", "None")
    assert world.client(tokens).get("/me")["permissions"]["opportunity:read"] == (
        "team" if "roles" in change else "own"
    )


def test_another_name_or_the_same_roles_void_nothing(world: Any) -> None:
    user = world.person("li.wei", "account_manager", "service_agent")
    admin = world.administrator()
    tokens = world.login("li.wei")
    change = {"display_name": "李伟", "roles": ["service_agent", "account_manager"]}
    admin.expect(200, "PATCH", f"/users/{user.id}", change, if_match=user.version)
    assert world.policy()["void_users"] == {}
    assert world.client(tokens).get("/me")["display_name"] == "李伟"


def test_void_entries_are_dropped_once_the_tokens_have_expired(world: Any, later: Any) -> None:
    user = world.person("li.wei")
    admin = world.administrator()
    world.login("li.wei")
    admin.expect(204, "POST", f"/users/{user.id}/sign-out")
    later(minutes=10.5)
    policy = world.policy()
    assert list(policy["void_users"]) == [str(user.id)] and len(policy["void_sessions"]) == 1
    later(minutes=15.1)
    policy = world.policy()
    assert (policy["void_users"], policy["void_sessions"]) == ({}, [])


@pytest.mark.parametrize("meanwhile", ["disable", "reset-password"])
def test_a_login_checks_the_user_again_before_it_begins_a_session(
    world: Any, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The password is checked while nothing is locked, so the user may change meanwhile."""
    user = world.person("li.wei")
    admin = world.administrator()
    real = passwords.verify
    body = {"password": "by the administrator"} if meanwhile == "reset-password" else None

    def changed_meanwhile(password: str, kept: str | None) -> bool:
        fits = real(password, kept)
        admin.post(f"/users/{user.id}/{meanwhile}", body)
        return fits

    monkeypatch.setattr(passwords, "verify", changed_meanwhile)
    world.login("li.wei", status=401)
    with world.harness.session() as session:
        logins = select(LoginSession).where(LoginSession.user_id == user.id)
        assert session.scalars(logins).all() == []


def test_a_refresh_waits_for_another_with_the_same_token(world: Any, later: Any) -> None:
    world.person("li.wei")
    token = world.login("li.wei")["refresh_token"]

    def use(session: Any) -> Any:
        return sessions.refresh(session, token, HERE)

    (sid, first), (same, second) = world.overlapping(use, use)
    assert sid == same and first != second
    # They are equal until one of them is used.
    later(minutes=1)
    world.refresh(second)
    later(minutes=2)
    world.refresh(first, 401)


def test_a_refresh_of_a_session_being_deleted_is_refused(world: Any) -> None:
    world.person("li.wei")
    token = world.login("li.wei")["refresh_token"]

    def delete_all(session: Any) -> None:
        session.execute(delete(LoginSession))

    assert world.overlapping(delete_all, lambda s: sessions.refresh(s, token, HERE)) == (None, None)
    world.refresh(token, 401)


def test_ending_all_sessions_includes_a_concurrent_login(world: Any) -> None:
    """Signing in locks the user, so that ending all sessions ends this one, too."""
    user = world.person("li.wei")

    def sign_in(session: Any) -> Any:
        users.hold_shared(session, user.id)
        return sessions.begin(session, user.id, HERE)

    (_, token), _ = world.overlapping(sign_in, lambda s: users.sign_out(s, SYSTEM, user.id))
    world.refresh(token, 401)


def test_ending_twice_keeps_the_first_reason(world: Any) -> None:
    user = world.person("li.wei")
    with world.harness.session() as session:
        session_id, _ = sessions.begin(session, user.id, HERE)
    for reason in ("first", "second"):
        with world.harness.session() as session:
            sessions.end(session, session_id, reason)
            sessions.end_all(session, user.id, reason)
    with world.harness.session() as session:
        assert session.get_one(LoginSession, session_id).end_reason == "first"
