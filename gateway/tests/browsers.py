"""Browsers with a cookie, and an auth service that begins and exchanges their sessions."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.tests.support import Auth, GatewayProcess, Request, Response, Upstream

SESSION = "/api/v1/auth/session"
PASSWORD = f"{SESSION}/password"
BEGIN = "/auth/browser-sessions"
ME = {"username": "li.wei", "permissions": {"thing:read": "own"}, "display_name": "李伟"}
FORM = {"username": "li.wei", "password": "correct horse battery"}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
BY_SCRIPT = {**SAME_ORIGIN, "X-Kehu-Console": "1", "Content-Type": "application/json"}
STRONG, WEAK = "__Host-kehu", "kehu"


class BrowserSessions:
    """The internal operations of auth: `serve` answers them for a scripted auth service."""

    def __init__(self, auth: Auth, *, seconds: int = 600) -> None:
        self.auth = auth
        self.seconds = seconds
        self.roles: tuple[str, ...] = ("reader", "writer")
        self.epoch = 1
        self.live: dict[str, str] = {}  # the id of each session by its secret
        self.exchanged: list[str] = []
        self.seen: list[Request] = []
        self.delay: threading.Event | None = None  # exchanges wait for it
        self.waiting = threading.Semaphore(0)
        self.status = 0  # if set, exchanges answer with it
        for path in ("", "/exchange", "/end", "/password"):
            auth.scripts[f"{BEGIN}{path}"] = self._serve

    def _serve(self, upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        self.seen.append(request)
        path = request.target.removeprefix(BEGIN)
        secret = request.header("X-Kehu-Secret") or ""
        if path == "/exchange":
            return self._exchange(sock, secret)
        if path == "/end":
            self.live.pop(secret, None)
            sock.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            return True
        form = json.loads(request.body)
        if "wrong" in form.values():
            return _send(sock, 401, {"status": 401, "code": "invalid-credentials"})
        if path == "/password":
            self.live.clear()
        new = secrets.token_urlsafe(32)
        self.live[new] = f"session-{len(self.seen)}"
        return _send(sock, 200, {"secret": new, "me": ME})

    def _exchange(self, sock: socket.socket, secret: str) -> bool:
        self.exchanged.append(secret)
        if self.delay is not None:
            self.waiting.release()
            self.delay.wait(30)
        if self.status:
            return _send(sock, self.status, {"status": self.status, "code": "internal-error"})
        if secret not in self.live:
            return _send(sock, 401, {"status": 401, "code": "session-ended"})
        token = self.auth.token(*self.roles, sid=self.live[secret], epoch=self.epoch)
        return _send(sock, 200, {"access_token": token, "expires_in": self.seconds})

    def hang(self) -> None:
        """Accept exchanges and answer none, until auth ends."""

        def hang(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
            upstream.waiting.release()
            upstream.release.wait(30)
            return False

        self.auth.scripts[f"{BEGIN}/exchange"] = hang


def _send(sock: socket.socket, status: int, document: Mapping[str, Any]) -> bool:
    body = json.dumps(document).encode()
    kind = "json" if status < 400 else "problem+json"
    retry = "Retry-After: 7\r\n" if status in (429, 503) else ""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/{kind}\r\n{retry}"
    sock.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return True


@dataclass
class Browser:
    """A browser with its cookies, as the server sees it."""

    gateway: GatewayProcess
    host: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] = SAME_ORIGIN,
        body: Any = None,
    ) -> Response:
        """Send a request with the cookies, and keep those of the response."""
        sent = {"Host": self.host or f"127.0.0.1:{self.gateway.port}", **headers}
        if self.cookies and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        response = self.gateway.request(method, path, headers=sent, body=data)
        for line in response.headers.get_all("Set-Cookie") or ():
            self._keep(line)
        return response

    def _keep(self, line: str) -> None:
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def sign_in(self, **form: str) -> Response:
        return self.send("POST", SESSION, BY_SCRIPT, FORM | form)

    def sign_out(self) -> Response:
        return self.send("DELETE", SESSION, BY_SCRIPT)

    @property
    def secret(self) -> str:
        [secret] = self.cookies.values()
        return secret


@contextlib.contextmanager
def exchanges_held(sessions: BrowserSessions) -> Any:
    """Exchanges wait until the block ends."""
    sessions.delay = threading.Event()
    try:
        yield
    finally:
        sessions.delay.set()
        sessions.delay = None
