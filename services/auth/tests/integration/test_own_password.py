"""Changing one's own password, and having to."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_auth.features.passwords import service as passwords

PASSWORD = "correct horse battery"
NEW = "staple the battery"


def _change(client: Any, status: int = 200, old: str = PASSWORD, new: str = NEW) -> Any:
    body = {"old_password": old, "new_password": new}
    return client.expect(status, "PUT", "/me/password", body)


def test_changing_the_password_ends_all_sessions_and_begins_a_new_one(world: Any) -> None:
    user = world.person("li.wei")
    here, there = world.login("li.wei"), world.login("li.wei")
    tokens = _change(world.client(here))
    world.policy()
    for old in (here, there):
        assert world.client(old).get("/me", 401)["code"] == "session-ended"
        world.refresh(old["refresh_token"], 401)
    world.client(tokens).get("/me")
    world.refresh(tokens["refresh_token"])
    world.login("li.wei", status=401)
    world.login("li.wei", NEW)
    [entry] = [e for e in world.audited("changed") if e["record_id"] == str(user.id)]
    by_field = {change["field"]: change for change in entry["changes"]}
    assert by_field["password_hash"] == {"field": "password_hash", "old": None, "new": None}


@pytest.mark.parametrize(
    ("old", "new", "pointer", "code"),
    [
        ("wrong horse", NEW, "/old_password", "wrong-password"),
        (PASSWORD, PASSWORD, "/new_password", "password-unchanged"),
        (
            PASSWORD,
            "ｃｏｒｒｅｃｔ horse battery",
            "/new_password",
            "password-unchanged",
        ),
        (PASSWORD, "Correct Horse Battery", "/new_password", "password-unchanged"),
        (PASSWORD, "correct horse\u200b battery", "/new_password", "password-unchanged"),
        (PASSWORD, " correct horse battery ", "/new_password", "password-unchanged"),
        (PASSWORD, "𝐜𝐨𝐫𝐫𝐞𝐜𝐭 horse battery", "/new_password", "password-unchanged"),
        (PASSWORD, "li.wei1234", "/new_password", "password-is-username"),
        (PASSWORD, "password1", "/new_password", "password-too-common"),
        (PASSWORD, "short", "/new_password", "wrong-length"),
    ],
)
def test_bad_changes_are_refused(world: Any, old: str, new: str, pointer: str, code: str) -> None:
    world.person("li.wei")
    tokens = world.login("li.wei")
    refused = _change(world.client(tokens), 422, old, new)
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [(pointer, code)]
    world.client(tokens).get("/me")
    world.login("li.wei")


def test_a_stolen_token_does_not_allow_guessing(world: Any) -> None:
    world.person("li.wei")
    client = world.as_("li.wei")
    for _ in range(5):
        _change(client, 422, "wrong horse")
    _change(client, 429)
    assert sorted(world.refusals("password-change")) == [
        ("too-many-requests", 1), ("wrong-password", 1), ("wrong-password", 4),
    ]  # fmt: skip


def test_bad_new_passwords_do_not_count_as_guesses(world: Any) -> None:
    world.person("li.wei")
    client = world.as_("li.wei")
    for weak in ("short", "password1", "li.wei", "aaaaaaaa", PASSWORD, "12345678"):
        refused = _change(client, 422, new=weak)
        assert [error["pointer"] for error in refused["errors"]] == ["/new_password"], weak
    _change(client)


def test_a_token_allows_almost_nothing_until_the_password_is_changed(world: Any) -> None:
    world.person("li.wei", "admin", must_change_password=True)
    tokens = world.login("li.wei")
    client = world.client(tokens)
    for path in ("/users", "/people", "/settings"):
        assert client.get(path, 403)["code"] == "password-change-required"
    assert client.get("/me")["must_change_password"] is True
    # Nor does the next token.
    next_one = world.client(world.refresh(tokens["refresh_token"]))
    assert next_one.get("/people", 403)["code"] == "password-change-required"
    free = world.client(_change(client))
    free.get("/users")
    assert free.get("/me")["must_change_password"] is False


def test_signing_out_needs_no_new_password(world: Any) -> None:
    world.person("li.wei", must_change_password=True)
    world.as_("li.wei").expect(204, "POST", "/logout")


def test_a_change_that_races_with_a_reset_is_refused(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = world.person("li.wei")
    admin = world.administrator()
    client = world.as_("li.wei")
    real = passwords.verify

    def reset_meanwhile(password: str, kept: str | None) -> bool:
        fits = real(password, kept)
        admin.post(f"/users/{user.id}/reset-password", {"password": "by the administrator"})
        return fits

    with monkeypatch.context() as patched:
        patched.setattr(passwords, "verify", reset_meanwhile)
        _change(client, 409)
    world.login("li.wei", "by the administrator")
    world.login("li.wei", NEW, 401)
