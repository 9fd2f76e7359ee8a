"""What the first migration leaves behind: roles, and one administrator."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select

from kehu_auth import first_start
from kehu_auth.features.users.models import User
from kehu_chassis.actor import SYSTEM


@pytest.fixture
def empty(world: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A service without users, and without variables for the first administrator."""
    for name in ("KEHU_ADMIN_USERNAME", "KEHU_ADMIN_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    with world.harness.session() as session:
        session.execute(delete(User).execution_options(state_published=True))
    return world


def _start(world: Any) -> None:
    world.harness.database.run(SYSTEM, first_start.prepare)


def test_a_random_password_is_printed_once_and_must_be_changed(
    empty: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    _start(empty)
    output = capsys.readouterr().out.split()
    assert output[2] == "admin"
    tokens = empty.login("admin", output[4])
    assert tokens["user"]["must_change_password"] is True and tokens["user"]["roles"] == ["admin"]
    _start(empty)
    assert capsys.readouterr().out == ""
    assert empty.harness.published("auth.user-changed.v1")[-1]["data"]["username"] == "admin"


def test_the_password_is_printed_before_it_is_committed(
    empty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies in between leaves no user, and the next one starts over."""

    def broken(*_text: str, **_options: Any) -> None:
        raise BrokenPipeError

    with monkeypatch.context() as patched, pytest.raises(BrokenPipeError):
        patched.setattr("builtins.print", broken)
        _start(empty)
    with empty.harness.session() as session:
        assert session.scalars(select(User)).all() == []


def test_passwords_differ_between_installations(
    empty: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    output = set()
    for _ in range(2):
        with empty.harness.session() as session:
            session.execute(delete(User).execution_options(state_published=True))
        _start(empty)
        output.add(capsys.readouterr().out)
    assert len(output) == 2


def test_a_given_password_is_used_and_not_printed(
    empty: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEHU_ADMIN_USERNAME", "Root.Of.All")
    monkeypatch.setenv("KEHU_ADMIN_PASSWORD", "given by the operator")
    _start(empty)
    tokens = empty.login("root.of.all", "given by the operator")
    assert tokens["user"]["must_change_password"] is False
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("KEHU_ADMIN_PASSWORD", "password1", "password-too-common"),
        ("KEHU_ADMIN_PASSWORD", "short", "wrong-length"),
        ("KEHU_ADMIN_USERNAME", "no spaces", "bad-username"),
    ],
)
def test_an_invalid_variable_is_reported_and_ends_the_migration(
    empty: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    code: str,
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        _start(empty)
    output = capsys.readouterr().err
    assert caught.value.code == 78 and name in output and code in output and value not in output
    with empty.harness.session() as session:
        assert session.scalars(select(User)).all() == []


def test_users_prevent_a_first_administrator(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_ADMIN_USERNAME", "another")
    monkeypatch.setenv("KEHU_ADMIN_PASSWORD", "given by the operator")
    _start(world)
    world.login("another", "given by the operator", 401)


BAD_KEYS = [None, "", "too short", "内部密钥 of the tests", "two\nlines of a key"]


@pytest.mark.parametrize("value", BAD_KEYS)
def test_the_internal_key_is_required(
    world: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: Any
) -> None:
    if value is None:
        monkeypatch.delenv("KEHU_INTERNAL_KEY")
    else:
        monkeypatch.setenv("KEHU_INTERNAL_KEY", value)
    with pytest.raises(SystemExit):
        world.harness.service.configuration()
    assert "KEHU_INTERNAL_KEY" in capsys.readouterr().err
