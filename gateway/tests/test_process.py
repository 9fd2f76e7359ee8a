"""The process: its environment, its start and its stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import Response, hangs, wait_for


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KEHU_AUTH_URL", None),
        ("KEHU_ALPHA_URL", None),
        ("KEHU_INTERNAL_KEY", None),
        ("KEHU_INTERNAL_KEY", " "),
        ("KEHU_INTERNAL_KEY", "内部密钥-of-the-tests"),
        ("KEHU_INTERNAL_KEY", "two lines\nof the tests"),
        ("KEHU_CONTRACTS", "/nonexistent"),
        ("KEHU_ALPHA_URL", "ftp://alpha"),
        ("KEHU_ALPHA_URL", "http://alpha/with/path"),
        ("KEHU_ALPHA_URL", "http://user@alpha"),
        ("KEHU_ALPHA_URL", "http://alpha:99999"),
        ("KEHU_BIND", "8000"),
        ("KEHU_PROBE_BIND", "localhost:x"),
        ("KEHU_THREADS", "many"),
        ("KEHU_THREADS", "0"),
        ("KEHU_WORKERS", "-1"),
        ("KEHU_LOG_LEVEL", "loud"),
        ("KEHU_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("KEHU_CALLER_RATE", "0"),
        ("KEHU_UPSTREAM_SECONDS", "inf"),
        ("KEHU_MAX_BODY", "1e6"),
        ("KEHU_ADDRESS_CONNECTIONS", "0"),
    ],
)
def test_an_invalid_variable_ends_the_process_with_one_line(
    world: World, variable: str, value: str | None
) -> None:
    variables = world.gateway.variables()
    variables.pop(variable, None)
    if value is not None:
        variables[variable] = value
    ended = subprocess.run(
        [sys.executable, "-m", "kehu_gateway"],
        env=variables,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode != 0
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert variable in lines[0]


def test_probe_and_public_address_need_different_ports(world: World) -> None:
    variables = world.gateway.variables()
    variables["KEHU_PROBE_BIND"] = variables["KEHU_BIND"]
    ended = subprocess.run(
        [sys.executable, "-m", "kehu_gateway"],
        env=variables,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode != 0
    assert "KEHU_PROBE_BIND" in ended.stderr


def test_a_stopping_gateway_drains_and_finishes_its_requests(build: Callable[..., World]) -> None:
    world = build(KEHU_DRAIN_SECONDS="1")
    world.alpha.scripts["/api/v1/alpha/public"] = hangs
    received: list[Response] = []
    client = threading.Thread(
        target=lambda: received.append(world.gateway.get("/api/v1/alpha/public"))
    )
    client.start()
    assert world.alpha.waiting.acquire(timeout=10)
    assert world.gateway.process is not None
    world.gateway.process.send_signal(signal.SIGTERM)
    wait_for(lambda: world.gateway.get("/readyz").status == 503, "draining")
    response = world.gateway.get("/api/v1/beta/public")
    assert (response.status, response.headers["Connection"]) == (200, "close")
    world.alpha.release.set()
    client.join(10)
    assert [found.status for found in received] == [200]
    assert world.gateway.process.wait(20) == 0


def test_secrets_are_not_logged(build: Callable[..., World]) -> None:
    world = build(KEHU_LOG_LEVEL="DEBUG")
    token = world.auth.token("reader")
    world.gateway.get("/api/v1/alpha/things?q=secret-search", token)
    world.gateway.request("POST", "/api/v1/alpha/public", body=b"secret-body")
    world.gateway.get("/api/v1/alpha/things", "secret-token")
    assert world.gateway.stop() == 0
    assert world.gateway.log is not None
    log = world.gateway.log.read_text()
    assert log
    for secret in (token, "secret-", "internal-key"):
        assert secret not in log
    assert "Traceback" not in log
