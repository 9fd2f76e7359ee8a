"""The addresses, logins and time zone used: from options, from the stack, or from the shell."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest

from kehu_cli.demo.target import TargetOptions
from kehu_cli.ports import private_port
from kehu_cli.stack.stack import Stack, describe
from kehu_cli.stack.state import State

PORTS = {name: private_port() for name in ("gateway", "amqp", "postgres", "auth-api")}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack that was started in Berlin, seen from the shell of another Kehu."""
    for name in ("KEHU_TIMEZONE", "KEHU_ADMIN_USERNAME", "KEHU_ADMIN_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    state = State(tmp_path)
    state.create()
    state.ensure_credentials()
    monkeypatch.setenv("KEHU_TIMEZONE", "Europe/Berlin")
    state.remember("127.0.0.1", PORTS)
    monkeypatch.setenv("KEHU_TIMEZONE", "America/Lima")
    monkeypatch.setenv("KEHU_ADMIN_USERNAME", "chen")
    monkeypatch.setenv("KEHU_ADMIN_PASSWORD", "of another Kehu")
    return describe(state)


def test_a_local_stack_has_its_own_login_and_time_zone(stack: Stack) -> None:
    target = TargetOptions().of_stack(stack)
    assert target.timezone == ZoneInfo("Europe/Berlin")
    assert (target.admin_username, target.admin_password) == ("admin", stack.admin_password)
    assert target.stack is stack
    assert stack.service_environment("auth")["KEHU_TIMEZONE"] == "Europe/Berlin"


def test_the_time_zone_is_kept_until_another_is_set(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEHU_TIMEZONE")
    stack.state.remember("127.0.0.1", PORTS)
    assert describe(stack.state).timezone == "Europe/Berlin"


def test_options_override_the_values_of_the_stack(stack: Stack) -> None:
    target = TargetOptions(admin_password="changed since").of_stack(stack)
    assert (target.admin_username, target.admin_password) == ("admin", "changed since")
    assert target.stack is stack
    target = TargetOptions(amqp="amqp://elsewhere").of_stack(stack)
    assert target.amqp_url == "amqp://elsewhere"
    assert target.stack is None


def test_a_remote_kehu_gets_login_and_time_zone_from_the_shell(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = TargetOptions().remote("http://kehu", "amqp://kehu")
    assert (target.admin_username, target.admin_password) == ("chen", "of another Kehu")
    assert target.timezone == ZoneInfo("America/Lima")
    monkeypatch.setenv("KEHU_TIMEZONE", "Atlantis/Capital")
    with pytest.raises(click.ClickException, match="KEHU_TIMEZONE: no such time zone"):
        TargetOptions().remote("http://kehu", "amqp://kehu")
