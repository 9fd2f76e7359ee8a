"""Configuration: an invalid or missing variable ends the process with a line that names it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from chassis_support.program import Program

from kehu_chassis import config

GOOD = {
    "KEHU_DATABASE_URL": "postgresql://notes:secret@db:5432/notes",
    "KEHU_AUTH_URL": "http://auth:8000/",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, contracts_folder: Path) -> None:
    for name, value in {**GOOD, "KEHU_CONTRACTS": str(contracts_folder)}.items():
        monkeypatch.setenv(name, value)


def test_optional_variables_have_defaults() -> None:
    settings = config.settings()
    assert settings.auth_url == "http://auth:8000"
    assert (settings.bind, settings.probe_bind) == ("0.0.0.0:8000", None)
    assert (str(settings.timezone), settings.currency) == ("Asia/Shanghai", "CNY")
    assert (settings.workers, settings.threads, settings.log_level) == (1, 8, "INFO")


def test_everything_can_be_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "KEHU_BIND": "[::]:80",
        "KEHU_PROBE_BIND": "127.0.0.1:9000",
        "KEHU_TIMEZONE": "Asia/Gaza",
        "KEHU_CURRENCY": "EUR",
        "KEHU_LOG_LEVEL": "debug",
        "KEHU_WORKERS": "2",
        "KEHU_THREADS": "4",
    }.items():
        monkeypatch.setenv(name, value)
    settings = config.settings()
    assert (settings.bind, settings.probe_bind) == ("[::]:80", "127.0.0.1:9000")
    assert (str(settings.timezone), settings.currency) == ("Asia/Gaza", "EUR")
    assert (settings.workers, settings.threads, settings.log_level) == (2, 4, "DEBUG")


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_variable_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(name)
    _expect_rejected(name, capsys)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEHU_DATABASE_URL", ""),
        ("KEHU_DATABASE_URL", "mysql://notes:secret@db/notes"),
        ("KEHU_DATABASE_URL", "postgresql"),
        ("KEHU_DATABASE_URL", "postgresql://notes:secret@/notes"),
        ("KEHU_DATABASE_URL", "postgresql://notes:secret@db:many/notes"),
        ("KEHU_DATABASE_URL", "postgresql://notes:secret@[db/notes"),
        ("KEHU_AUTH_URL", "auth:8000"),
        ("KEHU_AUTH_URL", "http://"),
        ("KEHU_BIND", "8000"),
        ("KEHU_BIND", ":8000"),
        ("KEHU_BIND", "0.0.0.0:http"),
        ("KEHU_BIND", "0.0.0.0:70000"),
        ("KEHU_PROBE_BIND", "nowhere"),
        ("KEHU_CONTRACTS", "/nonexistent"),
        ("KEHU_TIMEZONE", "Mars/Olympus"),
        ("KEHU_TIMEZONE", "../../etc/passwd"),
        ("KEHU_CURRENCY", "yuan"),
        ("KEHU_CURRENCY", "cny"),
        ("KEHU_LOG_LEVEL", "LOUD"),
        ("KEHU_WORKERS", "many"),
        ("KEHU_WORKERS", "0"),
        ("KEHU_WORKERS", "-1"),
        ("KEHU_THREADS", "0"),
        ("KEHU_THREADS", "-1"),
        ("KEHU_DRAIN_SECONDS", "soon"),
        ("KEHU_DRAIN_SECONDS", "-1"),
        ("KEHU_DRAIN_SECONDS", "nan"),
    ],
)
def test_a_malformed_variable_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    _expect_rejected(name, capsys)


@pytest.mark.parametrize("value", [None, "http://broker", "amqp://notes:secret@broker:99999/"])
def test_the_brokers_address_is_read_separately(
    value: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEHU_AMQP_URL", "amqps://notes:secret@broker/%2F")
    assert config.broker("notes") == config.Broker("amqps://notes:secret@broker/%2F")
    if value is None:
        monkeypatch.delenv("KEHU_AMQP_URL")
    else:
        monkeypatch.setenv("KEHU_AMQP_URL", value)
    _expect_rejected("KEHU_AMQP_URL", capsys, lambda: config.broker("notes"))
    config.settings()


@pytest.mark.parametrize("login", ["kehu:secret@", "Notes:secret@", "notes%20:secret@", ""])
def test_the_login_must_be_that_of_the_service(
    login: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unless the installation states that all services share one."""
    url = f"amqp://{login}broker/%2F"
    monkeypatch.setenv("KEHU_AMQP_URL", url)
    _expect_rejected("KEHU_AMQP_SHARED_LOGIN=true", capsys, lambda: config.broker("notes"))
    monkeypatch.setenv("KEHU_AMQP_SHARED_LOGIN", "false")
    _expect_rejected("KEHU_AMQP_SHARED_LOGIN=true", capsys, lambda: config.broker("notes"))
    monkeypatch.setenv("KEHU_AMQP_SHARED_LOGIN", "true")
    shared = unquote(login.partition(":")[0]) or "guest"
    assert config.broker("notes") == config.Broker(url, shared)
    monkeypatch.setenv("KEHU_AMQP_SHARED_LOGIN", "perhaps")
    _expect_rejected("KEHU_AMQP_SHARED_LOGIN", capsys, lambda: config.broker("notes"))


def test_a_name_may_be_escaped_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "amqp://service%2Ddesk:p%40ss@broker/%2F"
    monkeypatch.setenv("KEHU_AMQP_URL", url)
    assert config.broker("service-desk") == config.Broker(url)


def _expect_rejected(
    name: str, capsys: pytest.CaptureFixture[str], read: Callable[[], object] = config.settings
) -> None:
    with pytest.raises(SystemExit) as ended:
        read()
    assert ended.value.code == 78
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kehu: configuration: ") and name in line
    assert "secret" not in line, "passwords are never printed"


def test_an_invalid_variable_ends_the_process(program: Program) -> None:
    done = program.run("consume", KEHU_CURRENCY="yuan")
    assert done.returncode == 78
    assert done.stderr == "kehu: configuration: KEHU_CURRENCY: not valid: yuan\n"


@pytest.mark.parametrize("process", ["consume", "relay", "work"])
def test_processes_that_use_the_broker_require_its_address(program: Program, process: str) -> None:
    done = program.run(process)
    assert done.returncode == 78
    assert done.stderr.startswith("kehu: configuration: ") and "KEHU_AMQP_URL" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_other_processes_do_not_require_its_address(program: Program) -> None:
    assert program.run("migrate").returncode == 0
    jobs = program.start("jobs")
    program.wait_for(jobs, "started jobs")
    assert program.stop(jobs) == 0
