"""HTTP at the gateway, by a caller that outlives the death of any process behind it.

A request is repeated when the connection broke or the answer was 502, 503 or 504.  Nobody knows
then whether it took effect, so every POST carries an Idempotency-Key, and a repeated PUT no longer
names the version that its own first attempt may have changed.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import urllib3

# A process that was killed is back in seconds, a broker or a database in some more.
PATIENCE_SECONDS = 120.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
PASSING = {502, 503, 504}


class DemoError(Exception):
    """The demonstration cannot go on; the text says why."""


class Refused(DemoError):
    """An answer other than success."""

    def __init__(self, method: str, path: str, answer: "Answer") -> None:
        self.answer = answer
        self.status = answer.status
        self.code = answer.code
        words = json.dumps(answer.body, ensure_ascii=False)[:600]
        super().__init__(f"{method} {path} was answered {answer.status}: {words}")


@dataclass(frozen=True)
class Answer:
    """What the gateway answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON document; None if there is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    @property
    def code(self) -> str:
        """The stable name of the problem, or nothing."""
        body = self.body
        return str(body.get("code", "")) if isinstance(body, dict) else ""


class Tally:
    """How many requests were sent and how many of them were repeats."""

    def __init__(self) -> None:
        self.requests = 0
        self.repeats = 0
        self._lock = threading.Lock()

    def count(self, *, repeat: bool) -> None:
        """Count one attempt."""
        with self._lock:
            self.requests += 1
            self.repeats += repeat


class GatewayClient:
    """The gateway; one for all threads."""

    def __init__(
        self,
        url: str,
        *,
        connections: int = 16,
        patience: float = PATIENCE_SECONDS,
        pool: Any = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self.tally = Tally()
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._pool = pool or urllib3.PoolManager(
            maxsize=connections,
            retries=False,
            timeout=urllib3.Timeout(connect=5.0, read=60.0),
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request until it has an answer that means something; Refused unless it is 2xx."""
        sent = {"Accept": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        answer = self._patiently(method, path, content, sent)
        if not 200 <= answer.status < 300:
            raise Refused(method, path, answer)
        return answer

    def _patiently(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> Answer:
        deadline, pause, repeat = self._clock() + self._patience, FIRST_PAUSE, False
        while True:
            self.tally.count(repeat=repeat)
            answer, trouble = self._once(method, path, content, headers)
            if answer is not None and not _passes(answer):
                return answer
            if self._clock() + pause > deadline:
                if answer is not None:
                    return answer
                raise DemoError(f"{method} {path}: no answer in {self._patience:.0f} s: {trouble}")
            self._sleep(max(pause, _retry_after(answer)))
            pause, repeat = min(pause * 2, LONGEST_PAUSE), True
            if "If-Match" in headers:
                headers = {**headers, "If-Match": "*"}

    def _once(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[Answer | None, str]:
        try:
            response = self._pool.request(method, self.url + path, body=content, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            return None, f"{type(error).__name__}: {error}"
        return Answer(response.status, response.headers, response.data), ""


def _passes(answer: Answer) -> bool:
    """Return whether the reason for this answer passes by itself."""
    if answer.status in PASSING or answer.status == 429:
        return True
    return answer.status == 409 and answer.code == "idempotency-key-running"


def _retry_after(answer: Answer | None) -> float:
    value = answer.headers.get("Retry-After", "") if answer else ""
    return min(float(value), LONGEST_PAUSE) if value.isdecimal() else 0.0


class Person:
    """Somebody who is signed in and acts with their own token; may be shared by threads."""

    def __init__(self, gateway: GatewayClient, username: str, password: str) -> None:
        self.username = username
        self.id = ""
        self.display_name = username
        self._gateway = gateway
        self._password = password
        self._lock = threading.Lock()
        self._access = self._refresh = ""
        self._renew_at = 0.0

    def sign_in(self) -> None:
        """Log in with the password."""
        with self._lock:
            self._log_in()

    def change_password(self, new: str) -> None:
        """Replace a password that somebody else chose, then log in with the new one."""
        try:
            body = {"old_password": self._password, "new_password": new}
            self.call("PUT", "/auth/me/password", body)
        except Refused as refusal:
            # A repeat is refused like this when the first attempt had its effect.
            if b"wrong-password" not in refusal.answer.content and refusal.status != 401:
                raise
        self._password = new
        self.sign_in()

    def get(self, path: str, **query: Any) -> Any:
        """Read a JSON document."""
        return self.call("GET", _with_query(path, query)).body

    def get_text(self, path: str, **query: Any) -> str:
        """Read a text document, such as CSV."""
        headers = {"Accept": "*/*"}
        return self.call("GET", _with_query(path, query), headers=headers).content.decode()

    def pages(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Read all pages of a list."""
        found: list[dict[str, Any]] = []
        query = {"limit": 200, **query}
        while True:
            page = self.get(path, **query)
            found += page["items"]
            if not page["next_cursor"]:
                return found
            query["cursor"] = page["next_cursor"]

    def total(self, path: str, **query: Any) -> int:
        """Return how many records a list holds."""
        return int(self.get(path, limit=1, **query)["total"])

    def post(self, path: str, body: Any = None) -> Any:
        """Do something once, however often it has to be sent."""
        return self.post_answer(path, body).body

    def post_answer(self, path: str, body: Any = None) -> Answer:
        """Do something once; returns the whole answer."""
        return self.call("POST", path, body, headers={"Idempotency-Key": str(uuid4())})

    def put(self, path: str, body: Any, *, version: int) -> Any:
        """Replace what this version of a record holds."""
        return self.call("PUT", path, body, headers={"If-Match": f'"{version}"'}).body

    def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request; a session that ended meanwhile is begun anew."""
        address = f"/api/v1{path}"
        try:
            return self._gateway.send(
                method, address, token=self._token(), body=body, headers=headers
            )
        except Refused as refusal:
            if refusal.status != 401:
                raise
        self.sign_in()
        return self._gateway.send(method, address, token=self._access, body=body, headers=headers)

    def _token(self) -> str:
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._renew()
            return self._access

    def _renew(self) -> None:
        if not self._refresh:
            self._log_in()
            return
        try:
            body = {"refresh_token": self._refresh}
            self._accept(self._gateway.send("POST", "/api/v1/auth/refresh", body=body).body)
        except Refused:
            # A refresh token is good once.  If its answer was lost, only the password helps.
            self._log_in()

    def _log_in(self) -> None:
        body = {"username": self.username, "password": self._password}
        self._accept(self._gateway.send("POST", "/api/v1/auth/login", body=body).body)

    def _accept(self, tokens: dict[str, Any]) -> None:
        self._access, self._refresh = tokens["access_token"], tokens["refresh_token"]
        # Renewed well before its end, so that no request is on its way with an old one.
        self._renew_at = time.monotonic() + float(tokens["expires_in"]) * 0.7
        user = tokens.get("user")
        if user:
            self.id, self.display_name = user["id"], user["display_name"]


def _with_query(path: str, query: Mapping[str, Any]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path
