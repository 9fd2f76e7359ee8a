"""The auth service with users who sign in over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kehu_auth.features.users import service as users
from kehu_chassis.actor import SYSTEM
from kehu_chassis.identity import addresses
from kehu_chassis.testing import Harness
from kehu_chassis.testing.harness import Client

Work = Callable[[Session], Any]

PASSWORD = "correct horse battery"
INTERNAL_KEY = "an internal key for tests"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that every auth process needs."""
    monkeypatch.setenv("KEHU_INTERNAL_KEY", INTERNAL_KEY)


class World:
    """The service under test, and people who can sign in to it."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.nobody = Client(harness.app.test_client(), "/api/v1/auth", None)
        # All refusals of a test are of one minute, however long it takes.
        for tally in (harness.refusals._people, harness.refusals._strangers):
            tally._clock = lambda: 90.0

    @property
    def authority(self) -> Any:
        """The authority with which the service verifies tokens."""
        return self.harness.app.extensions["kehu.authority"]

    def person(self, username: str, *roles: str, **form: Any) -> Any:
        """Create a user directly, without a caller."""
        empty: dict[str, Any] = {
            "display_name": username.title(),
            "must_change_password": False,
            "email": None,
            "phone": None,
            "locale": "zh",
            "department_id": None,
            "regions": [],
            "industries": [],
        }
        given = {"password": PASSWORD, "roles": list(roles or ("account_manager",))}
        with self.harness.session() as session:
            return users.create(session, username=username, **(empty | given | form))

    def login(
        self,
        username: str,
        password: str = PASSWORD,
        status: int = 200,
        address: str = "192.0.2.7",
        **more: str,
    ) -> Any:
        """Sign in through the gateway and check the status."""
        body = {"username": username, "password": password} | more
        return self.nobody.expect(status, "POST", "/login", body, **self.forwarded(address))

    @staticmethod
    def forwarded(address: str) -> dict[str, str]:
        """The headers in which the gateway states a client's address."""
        request_id = "request-of-the-gateway"
        return {
            "x_forwarded_for": address,
            "x_forwarded_proof": addresses.proof(INTERNAL_KEY, address, request_id),
            "x_request_id": request_id,
        }

    def refresh(self, refresh_token: str, status: int = 200) -> Any:
        """Use a refresh token and check the status."""
        return self.nobody.post("/refresh", {"refresh_token": refresh_token}, status)

    def client(self, tokens: dict[str, Any]) -> Client:
        """HTTP with an access token."""
        app = self.harness.app.test_client()
        return Client(app, "/api/v1/auth", tokens["access_token"])

    def as_(self, username: str) -> Client:
        """HTTP as a person, freshly signed in."""
        return self.client(self.login(username))

    def administrator(self, username: str = "boss") -> Client:
        """HTTP as a new administrator."""
        self.person(username, "admin")
        return self.as_(username)

    def policy(self) -> Any:
        """The policy as others fetch it; the service refreshes its own copy, too."""
        self.authority.refresh()
        response = self.harness.app.test_client().get("/auth/policy")
        assert response.status_code == 200, response.text
        return response.get_json()

    def overlapping(self, first: Work, second: Work) -> tuple[Any, Any]:
        """Run two pieces of work, the second while the first is not committed yet."""
        database = self.harness.database
        with ThreadPoolExecutor(1) as pool:
            with database.transaction(SYSTEM) as session:
                one = first(session)
                session.flush()
                other = pool.submit(database.run, SYSTEM, second)
                self._wait_for_a_lock(other)
            return one, other.result(30)

    def _wait_for_a_lock(self, other: Future[Any]) -> None:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        deadline = time.monotonic() + 10
        with self.harness.database.engine.connect() as connection:
            while time.monotonic() < deadline:
                if connection.scalar(waiting) or other.done():
                    return
                connection.rollback()
                wait([other], timeout=0.01)
        raise AssertionError("the second piece of work neither waits nor ends")

    def refusals(self, action: str) -> list[tuple[str, int]]:
        """Code and number of the refusals of one action, after the end of their minute."""
        self.harness.refusals.record_due(unfinished=True)
        found = [entry for entry in self.audited(action) if entry["outcome"] == "refused"]
        return [(entry["code"], _count(entry)) for entry in found]

    def audited(self, action: str) -> list[dict[str, Any]]:
        """The data of the published audit entries of one action."""
        events = self.harness.published("auth.audit-recorded.v1")
        return [event["data"] for event in events if event["data"]["action"] == action]


def _count(entry: dict[str, Any]) -> int:
    return next((c["new"] for c in entry["changes"] if c["field"] == "count"), 1)


@pytest.fixture
def world(harness: Harness) -> Iterator[World]:
    """The auth service on a fresh database."""
    world = World(harness)
    yield world
    world.authority.close()
    with world.authority._refresh_lock:  # its thread has given its connection back
        pass
