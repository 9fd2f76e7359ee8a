"""One gateway with its services for most tests; a fresh one for tests that reconfigure it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.tests.browsers import BEGIN, Browser, BrowserSessions
from gateway.tests.support import Auth, GatewayProcess, Upstream, contract


@dataclass
class World:
    """A gateway in front of auth and two services."""

    auth: Auth
    alpha: Upstream
    beta: Upstream
    gateway: GatewayProcess
    contracts: Path

    def write(self, service: str, document: dict[str, Any]) -> None:
        (self.contracts / "openapi" / f"{service}.json").write_text(json.dumps(document))


def _auth_contract() -> dict[str, Any]:
    paths = {"/.well-known/jwks.json": {"get": {"x-permission": "public"}}}
    return contract("auth", paths)


def build_world(folder: Path, environment: dict[str, str], *, start: bool = True) -> World:
    (folder / "openapi").mkdir(parents=True)
    auth, alpha, beta = Auth(), Upstream("alpha"), Upstream("beta")
    services = {"auth": auth.url, "alpha": alpha.url, "beta": beta.url}
    gateway = GatewayProcess(folder, services, environment)
    world = World(auth, alpha, beta, gateway, folder)
    world.write("auth", _auth_contract())
    world.write("alpha", contract("alpha"))
    world.write("beta", contract("beta"))
    if start:
        gateway.start()
    return world


def end_world(world: World) -> None:
    world.gateway.stop()
    for server in (world.auth, world.alpha, world.beta):
        server.stop()


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = build_world(tmp_path_factory.mktemp("gateway"), {})
    yield world
    end_world(world)


@pytest.fixture
def world(_shared: World) -> Iterator[World]:
    """The shared gateway; scripts and recorded requests are cleared after each test."""
    yield _shared
    for server in (_shared.alpha, _shared.beta):
        server.scripts.clear()
        server.requests.clear()


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Builds a gateway for one test, with additional environment variables."""
    made: list[World] = []

    def build(*, start: bool = True, **environment: str) -> World:
        made.append(build_world(tmp_path / f"w{len(made)}", environment, start=start))
        return made[-1]

    yield build
    for world in made:
        end_world(world)


@pytest.fixture
def sessions(world: World) -> Iterator[BrowserSessions]:
    """The browser sessions that auth knows."""
    yield BrowserSessions(world.auth)
    for path in [path for path in world.auth.scripts if path.startswith(BEGIN)]:
        del world.auth.scripts[path]


@pytest.fixture
def browser(world: World, sessions: BrowserSessions) -> Browser:
    """A browser that is signed in."""
    browser = Browser(world.gateway)
    assert browser.sign_in().status == 200
    return browser
