"""Real servers for the tests: scripted services, an auth service, the gateway itself."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from tests.support import guard

INTERNAL_KEY = "internal-key-of-the-tests"
DEADLINE = 15.0


def wait_for(
    condition: Callable[[], Any], what: str = "the condition", seconds: float = DEADLINE
) -> Any:
    """Poll until the condition returns something true; fail after a while."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < end:
        if found := condition():
            return found
        pause.wait(0.02)
    raise AssertionError(f"timed out waiting for {what}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Request:
    """What a service received."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, f"{name} came {len(values)} times"
        return values[0] if values else None


# A gateway ends with the tests, even if they are killed.
GUARDED = (sys.executable, "-P", guard.__file__, "--")

Script = Callable[["Upstream", socket.socket, Request], bool]


class Upstream:
    """A service over plain sockets: it echoes requests, unless a path has a script."""

    def __init__(self, name: str, host: str = "127.0.0.1", port: int = 0) -> None:
        self.name = name
        self.requests: list[Request] = []
        self.scripts: dict[str, Script] = {}
        self.ready = True
        self.ready_as: str | None = None
        self.probes_hang = False
        self.release = threading.Event()
        self.waiting = threading.Semaphore(0)
        self._sockets: set[socket.socket] = set()
        self._connections = 0
        self._listener = socket.create_server((host, port), backlog=64)
        self.host, self.port = host, self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def stop(self) -> None:
        """Behave like a killed process: nothing listens, every connection is reset."""
        self.release.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._sockets):
            reset(sock)

    def start_again(self) -> None:
        self.release = threading.Event()
        self._listener = socket.create_server((self.host, self.port), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        listener = self._listener
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self._connections += 1
            self._sockets.add(sock)
            threading.Thread(
                target=self._serve, args=(sock, self._connections), daemon=True
            ).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):
            buffer = b""
            while True:
                request, buffer = self._read(sock, buffer, number)
                if request is None or not self._respond(sock, request):
                    break
        self._sockets.discard(sock)
        sock.close()

    def _read(
        self, sock: socket.socket, buffer: bytes, number: int
    ) -> tuple[Request | None, bytes]:
        while b"\r\n\r\n" not in buffer:
            data = sock.recv(65536)
            if not data:
                return None, b""
            buffer += data
        head, _, buffer = buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = [(line.split(":")[0], line.split(":", 1)[1].strip()) for line in lines]
        length = int({k.lower(): v for k, v in pairs}.get("content-length", 0))
        while len(buffer) < length:
            buffer += sock.recv(65536)
        return Request(method, target, pairs, buffer[:length], number), buffer[length:]

    def _respond(self, sock: socket.socket, request: Request) -> bool:
        path = request.target.partition("?")[0]
        if path == "/readyz":
            if self.probes_hang:
                self.release.wait(DEADLINE)
            status = "200 OK" if self.ready else "503 Service Unavailable"
            name = f"X-Kehu-Service: {self.ready_as}\r\n" if self.ready_as else ""
            sock.sendall(f"HTTP/1.1 {status}\r\n{name}Content-Length: 0\r\n\r\n".encode())
            return False
        self.requests.append(request)
        script = self.scripts.get(path)
        if script is not None:
            return script(self, sock, request)
        return echo(self, sock, request)

    def last(self) -> Request:
        return self.requests[-1]


def echo(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
    body = json.dumps(
        {"service": upstream.name, "target": request.target, "body": request.body.decode()}
    ).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: hidden\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    sock.sendall(head.encode() + (b"" if request.method == "HEAD" else body))
    return True


def sends(raw: bytes, *, keep: bool = False) -> Script:
    """Return a script that sends these bytes."""

    def script(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        sock.sendall(raw)
        return keep

    return script


def hangs(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
    """Accept the request and send nothing until released."""
    upstream.waiting.release()
    upstream.release.wait(DEADLINE)
    return echo(upstream, sock, request)


def resets(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
    """Reset the connection instead of responding."""
    reset(sock)
    return False


def reset(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()


class Auth(Upstream):
    """The auth service as far as the gateway needs it: policy, keys, refusals."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519", parameters={"kid": "k1"}, private=True)
        self.published = [self.key]
        self.policy: dict[str, Any] = {
            "roles": {
                "reader": {"thing:read": "own"},
                "writer": {"thing:read": "own", "thing:write": "team"},
            },
            "void_users": {},
            "void_sessions": [],
        }
        self.refusals: list[dict[str, Any]] = []
        self.refusal_keys: set[str | None] = set()
        self.refusals_status = 204
        super().__init__("auth")
        self.scripts["/auth/policy"] = lambda u, s, r: _json(s, self.policy)
        self.scripts["/.well-known/jwks.json"] = lambda u, s, r: _json(
            s, {"keys": [key.as_dict(private=False) for key in self.published]}
        )
        self.scripts["/auth/refusals"] = self._accept_refusals

    def _accept_refusals(self, upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        self.refusal_keys.add(request.header("Authorization"))
        if self.refusals_status == 204:
            self.refusals += json.loads(request.body)["refusals"]
        sock.sendall(f"HTTP/1.1 {self.refusals_status} X\r\nContent-Length: 0\r\n\r\n".encode())
        return True

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": "kehu",
            "aud": "kehu",
            "sub": str(uuid.uuid4()),
            "kind": "user",
            "roles": ["reader"],
            "department_id": None,
            "sid": "session-1",
            "epoch": 1,
            "iat": now,
            "exp": now + 600,
        }
        return {key: value for key, value in (claims | changes).items() if value is not ...}

    def token(self, *roles: str, key: OKPKey | None = None, **changes: Any) -> str:
        key = key or self.key
        header = {"alg": "Ed25519", "kid": key.kid, "typ": "at+jwt"}
        claims = self.claims(**({"roles": list(roles)} if roles else {}), **changes)
        return jwt.encode(header, claims, key, algorithms=["Ed25519"])


def _json(sock: socket.socket, document: Mapping[str, Any]) -> bool:
    body = json.dumps(document).encode()
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return True


def operation(permission: str, **more: Any) -> dict[str, Any]:
    return {"x-permission": permission, "responses": {"200": {"description": "ok"}}, **more}


def contract(service: str, paths: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A small contract: things to read and write, something public, a first password change."""
    base = f"/api/v1/{service}"
    return {
        "openapi": "3.1.0",
        "info": {"title": service, "version": "1"},
        "paths": {
            f"{base}/things": {
                "get": operation("thing:read", operationId=f"{service}.list"),
                "post": operation(
                    "thing:write",
                    operationId=f"{service}.create",
                    parameters=[{"name": "X-Challenge", "in": "header"}],
                ),
            },
            f"{base}/things/{{thing_id}}": {
                "get": operation("thing:read"),
                "put": operation("thing:write"),
                "delete": operation("thing:delete"),
            },
            f"{base}/public": {"get": operation("public"), "post": operation("public")},
            f"{base}/unread": {"get": operation("public")},
            f"{base}/me": {"get": operation("authenticated")},
            f"{base}/me/password": {
                "put": operation("authenticated", **{"x-before-password-change": True})
            },
            **(paths or {}),
        },
    }


@dataclass
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        assert self.json["status"] == self.status
        code: str = self.json["code"]
        assert self.json["type"] == f"urn:kehu:problem:{code}"
        assert self.json["request_id"]
        return code


@dataclass
class GatewayProcess:
    """``python -m kehu_gateway`` as a process of its own."""

    contracts: Path
    services: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    probe_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    log: Path | None = None

    def variables(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("KEHU_")}
        urls = {f"KEHU_{n.upper().replace('-', '_')}_URL": u for n, u in self.services.items()}
        return {
            **kept,
            **urls,
            "KEHU_CONTRACTS": str(self.contracts),
            "KEHU_BIND": f"127.0.0.1:{self.port}",
            "KEHU_PROBE_BIND": f"127.0.0.1:{self.probe_port}",
            "KEHU_INTERNAL_KEY": INTERNAL_KEY,
            "KEHU_DRAIN_SECONDS": "0",
            **self.environment,
        }

    def start(self, until: Callable[[], bool] | None = None) -> None:
        """Start it and wait until it is ready, or until the given condition holds."""
        self.log = self.contracts / f"gateway-{self.port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*GUARDED, sys.executable, "-m", "kehu_gateway"],
                env=self.variables(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        ready = until or (lambda: self.probe("/readyz").status == 200)
        wait_for(lambda: self._holds(ready), "a ready gateway")

    def _holds(self, condition: Callable[[], bool]) -> bool:
        assert self.process is not None and self.log is not None
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError):
            return condition()
        return False

    def stop(self) -> int:
        """Stop it, if it runs."""
        if self.process is None:
            return 0
        assert self.process.stdin is not None
        self.process.stdin.close()  # which ends it, if it runs
        return self.process.wait(30)

    def request(
        self,
        method: str,
        target: str,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        port: int | None = None,
    ) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            sent = dict(headers or {})
            if token is not None:
                sent["Authorization"] = f"Bearer {token}"
            connection.request(method, target, body, sent)
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read())

    def get(self, target: str, token: str | None = None, **headers: str) -> Response:
        return self.request("GET", target, token, headers)

    def probe(self, target: str, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", target, headers=named, port=self.probe_port)

    def raw(self, data: bytes) -> bytes:
        """Send these bytes only and return everything the gateway sends back."""
        collected = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE) as sock:
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                while piece := sock.recv(65536):
                    collected += piece
        return collected

    def metric(self, line_start: str) -> float:
        """Return the value of the metric whose line starts so; 0 if there is none."""
        for line in self.probe("/metrics").body.decode().splitlines():
            if line.startswith(line_start):
                return float(line.rsplit(" ", 1)[1])
        return 0.0
