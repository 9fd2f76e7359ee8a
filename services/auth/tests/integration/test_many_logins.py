"""Many logins at once, in a process with few threads: all else is served as before."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

PASSWORD = "correct horse battery"
THREADS = 4
DEADLINE = 150


class Api:
    """The API of auth as a process of its own."""

    def __init__(self, world: Any, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        settings = world.harness.settings
        variables = {
            "KEHU_DATABASE_URL": settings.database_url,
            "KEHU_AUTH_URL": "http://127.0.0.1:1",
            "KEHU_CONTRACTS": str(settings.contracts),
            "KEHU_INTERNAL_KEY": os.environ["KEHU_INTERNAL_KEY"],
            "KEHU_BIND": f"127.0.0.1:{self._port}",
            "KEHU_THREADS": str(THREADS),
            "KEHU_DRAIN_SECONDS": "0",
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("KEHU_")}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kehu_auth", "api"],
                env=inherited | variables,
                stdout=output,
                stderr=output,
            )

    def call(self, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """The status of a response and its document; status 0 without a response in time."""
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE / 3) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                found = json.load(error)
                assert error.code != 503 or int(error.headers["Retry-After"]) > 0
                return error.code, found
        except OSError:
            return 0, None

    def login(self, *_: Any) -> tuple[int, Any]:
        """Sign in with the right password."""
        return self.call("/api/v1/auth/login", {"username": "li.wei", "password": PASSWORD})


@pytest.fixture
def api(world: Any, tmp_path: Path) -> Iterator[Api]:
    world.person("li.wei")
    api = Api(world, tmp_path / "api.log")
    try:
        deadline = time.monotonic() + DEADLINE
        while api.call("/auth/policy")[0] != 200:
            assert time.monotonic() < deadline, (tmp_path / "api.log").read_text()
            assert api.process.poll() is None, (tmp_path / "api.log").read_text()
        yield api
    finally:
        api.process.terminate()
        api.process.wait(DEADLINE)


def test_logins_that_cannot_go_on_leave_threads_for_all_else(world: Any, api: Api) -> None:
    """Half of the threads may wait; the other logins are refused at once."""
    token = api.login()[1]["access_token"]
    with ThreadPoolExecutor(40) as pool:
        with world.harness.session() as session:
            # Whoever counts an attempt waits for this lock, for some seconds.
            session.execute(text("SELECT FROM login_attempts FOR UPDATE"))
            logins = [pool.submit(api.login) for _ in range(40)]
            first = next(as_completed(logins, timeout=DEADLINE)).result()
            assert (first[0], first[1]["code"]) == (503, "sign-in-busy")
            assert api.call("/auth/policy")[0] == 200
            assert api.call("/api/v1/auth/me", token=token)[0] == 200
        found = [login.result() for login in logins]
    busy = [document for _, document in found if document.get("code") == "sign-in-busy"]
    assert len(busy) >= 20 and {status for status, _ in found} <= {200, 503}
    assert api.login()[0] == 200


def test_forty_logins_at_once_succeed_or_are_refused_at_once(world: Any, api: Api) -> None:
    with ThreadPoolExecutor(40) as pool:
        logins = list(pool.map(api.login, range(40)))
        others = pool.map(api.call, ["/auth/policy"] * 10)
    assert {status for status, _ in others} == {200}
    assert {status for status, _ in logins} <= {200, 503}
    assert any(status == 200 for status, _ in logins)
    # Nobody was paused for it.
    assert api.login()[0] == 200
