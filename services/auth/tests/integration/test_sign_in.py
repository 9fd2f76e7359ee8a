"""Signing in, and guessing passwords."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws
from sqlalchemy import select

from kehu_auth.features.departments import service as departments
from kehu_auth.features.passwords import service as passwords
from kehu_auth.features.throttle import service as throttle
from kehu_auth.features.throttle.models import Attempts
from kehu_auth.features.users import service as users
from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.identity import tally

PASSWORD = "correct horse battery"
WRONG = "wrong horse battery"
TOO_MANY = "too-many-requests"


def test_a_token_identifies_its_user_in_less_than_a_kilobyte(world: Any) -> None:
    user = world.person("li.wei", "account_manager", "service_agent")
    tokens = world.login("Li.Wei")
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 600
    assert tokens["user"]["id"] == str(user.id)
    assert "password" not in str(tokens["user"]).replace("must_change_password", "")
    caller = world.authority.authenticate(tokens["access_token"])
    assert caller.id == user.id and caller.kind == "user" and caller.epoch == 1
    assert caller.roles == ("account_manager", "service_agent")
    assert caller.department_id is None and not caller.must_change_password
    assert caller.language == tokens["user"]["locale"]
    token = jws.extract_compact(tokens["access_token"].encode())
    assert set(token.headers()) == {"alg", "kid", "typ"}
    assert token.headers()["alg"] == "Ed25519" and token.headers()["typ"] == "at+jwt"
    assert len(tokens["access_token"]) < 600


def test_the_longest_token_is_less_than_a_kilobyte(world: Any) -> None:
    with world.harness.session() as session:
        department = departments.create(session, name="East")
    user = world.person("li.wei", department_id=department.id)
    with world.harness.session() as session:
        users.by_id(session, user.id).roles = [f"{i}{'x' * 39}" for i in range(8)]
        users.by_id(session, user.id).must_change_password = True
    assert len(world.login("li.wei")["access_token"]) < 1024


def test_unknown_disabled_and_wrong_get_one_response_of_equal_effort(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person("li.wei")
    world.administrator().post(f"/users/{world.person('gone').id}/disable")
    seen: list[str] = []
    real = passwords._fits
    monkeypatch.setattr(passwords, "_fits", lambda p, kept: (seen.append(p), real(p, kept))[1])
    responses = []
    for name, password in (("li.wei", WRONG), ("nobody", WRONG), ("gone", PASSWORD)):
        seen.clear()
        response = world.login(name, password, 401)
        response.pop("request_id")
        responses.append((response, len(seen)))
    assert responses[0][0]["code"] == "invalid-credentials"
    assert responses[0] == responses[1] == responses[2] and responses[0][1] == 1


def test_logins_are_audited_without_the_name_that_was_typed(world: Any) -> None:
    user = world.person("li.wei")
    world.login("li.wei", WRONG, 401)
    world.login("hunter2 is my password", WRONG, 401)
    world.login("li.wei")
    wrong, unknown, right = world.audited("login")
    assert (wrong["outcome"], wrong["code"]) == ("refused", "invalid-credentials")
    assert wrong["record_id"] == str(user.id) and wrong["actor_kind"] == "anonymous"
    assert unknown["record_id"] is None and "hunter2" not in str(unknown)
    assert right["outcome"] == "done" and right["actor_id"] == str(user.id)
    assert right["changes"] == [{"field": "address", "old": None, "new": "192.0.2.7"}]


@pytest.mark.parametrize("name", ["li.wei", "nobody"])
def test_ten_wrong_guesses_then_a_pause_even_for_the_right_one(world: Any, name: str) -> None:
    world.person("li.wei")
    for _ in range(10):
        world.login(name, WRONG, 401)
    refused = world.login(name, PASSWORD, 429)
    assert refused["code"] == "too-many-requests" and 50 < refused["params"]["seconds"] <= 60
    # The same network, other addresses in it; the owner elsewhere is let in.
    world.login(name, PASSWORD, 429, address="192.0.2.200")
    world.login(name, PASSWORD, 200 if name == "li.wei" else 401, address="198.51.100.1")


def test_a_disabled_account_is_paused_like_any_other(world: Any) -> None:
    """Without a pause, the right password would be recognised."""
    world.administrator().post(f"/users/{world.person('gone').id}/disable")
    for _ in range(10):
        world.login("gone", PASSWORD, 401)
    world.login("gone", PASSWORD, 429)


def test_a_pause_is_announced_in_the_header(world: Any) -> None:
    for _ in range(10):
        world.login("nobody", WRONG, 401)
    body = {"username": "nobody", "password": WRONG}
    response = world.nobody.request("POST", "/login", body, **world.forwarded("192.0.2.7"))
    assert 50 < int(response.headers["Retry-After"]) <= 60


def test_a_successful_login_resets_the_count(world: Any) -> None:
    world.person("li.wei")
    for _ in range(3):
        for _ in range(9):
            world.login("li.wei", WRONG, 401)
        world.login("li.wei")


def test_one_address_cannot_try_all_accounts(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_fits", lambda _password, _kept: False)
    for number in range(100):
        world.login(f"user{number}", WRONG, 401, address="192.0.2.9")
    world.login("user100", WRONG, 429, address="192.0.2.9")
    world.login("user100", WRONG, 401, address="192.0.2.10")


def test_one_machine_cannot_try_all_accounts_from_its_many_ipv6_addresses(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_fits", lambda _password, _kept: False)
    for number in range(100):
        world.login(f"user{number}", WRONG, 401, address=f"2001:db8::{number:x}")
    world.login("user100", WRONG, 429, address="2001:db8::ffff")
    world.login("user100", WRONG, 401, address="2001:db8:0:1::1")


def test_an_address_is_counted_even_while_an_account_is_paused(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_fits", lambda _password, _kept: False)
    for _ in range(10):
        world.login("li.wei", WRONG, 401, address="192.0.2.9")
    for _ in range(90):
        world.login("li.wei", WRONG, 429, address="192.0.2.9")
    world.login("somebody.else", WRONG, 429, address="192.0.2.9")


def test_attempts_during_a_pause_are_audited(world: Any) -> None:
    user = world.person("li.wei")
    for _ in range(10):
        world.login("li.wei", WRONG, 401)
    world.login("li.wei", PASSWORD, 429)
    entry = world.audited("login")[-1]
    assert (entry["outcome"], entry["code"]) == ("refused", "too-many-requests")
    assert (entry["record_type"], entry["record_id"]) == ("user", str(user.id))


def test_refused_logins_are_summed_up(world: Any) -> None:
    """The first of each minute is recorded at once, the others together."""
    world.person("li.wei")
    for number in range(40):
        world.login("li.wei", WRONG, 401 if number < 10 else 429)
    assert [e["code"] for e in world.audited("login")] == ["invalid-credentials", TOO_MANY]
    assert sorted(world.refusals("login")) == [
        ("invalid-credentials", 1), ("invalid-credentials", 9), (TOO_MANY, 1), (TOO_MANY, 29),
    ]  # fmt: skip


def test_whatever_strangers_vary_the_trail_stays_short(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_fits", lambda _password, _kept: False)
    for number in range(150):
        world.person(f"p{number}")
    for number in range(300):
        name, host = f"p{number % 150}", f"2001:db8:{number:x}::1"
        world.login(name, WRONG, 401, address=host)
    counts = world.refusals("login")
    assert sum(count for _, count in counts) == 300
    assert len(counts) <= 2 * (tally.MOST + 1) and ("others", 1) in counts


def test_the_address_of_a_neighbour_is_its_own_whatever_it_states(world: Any) -> None:
    """This port is reachable without the gateway, whose key nobody else has."""
    body = {"username": "li.wei", "password": PASSWORD}
    world.person("li.wei")
    forged: list[dict[str, str]] = [
        {"x_forwarded_for": "192.0.2.7"},
        {"x_forwarded_for": "192.0.2.7", "x_forwarded_proof": "0" * 64},
        {"x_forwarded_for": "192.0.2.7", "x_forwarded_proof": "ü"},
        world.forwarded("192.0.2.8") | {"x_forwarded_for": "192.0.2.7"},
        world.forwarded("192.0.2.7") | {"x_request_id": "another-request"},
    ]
    for headers in forged:
        world.nobody.expect(200, "POST", "/login", body, **headers)
    world.login("li.wei", address="192.0.2.7")
    stated = [entry["changes"][0]["new"] for entry in world.audited("login")]
    assert stated == ["127.0.0.1"] * len(forged) + ["192.0.2.7"]


def test_nobody_locks_a_colleague_out_of_a_known_device(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person("li.wei")
    device = world.login("li.wei")["device_token"]
    for _ in range(10):
        world.login("li.wei", WRONG, 401)
    world.login("li.wei", PASSWORD, 429)
    device = world.login("li.wei", device_token=device)["device_token"]
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "_fits", lambda _password, _kept: False)
        for number in range(89):  # 11 attempts came from the address before
            world.login(f"user{number}", WRONG, 401)
    world.person("wang.fang")
    world.login("wang.fang", PASSWORD, 429)
    world.login("li.wei", device_token=device)


def test_a_known_device_allows_no_more_guesses_than_an_unknown_one(world: Any) -> None:
    world.person("li.wei")
    device = world.login("li.wei")["device_token"]
    for number in range(12):
        world.login("li.wei", WRONG, 401 if number < 10 else 429, device_token=device)
    # Guesses with a stolen device token do not lock the owner out elsewhere.
    world.login("li.wei")


def test_a_device_is_known_to_one_user_for_half_a_year(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person("li.wei")
    world.person("wang.fang")
    device = world.login("li.wei")["device_token"]
    other = world.login("wang.fang")["device_token"]
    for _ in range(10):
        world.login("li.wei", WRONG, 401)
    changed = device[:-1] + ("A" if device[-1] != "A" else "B")
    for token in (other, changed, "nonsense", "客户", "", device[:40]):
        world.login("li.wei", PASSWORD, 429, device_token=token)
    real = clock.now
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: real() + timedelta(days=181))
        for _ in range(10):
            world.login("li.wei", WRONG, 401)
        world.login("li.wei", PASSWORD, 429, device_token=device)
    world.login("li.wei", device_token=device)


def test_a_busy_office_is_not_an_attack(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_fits", lambda _password, _kept: True)
    world.person("li.wei")
    for _ in range(120):
        world.login("li.wei")


def test_of_fifty_concurrent_guesses_ten_are_checked(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person("li.wei")
    checked = threading.Semaphore(0)
    monkeypatch.setattr(passwords, "_fits", lambda _p, _kept: checked.release() or False)

    def guess(number: int) -> int:
        body = {"username": "li.wei", "password": f"{WRONG} {number}"}
        headers = world.forwarded("192.0.2.7")
        return world.nobody.request("POST", "/login", body, **headers).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(guess, range(50)))
    assert statuses == [401] * 10 + [429] * 40
    assert checked._value == 10


def test_concurrent_attempts_are_counted_one_by_one(world: Any) -> None:
    def begin(session: Any) -> None:
        throttle.begin(session, throttle.ACCOUNT, "li.wei", "192.0.2.0/24")

    world.harness.database.run(SYSTEM, begin)
    world.overlapping(begin, begin)
    with world.harness.session() as session:
        assert session.scalars(select(Attempts.attempts)).one() == 3


def test_old_attempts_are_forgotten(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.login("nobody", WRONG, 401)
    assert world.harness.run_job("forget-login-attempts") == {"forgotten": 0}
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=1, seconds=1))
    assert world.harness.run_job("forget-login-attempts") == {"forgotten": 2}


def test_the_code_of_a_second_factor_is_accepted(world: Any) -> None:
    world.person("li.wei")
    world.nobody.post("/login", {"username": "li.wei", "password": PASSWORD, "otp": "123456"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "li.wei"},
        {"username": "li.wei", "password": 7},
        {"username": "li.wei", "password": "x" * 129},
        {"username": "li.wei", "password": "x", "roles": ["admin"]},
        {"username": "li\x00wei", "password": PASSWORD},
        [],
    ],
)
def test_other_bodies_are_refused(world: Any, body: Any) -> None:
    assert world.nobody.expect(422, "POST", "/login", body)["code"] == "validation-failed"
