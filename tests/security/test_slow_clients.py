"""Five thousand clients that send too little or read nothing are not noticed by the others."""

from __future__ import annotations

import itertools
import json
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.tests.hostile import Normal, clients
from gateway.tests.support import Auth, GatewayProcess, Upstream, contract, sends

COUNT = 5000
FILES = COUNT + 1000
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 250000\r\n\r\n" + b"x" * 250_000


@pytest.fixture
def many_files() -> Iterator[None]:
    """Lets this process, and the gateway that it starts, open enough files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < FILES:
        pytest.skip(f"needs {FILES} open files, may have {before[1]}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(FILES, before[0]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def gateway(many_files: None, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway in front of a service that also has a long response."""
    auth, alpha = Auth(), Upstream("alpha")
    alpha.scripts["/api/v1/alpha/unread"] = sends(LONG, keep=True)
    (tmp_path / "openapi").mkdir()
    for name in ("auth", "alpha"):
        (tmp_path / "openapi" / f"{name}.json").write_text(json.dumps(contract(name)))
    running = GatewayProcess(tmp_path, {"auth": auth.url, "alpha": alpha.url})
    running.start()
    yield running
    running.stop()
    for server in (auth, alpha):
        server.stop()


def _normal(gateway: GatewayProcess) -> Normal:
    def work() -> None:
        assert gateway.get("/healthz").status == 200
        assert gateway.get("/api/v1/alpha/public").status == 200
        assert gateway.request("POST", "/api/v1/alpha/public", body=b"x" * 5000).status == 200
        assert gateway.probe("/readyz").status == 200
        assert gateway.probe("/metrics").status == 200

    return Normal(work)


def test_five_thousand_hostile_clients_of_many_addresses(gateway: GatewayProcess) -> None:
    sources = (f"127.{a}.{b}.2" for a in range(1, 100) for b in range(250))
    with _normal(gateway) as normal, clients(gateway.port, COUNT, sources):
        normal.wait_for_rounds(5)


def test_five_thousand_hostile_clients_of_one_address(gateway: GatewayProcess) -> None:
    sources = itertools.repeat("127.0.0.2")
    with _normal(gateway) as normal, clients(gateway.port, COUNT, sources):
        normal.wait_for_rounds(5)
