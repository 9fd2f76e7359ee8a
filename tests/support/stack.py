"""A running system seen from outside: users with logins, the sales system, its processes."""

from __future__ import annotations

import itertools
import json
import math
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pika
import urllib3

from tests.support.guarded import finally_run

T = TypeVar("T")
PASSWORD = "a-long-enough-password"
TOKEN_SECONDS = 240  # access tokens are valid for ten minutes
_numbers = itertools.count(1)
_http = urllib3.PoolManager(
    timeout=urllib3.Timeout(connect=5, read=35), retries=False, maxsize=16, block=False
)


class UnexpectedStatusError(AssertionError):
    """The response has another status than the test expects."""


@contextmanager
def state_folder() -> Iterator[Path]:
    """A folder for a stack's state; at the end the stack is stopped if it still runs.

    Not one of pytest's: its next run makes their parent unreadable to PostgreSQL's account.
    """
    with (
        tempfile.TemporaryDirectory(prefix="kehu-test-", ignore_cleanup_errors=True) as folder,
        finally_run(sys.executable, "-P", "-m", "kehu_cli", "--state", folder, "down"),
    ):
        yield Path(folder)


@dataclass
class Session:
    """A signed-in user who sends HTTP requests to the gateway; without ``login``, nobody."""

    base: str
    login: dict[str, str] | None = None
    user: dict[str, Any] = field(default_factory=dict)
    _token: str = ""
    _token_at: float = -math.inf

    @property
    def token(self) -> str:
        """A token that is valid for some minutes more; signs in again if the last one is old."""
        if time.monotonic() - self._token_at > TOKEN_SECONDS:
            nobody = Session(self.base)
            signed_in = nobody.post("/api/v1/auth/login", self.login)
            self._token, self._token_at = signed_in["access_token"], time.monotonic()
            self.user = signed_in["user"]
        return self._token

    def discard_token(self) -> None:
        """Discard the token: the next request signs in again."""
        self._token_at = -math.inf

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; returns urllib3's response."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        if self.login:
            sent["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        return _http.request(method, self.base + path, body=data, headers=sent)

    def expect(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request, expect this status, return its JSON (None without a body)."""
        response = self.request(method, path, body, **headers)
        if response.status != status:
            raise UnexpectedStatusError(f"{method} {path}: {response.status} {response.data!r}")
        return json.loads(response.data) if response.data else None

    def get(self, path: str) -> Any:
        """GET and expect 200."""
        return self.expect(200, "GET", path)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """POST and expect the status."""
        return self.expect(status, "POST", path, {} if body is None else body)


class RunningStack:
    """The system under test, as `kehu status --json` describes it."""

    def __init__(
        self, status: dict[str, Any], state: Path, admin_username: str, admin_password: str
    ) -> None:
        self.gateway_url: str = status["gateway_url"]
        self.sales_amqp_url: str = status["sales_amqp_url"]
        self.amqp_url: str = status["amqp_url"]
        self.processes: list[dict[str, Any]] = status["processes"]
        self.state = state
        self._admin = (admin_username, admin_password)

    @cached_property
    def admin(self) -> Session:
        """The first administrator, signed in."""
        return self.login(*self._admin)

    @property
    def nobody(self) -> Session:
        """A caller without a token."""
        return Session(self.gateway_url)

    def login(self, username: str, password: str) -> Session:
        """Sign in."""
        session = Session(self.gateway_url, {"username": username, "password": password})
        assert session.token
        return session

    def department(self, name: str, parent_id: str | None = None) -> str:
        """Create a department; returns its id."""
        body = {"name": f"{name} {uuid.uuid4().hex[:6]}", "parent_id": parent_id}
        made: str = self.admin.post("/api/v1/auth/departments", body, 201)["id"]
        return made

    def person(self, *roles: str, department_id: str | None = None, **fields: Any) -> Session:
        """Create a user with these roles, and further fields, and sign them in."""
        username = f"user{next(_numbers)}-{uuid.uuid4().hex[:6]}"
        body = {
            "username": username,
            "display_name": username.title(),
            "password": PASSWORD,
            "must_change_password": False,
            "roles": list(roles),
            "department_id": department_id,
        }
        self.admin.post("/api/v1/auth/users", body | fields, 201)
        return self.login(username, PASSWORD)

    def publish_as_sales(self, *messages: tuple[str, bytes]) -> None:
        """Publish each ``(routing key, body)`` as the sales system and wait for the confirms."""
        publish(self.sales_amqp_url, "sales.events", *messages)


def publish(
    url: str,
    exchange: str,
    *messages: tuple[str, bytes],
    content_type: str = "application/cloudevents+json",
) -> None:
    """Publish raw messages in the name of the login, each confirmed."""
    parameters = pika.URLParameters(url)
    connection = pika.BlockingConnection(parameters)
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        for key, body in messages:
            channel.basic_publish(
                exchange,
                key,
                body,
                pika.BasicProperties(
                    content_type=content_type,
                    delivery_mode=2,
                    message_id=str(uuid.uuid4()),
                    user_id=parameters.credentials.username,
                ),
                mandatory=True,
            )
    finally:
        connection.close()


def cloud_event(
    event_type: str, data: Any, *, subject: str, version: int = 1, **attributes: Any
) -> bytes:
    """An event as the sales system sends it."""
    envelope = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/sales",
        "type": event_type,
        "subject": subject,
        "time": "2026-11-20T00:00:00Z",
        "aggregateversion": version,
        "data": data,
    }
    return json.dumps(envelope | attributes).encode()


def eventually(probe: Callable[[], T], *, within: float = 30.0, what: str = "") -> T:
    """Return the first true value of ``probe``; raise AssertionError after ``within`` seconds."""
    deadline = time.monotonic() + within
    pause = 0.05
    while True:
        failure: BaseException | None = None
        found: T | None = None
        try:
            found = probe()
            if found:
                return found
        except (AssertionError, OSError, urllib3.exceptions.HTTPError) as error:
            failure = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or found}") from failure
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)
