"""The commands without a running stack, and the files they write."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kehu_cli.catalogue import SERVICES as CATALOGUE
from kehu_cli.cli import kehu
from kehu_cli.contracts import generation as contracts
from kehu_cli.faults import EXPERIMENTS
from kehu_cli.private_files import write_private
from kehu_cli.stack import programs, supervisor
from kehu_cli.stack.programs import SERVERS, Program
from kehu_cli.stack.stack import describe
from kehu_cli.stack.state import State


def run(state: Path, *arguments: str) -> Result:
    """Run a command of `kehu` on a state directory."""
    return CliRunner().invoke(kehu, ["--state", str(state), *arguments])


def test_status_without_a_stack_prints_how_to_start_one(tmp_path: Path) -> None:
    result = run(tmp_path, "status")
    assert result.exit_code == 1
    assert "./kehu up" in result.output


def test_status_without_a_stack_prints_valid_json(tmp_path: Path) -> None:
    result = run(tmp_path, "status", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output) == {
        "gateway_url": None,
        "amqp_url": None,
        "sales_amqp_url": None,
        "processes": [],
    }


def test_down_without_a_stack_is_not_an_error(tmp_path: Path) -> None:
    result = run(tmp_path, "down")
    assert (result.exit_code, result.output) == (0, "Nothing is running.\n")


@pytest.mark.parametrize("option", ["--username", "--password"])
def test_a_user_without_a_password_cannot_check_orders(tmp_path: Path, option: str) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("customer_id,date,quantity,amount_usd\nC1,1997-01-01,1,9.50\n")
    result = run(tmp_path, "sales", "publish", str(orders), option, "x")
    assert result.exit_code == 2
    assert "belong together" in result.output


def test_a_second_demonstration_on_a_temporary_stack_is_refused(tmp_path: Path) -> None:
    state = State(tmp_path)
    with state.demonstration_lock():
        mark = state.demonstration.log("gateway")
        mark.parent.mkdir(parents=True)
        mark.touch()
        result = run(tmp_path, "demo")
        assert mark.exists()
    assert result.exit_code == 1
    assert "already being played" in result.output and "--state DIR demo" in result.output


def test_a_login_for_a_temporary_stack_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, "demo", "--admin-password", "secret")
    assert result.exit_code == 2
    assert "has its own addresses and logins" in result.output


@pytest.mark.parametrize(
    "command", [("dead-letters", "customer", "list"), ("resync", "auth"), ("replay", "marketing")]
)
def test_operator_commands_require_a_stack(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(tmp_path, *command)
    assert result.exit_code == 1
    assert "no stack is running" in result.output


def test_faults_are_listed_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    listed = run(tmp_path, "faults", "--list")
    assert [line.split()[0] for line in listed.output.splitlines()] == list(EXPERIMENTS)
    assert run(tmp_path, "faults", "F12", "--list").output.startswith("F12  the broker is killed")
    refused = run(tmp_path, "faults", "F12", "F99")
    assert refused.exit_code == 2 and "F99" in refused.output


def test_logs_prints_the_last_lines_of_one_process(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "auth-api.log").write_text("one\ntwo\nthree\n")
    assert run(tmp_path, "logs", "auth-api", "-n", "2").output == "two\nthree\n"


def test_logs_do_not_command_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    evil = "\x1b]0;title\x07 \x9b2J\u202e\ttab\r\n"
    (tmp_path / "log" / "gateway.log").write_bytes(evil.encode())
    assert (
        run(tmp_path, "logs", "gateway").output == "\\u001b]0;title\\u0007 \\u009b2J\\u202e\ttab\n"
    )


def test_logs_of_all_processes_have_prefixes(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    for name in ("auth-api", "gateway"):
        (tmp_path / "log" / f"{name}.log").write_text("started\n")
    assert run(tmp_path, "logs").output == "auth-api | started\ngateway  | started\n"


def test_logs_of_an_unknown_process_lists_the_available_ones(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "gateway.log").touch()
    result = run(tmp_path, "logs", "gatway")
    assert result.exit_code == 1
    assert "Available: gateway" in result.output


def test_reset_asks_for_confirmation_and_keeps_foreign_files(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "demo" / "postgres").mkdir(parents=True)
    (tmp_path / "holiday.jpg").touch()
    assert run(tmp_path, "reset").exit_code == 1
    assert (tmp_path / "postgres").exists()
    assert run(tmp_path, "reset", "--yes").exit_code == 0
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / "demo").exists()
    assert (tmp_path / "holiday.jpg").exists()


def test_a_read_only_state_directory_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run(tmp_path / "file" / "state", "up")
    assert result.exit_code == 1
    assert "--state DIR" in result.output


def test_credentials_are_random_persistent_and_private(tmp_path: Path) -> None:
    state, other = State(tmp_path / "one"), State(tmp_path / "two")
    for each in (state, other):
        each.create()
    first = state.ensure_credentials()
    assert state.ensure_credentials() == first
    assert other.ensure_credentials()["internal_key"] != first["internal_key"]
    assert (tmp_path / "one" / "credentials.json").stat().st_mode & 0o777 == 0o600


def test_the_given_administrator_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_ADMIN_USERNAME", "chen")
    monkeypatch.setenv("KEHU_ADMIN_PASSWORD", "given by the user")
    state = State(tmp_path)
    state.create()
    administrator = state.ensure_credentials()["administrator"]
    assert administrator["username"] == "chen"
    assert administrator["password"] == "given by the user"
    assert not administrator["generated"]


def test_only_the_migration_of_auth_gets_the_administrators_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both characters end a value in the supervisor's configuration, which has no escapes.
    monkeypatch.setenv("KEHU_ADMIN_PASSWORD", 'a "quoted" one # and more')
    state = State(tmp_path)
    state.create()
    state.ensure_credentials()
    state.remember("127.0.0.1", dict.fromkeys(("gateway", "amqp", "postgres", "auth-api"), 1))
    stack = describe(state)
    assert "KEHU_ADMIN_PASSWORD" not in stack.service_environment("auth")
    variables = stack.migration_environment("auth")
    assert variables["KEHU_ADMIN_PASSWORD"] == 'a "quoted" one # and more'
    assert "KEHU_ADMIN_PASSWORD" not in stack.migration_environment("customer")


def test_percent_signs_are_escaped_in_the_supervisors_configuration(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.create()
    state.ensure_credentials()
    program = Program("postgres", SERVERS, ["run", "a b"], {"KEHU_AMQP_URL": "amqp://h/%2F"})
    supervisor.write_configuration(state, [program], 20_001)
    text = state.supervisor_configuration.read_text()
    assert 'KEHU_AMQP_URL="amqp://h/%%2F"' in text
    assert "command = run 'a b'" in text
    assert state.supervisor_configuration.stat().st_mode & 0o777 == 0o600


def test_a_private_file_is_replaced_without_temporary_files(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text() == "two"
    assert list(tmp_path.iterdir()) == [path]


def test_an_outdated_contract_file_is_reported() -> None:
    path = contracts.DEFINITIONS
    assert contracts.differences({path: path.read_text()}) == ""
    assert "+something new" in contracts.differences({path: path.read_text() + "something new\n"})


def test_a_given_broker_needs_the_switch_for_one_login(tmp_path: Path) -> None:
    """All services would share the login of KEHU_AMQP_URL; nothing starts without the consent."""
    environment = {"KEHU_AMQP_URL": "amqp://all:secret@127.0.0.1:1/%2F"}
    for value in (None, "false", "perhaps"):
        result = CliRunner().invoke(
            kehu,
            ["--state", str(tmp_path), "up"],
            env=environment | {"KEHU_AMQP_SHARED_LOGIN": value},
        )
        assert result.exit_code in (1, 78)
        assert "KEHU_AMQP_SHARED_LOGIN" in result.output + result.stderr
        assert "secret" not in result.output
        assert State(tmp_path).ports() == {}, "nothing was prepared"


@pytest.mark.parametrize("given", [None, "amqp://all:secret@broker/%2F"])
def test_processes_get_a_login_of_their_own_or_know_that_it_is_shared(
    tmp_path: Path, given: str | None
) -> None:
    state = State(tmp_path)
    state.create()
    credentials = state.ensure_credentials() | {"external_amqp_url": given}
    state.keep_credentials(credentials)
    names = [f"{service}-{kind}" for service in CATALOGUE for kind in ("api", "work")]
    servers = ["gateway", "amqp", "management", "distribution", "epmd", "postgres"]
    state.remember("127.0.0.1", dict.fromkeys([*names, *servers], 1))
    stack = describe(state)
    for service in CATALOGUE:
        environment = programs._work(stack, service).environment
        assert environment["KEHU_AMQP_SHARED_LOGIN"] == ("true" if given else "false")
        url = environment["KEHU_AMQP_URL"]
        assert url == given if given else url.startswith(f"amqp://{service}:")
