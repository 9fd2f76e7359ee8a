"""An HTTP client for the gateway that survives the crash of any process behind it.

A request is repeated when the connection was lost or the response was 502, 503 or 504.  It may have
taken effect then, so every POST carries an Idempotency-Key, and a repeated PUT does not name the
version that its own first attempt may have changed.
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

# A killed process is back within seconds, a broker or a database a little later.
PATIENCE_SECONDS = 120.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
TRANSIENT = {502, 503, 504}


class DemoError(Exception):
    """The demonstration cannot continue; the text gives the reason."""


class Refused(DemoError):
    """A response other than success."""

    def __init__(self, method: str, path: str, response: "Response") -> None:
        self.response = response
        self.status = response.status
        self.code = response.code
        body = json.dumps(response.body, ensure_ascii=False)[:600]
        super().__init__(f"{method} {path} returned {response.status}: {body}")


@dataclass(frozen=True)
class Response:
    """A response of the gateway."""

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
        """The stable name of the problem, or an empty string."""
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
    """Sends requests to the gateway; shared by all threads."""

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
    ) -> Response:
        """Send a request until the response is final; Refused unless it is 2xx."""
        sent = {"Accept": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        response = self._with_retries(method, path, content, sent)
        if not 200 <= response.status < 300:
            raise Refused(method, path, response)
        return response

    def _with_retries(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> Response:
        deadline, pause, repeat = self._clock() + self._patience, FIRST_PAUSE, False
        while True:
            self.tally.count(repeat=repeat)
            response, failure = self._once(method, path, content, headers)
            if response is not None and not _is_transient(response):
                return response
            if self._clock() + pause > deadline:
                if response is not None:
                    return response
                raise DemoError(
                    f"{method} {path}: no response in {self._patience:.0f} s: {failure}"
                )
            self._sleep(max(pause, _retry_after(response)))
            pause, repeat = min(pause * 2, LONGEST_PAUSE), True
            if "If-Match" in headers:
                headers = {**headers, "If-Match": "*"}

    def _once(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[Response | None, str]:
        try:
            response = self._pool.request(method, self.url + path, body=content, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            return None, f"{type(error).__name__}: {error}"
        return Response(response.status, response.headers, response.data), ""


def _is_transient(response: Response) -> bool:
    """Return whether the cause of this response will go away by itself."""
    if response.status in TRANSIENT or response.status == 429:
        return True
    return response.status == 409 and response.code == "idempotency-key-running"


def _retry_after(response: Response | None) -> float:
    value = response.headers.get("Retry-After", "") if response else ""
    return min(float(value), LONGEST_PAUSE) if value.isdecimal() else 0.0


class Person:
    """A signed-in user with a token of their own; may be shared by threads."""

    def __init__(self, gateway: GatewayClient, username: str, password: str) -> None:
        self.username = username
        self.id = ""
        self.display_name = username
        self._gateway = gateway
        self.password = password
        self._lock = threading.Lock()
        self._access = self._refresh = ""
        self._renew_at = 0.0

    def sign_in(self) -> None:
        """Sign in with the password."""
        with self._lock:
            self._log_in()

    def change_password(self, new: str) -> None:
        """Replace a password that somebody else chose, then sign in with the new one."""
        try:
            body = {"old_password": self.password, "new_password": new}
            self.call("PUT", "/auth/me/password", body)
        except Refused as refusal:
            # A repeat is refused like this when the first attempt took effect.
            if b"wrong-password" not in refusal.response.content and refusal.status != 401:
                raise
        self.password = new
        self.sign_in()

    def get(self, path: str, **query: Any) -> Any:
        """Return a JSON document."""
        return self.call("GET", _with_query(path, query)).body

    def get_text(self, path: str, **query: Any) -> str:
        """Return a text document in English, such as CSV."""
        headers = {"Accept": "*/*", "Accept-Language": "en"}
        return self.call("GET", _with_query(path, query), headers=headers).content.decode()

    def pages(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Return the items of all pages of a list."""
        found: list[dict[str, Any]] = []
        query = {"limit": 200, **query}
        while True:
            page = self.get(path, **query)
            found += page["items"]
            if not page["next_cursor"]:
                return found
            query["cursor"] = page["next_cursor"]

    def total(self, path: str, **query: Any) -> int:
        """Return how many records a list has, however many."""
        return int(self.get(path, limit=1, exact_total="true", **query)["total"])

    def post(self, path: str, body: Any = None) -> Any:
        """Send a POST that takes effect once, however often it has to be sent."""
        return self.call("POST", path, body, headers={"Idempotency-Key": str(uuid4())}).body

    def put(self, path: str, body: Any, *, version: int) -> Any:
        """Replace this version of a record."""
        return self.call("PUT", path, body, headers={"If-Match": f'"{version}"'}).body

    def patch(self, path: str, body: Any, *, version: int) -> Any:
        """Change fields of this version of a record."""
        return self.call("PATCH", path, body, headers={"If-Match": f'"{version}"'}).body

    def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request; sign in again if the session has ended meanwhile."""
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
            # A refresh token is valid once.  If its response was lost, only the password helps.
            self._log_in()

    def _log_in(self) -> None:
        body = {"username": self.username, "password": self.password}
        self._accept(self._gateway.send("POST", "/api/v1/auth/login", body=body).body)

    def _accept(self, tokens: dict[str, Any]) -> None:
        self._access, self._refresh = tokens["access_token"], tokens["refresh_token"]
        # Renewed well before it expires, so that no request in flight carries an expired one.
        self._renew_at = time.monotonic() + float(tokens["expires_in"]) * 0.7
        user = tokens.get("user")
        if user:
            self.id, self.display_name = user["id"], user["display_name"]


def _with_query(path: str, query: Mapping[str, Any]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path
