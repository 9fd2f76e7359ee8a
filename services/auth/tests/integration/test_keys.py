"""Signing keys: rotated while tokens are in use, sealed in the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws
from sqlalchemy import delete, select

from kehu_auth.authority import LocalSource
from kehu_auth.features.keys import service as keys
from kehu_auth.features.keys.models import SigningKey
from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.identity.authority import Authority
from kehu_chassis.problems import Problem


def _kid(tokens: Any) -> Any:
    return jws.extract_compact(tokens["access_token"].encode()).headers()["kid"]


def _shown(world: Any) -> list[str]:
    response = world.harness.app.test_client().get("/.well-known/jwks.json")
    assert response.status_code == 200
    for key in response.get_json()["keys"]:
        assert set(key) == {"kty", "crv", "alg", "use", "kid", "x"}
    return [key["kid"] for key in response.get_json()["keys"]]


def _another_process(world: Any) -> Authority:
    return Authority(LocalSource(world.harness.database))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Move the clock of the service, not of the verifiers."""
    real = clock.now

    def move(**by: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**by))

    return move


def test_concurrent_first_uses_make_one_key(world: Any) -> None:
    def fetch(_: int) -> Any:
        return world.harness.database.run(SYSTEM, keys.public_keys)

    with ThreadPoolExecutor(6) as pool:
        documents = list(pool.map(fetch, range(6)))
    assert all(document == documents[0] for document in documents)
    assert len(documents[0]["keys"]) == 1


@pytest.mark.fault("F50")
def test_rotating_keys_interrupts_nobody(world: Any, later: Any) -> None:
    world.person("li.wei")
    admin = world.administrator()
    before = world.login("li.wei")
    old = _kid(before)
    made = admin.post("/keys/rotate", status=201)
    new = made["kid"]
    # Everybody sees the new key; nobody signs with it yet.
    assert _shown(world) == [old, new]
    verifier = _another_process(world)
    assert verifier.authenticate(before["access_token"]).kind == "user"
    assert _kid(world.login("li.wei")) == old
    # A minute later all processes sign with it, and what the old one signed stays valid.
    later(seconds=61)
    after = world.refresh(before["refresh_token"])
    assert _kid(after) == new
    with world.harness.session() as session:
        assert {key["kid"] for key in keys.public_keys(session)["keys"]} == {old, new}
    # Once the last of its tokens has expired the old one is gone.
    later(minutes=16.5)
    assert _shown(world) == [new]
    verifier.refresh()
    with pytest.raises(Problem):
        verifier.authenticate(before["access_token"])
    assert world.harness.run_job("signing-keys") == {"deleted": 1, "made": None}
    verifier.close()


def test_a_verifier_accepts_a_new_key_without_waiting(world: Any, later: Any) -> None:
    world.person("li.wei")
    world.login("li.wei")
    verifier = _another_process(world)
    verifier.refresh()
    with world.harness.session() as session:
        keys.rotate(session, compromised=True)
    tokens = world.login("li.wei")
    assert verifier.authenticate(tokens["access_token"]).kind == "user"
    verifier.close()


def test_two_rotations_in_a_row(world: Any, later: Any) -> None:
    world.person("li.wei")
    first = _kid(world.login("li.wei"))
    with world.harness.session() as session:
        second = keys.rotate(session).kid
    later(seconds=30)
    with world.harness.session() as session:
        third = keys.rotate(session).kid
    assert _shown(world) == [first, second, third]
    signed = []
    for seconds in (31, 61, 91):
        later(seconds=seconds)
        signed.append(_kid(world.login("li.wei")))
    assert signed == [first, second, third]


def test_a_compromised_key_is_void_at_once(world: Any) -> None:
    world.person("li.wei")
    admin = world.administrator()
    tokens = world.login("li.wei")
    made = admin.post("/keys/rotate", {"compromised": True}, 201)
    assert _shown(world) == [made["kid"]]
    world.policy()
    assert world.client(tokens).get("/me", 401)["code"] == "invalid-token"
    # The sessions continue: nobody has to type a password again.
    world.client(world.refresh(tokens["refresh_token"])).get("/me")
    [entry] = world.audited("rotated-compromised")
    assert entry["record_id"] == made["kid"]


def test_an_old_key_is_rotated_automatically(world: Any, later: Any) -> None:
    world.person("li.wei")
    world.login("li.wei")
    later(days=89)
    assert world.harness.run_job("signing-keys")["made"] is None
    later(days=91)
    made = world.harness.run_job("signing-keys")["made"]
    assert made is not None and world.harness.run_job("signing-keys")["made"] is None
    assert _shown(world)[-1] == made


def test_keys_are_listed_newest_first(world: Any) -> None:
    admin = world.administrator()
    made = admin.post("/keys/rotate", {}, 201)
    listed = admin.get("/keys")["items"]
    assert listed[0] == made and len(listed) == 2
    assert set(made) == {"kid", "created_at", "signs_from", "expires_at"}
    assert listed[1]["expires_at"] is not None and made["expires_at"] is None


def test_private_halves_are_sealed(world: Any) -> None:
    world.person("li.wei")
    world.login("li.wei")
    with world.harness.session() as session:
        row = session.scalars(select(SigningKey)).one()
        private = keys._unsealed(row).as_dict(private=True)["d"]
    assert private not in row.sealed_private and private not in row.public


def test_another_internal_key_means_another_signing_key(
    world: Any, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person("li.wei")
    before = world.login("li.wei")
    monkeypatch.setenv("KEHU_INTERNAL_KEY", "quite another internal key")
    after = world.refresh(before["refresh_token"])
    assert _kid(after) != _kid(before) and len(_shown(world)) == 2
    world.policy()
    for tokens in (before, after):
        world.client(tokens).get("/me")
    # Once the last of its tokens has expired the old one is gone.
    later(minutes=15.5)
    assert _shown(world) == [_kid(after)]


def test_a_leaked_internal_key_voids_the_keys_it_sealed(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.login(world.person("li.wei").username)
    monkeypatch.setenv("KEHU_INTERNAL_KEY", "quite another internal key")
    made = world.administrator().post("/keys/rotate", {"compromised": True}, 201)
    assert _shown(world) == [made["kid"]]
    world.policy()
    assert world.client(before).get("/me", 401)["code"] == "invalid-token"


def test_signing_in_makes_a_key_if_there_is_none(world: Any) -> None:
    world.person("li.wei")
    world.login("li.wei")
    with world.harness.session() as session:
        session.execute(delete(SigningKey))
    world.login("li.wei")
