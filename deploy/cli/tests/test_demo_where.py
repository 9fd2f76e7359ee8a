"""Which doors, logins and time zone are used: given ones, the stack's own, or the shell's."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest

from kehu_cli.demo.where import Given
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


def test_a_stack_of_this_machine_has_its_own_login_and_time_zone(stack: Stack) -> None:
    where = Given().on(stack)
    assert where.timezone == ZoneInfo("Europe/Berlin")
    assert (where.admin_username, where.admin_password) == ("admin", stack.admin_password)
    assert where.stack is stack
    assert stack.service_environment("auth")["KEHU_TIMEZONE"] == "Europe/Berlin"


def test_the_time_zone_is_kept_until_another_is_given(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEHU_TIMEZONE")
    stack.state.remember("127.0.0.1", PORTS)
    assert describe(stack.state).timezone == "Europe/Berlin"


def test_what_is_given_comes_before_what_the_stack_says(stack: Stack) -> None:
    where = Given(admin_password="changed since").on(stack)
    assert (where.admin_username, where.admin_password) == ("admin", "changed since")
    assert where.stack is stack
    where = Given(amqp="amqp://elsewhere").on(stack)
    assert where.amqp_url == "amqp://elsewhere"
    assert where.stack is None


def test_of_another_kehu_the_shell_tells_login_and_time_zone(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = Given().elsewhere("http://kehu", "amqp://kehu")
    assert (where.admin_username, where.admin_password) == ("chen", "of another Kehu")
    assert where.timezone == ZoneInfo("America/Lima")
    monkeypatch.setenv("KEHU_TIMEZONE", "Atlantis/Capital")
    with pytest.raises(click.ClickException, match="KEHU_TIMEZONE: no such time zone"):
        Given().elsewhere("http://kehu", "amqp://kehu")
