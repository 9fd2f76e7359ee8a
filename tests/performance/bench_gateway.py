"""The cost of the gateway: throughput and latency through it, against the service directly.

One run measures both ways in turn (A B A B …), with the same load generator, requests and number of
persistent connections, so the ratios hold on any machine; the load generator shares the cores with
what it measures.  Throughput is measured closed-loop, at saturation; latency open-loop, at a
constant rate of half the gateway's throughput, from the moment a request was due.

Without --direct and --gateway it starts a trivial service and the gateway in front of it.
``checked`` verifies the token and permission as all services do (goal P01), ``plain`` returns a
constant.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import OKPKey

POLICY = {"roles": {"reader": {"thing:read": "all"}}, "void_users": {}, "void_sessions": []}
USER = "01920000-0000-7000-8000-000000000001"
BODY = json.dumps({"items": [{"id": USER, "name": f"Customer {n}"} for n in range(10)]}).encode()

SERVICE = """
import sys
from kehu_chassis.runtime import launcher
from kehu_chassis.identity.authority import HttpAuthority
from kehu_chassis.identity.tokens import bearer_token

BODY = sys.argv[3].encode()
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]

def create():
    authority = HttpAuthority(sys.argv[2])
    def app(environ, start_response):
        if environ["PATH_INFO"].endswith("checked"):
            caller = authority.authenticate(bearer_token(environ.get("HTTP_AUTHORIZATION")))
            assert authority.policy.scope(caller.roles, "thing:read")
        start_response("200 OK", HEADERS)
        return (BODY,)
    return app

launcher.run(create, sys.argv[1], workers=1, threads=8, drain_seconds=0)
"""


@dataclass
class Way:
    """One way to the service, and its measurements."""

    name: str
    address: tuple[str, int]
    request: bytes
    throughput: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


class Load:
    """Persistent connections of one way, driven by one thread."""

    def __init__(self, way: Way, connections: int) -> None:
        self._way = way
        self._selector = selectors.DefaultSelector()
        self._idle: deque[socket.socket] = deque()
        self._buffers: dict[socket.socket, bytes] = {}
        for _ in range(connections):
            sock = socket.create_connection(way.address, timeout=30)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(sock, selectors.EVENT_READ)
            self._idle.append(sock)

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def saturate(self, seconds: float) -> float:
        """Requests per second with every connection always busy."""
        end = time.perf_counter() + seconds
        began = time.perf_counter()
        done = 0
        while self._idle:
            self._send(self._idle.popleft())
        busy = len(self._selector.get_map())
        while busy:
            for sock in self._responses(1.0):
                done += 1
                if time.perf_counter() < end:
                    self._send(sock)
                else:
                    self._idle.append(sock)
                    busy -= 1
        return done / (time.perf_counter() - began)

    def at_rate(self, rate: float, seconds: float) -> list[float]:
        """Latencies in seconds at a constant rate; waiting for a free connection counts."""
        count = int(rate * seconds)
        began = time.perf_counter()
        due = deque(began + number / rate for number in range(count))
        started: dict[socket.socket, float] = {}
        found: list[float] = []
        while len(found) < count:
            now = time.perf_counter()
            while due and due[0] <= now and self._idle:
                sock = self._idle.popleft()
                started[sock] = due.popleft()
                self._send(sock)
            pause = max(0.0, due[0] - time.perf_counter()) if due and self._idle else 1.0
            for sock in self._responses(pause):
                found.append(time.perf_counter() - started.pop(sock))
                self._idle.append(sock)
        return found

    def _send(self, sock: socket.socket) -> None:
        self._buffers[sock] = b""
        sock.sendall(self._way.request)

    def _responses(self, pause: float) -> Iterator[socket.socket]:
        for key, _ in self._selector.select(pause):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            data = sock.recv(262144)
            if not data:
                raise SystemExit(f"{self._way.name}: the connection was closed")
            buffer = self._buffers[sock] = self._buffers[sock] + data
            head, end, body = buffer.partition(b"\r\n\r\n")
            if not end:
                continue
            # An error invalidates the run: fast errors are no throughput.
            if not head.startswith(b"HTTP/1.1 200 "):
                raise SystemExit(f"{self._way.name}: {buffer[:400]!r}")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(body) >= length:
                yield sock


def way(name: str, url: str, path: str, token: str) -> Way:
    parts = urlsplit(url)
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    )
    return Way(name, (parts.hostname or "", parts.port or 80), head.encode())


def measure(
    direct: Way, gateway: Way, options: argparse.Namespace, gateway_pid: int | None
) -> None:
    """Measure both ways in turn, and print the results."""
    with contextlib.ExitStack() as stack:
        loads = []
        for each in (direct, gateway):
            load = Load(each, options.clients)
            stack.callback(load.close)
            load.saturate(1.0)
            loads.append(load)
        cpu = requests = 0.0
        for _ in range(options.rounds):
            direct.throughput.append(loads[0].saturate(options.seconds))
            before, began = cpu_seconds(gateway_pid), time.perf_counter()
            gateway.throughput.append(loads[1].saturate(options.seconds))
            cpu += cpu_seconds(gateway_pid) - before
            requests += gateway.throughput[-1] * (time.perf_counter() - began)
        rate = statistics.median(gateway.throughput) / 2
        for _ in range(options.rounds):
            direct.latencies += loads[0].at_rate(rate, options.seconds)
            gateway.latencies += loads[1].at_rate(rate, options.seconds)
    report(direct, gateway, rate, cpu / requests * 1000 if gateway_pid else None)


def report(direct: Way, gateway: Way, rate: float, cpu_per_1000: float | None) -> None:
    pairs = zip(gateway.throughput, direct.throughput, strict=True)
    ratios = [through / straight for through, straight in pairs]
    print()
    for each in (direct, gateway):
        middle = statistics.median(each.throughput)
        spread = (max(each.throughput) - min(each.throughput)) / middle
        noisy = "  noisy: no result" if spread > 0.10 else ""
        print(f"  {each.name:<38}{middle:8.0f} requests/s  (spread {spread:.0%}){noisy}")
    middle = statistics.median(ratios)
    print(f"  {'gateway / direct':<38}{middle:8.2f}  (of {min(ratios):.2f} to {max(ratios):.2f})")
    for percent in (50, 99):
        straight, through = (
            statistics.quantiles(each.latencies, n=100)[percent - 1] * 1000
            for each in (direct, gateway)
        )
        print(
            f"  {f'p{percent} at {rate:.0f} requests/s':<38}{through - straight:8.2f} ms added"
            f"  ({straight:.2f} direct, {through:.2f} through the gateway)"
        )
    if cpu_per_1000 is not None:
        print(f"  {'CPU per 1,000 requests':<38}{cpu_per_1000:8.2f} s of the gateway")


def cpu_seconds(pid: int | None) -> float:
    """CPU seconds of a process and its children so far."""
    if pid is None:
        return 0.0
    ticks = 0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (str(pid), *children):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Auth:
    """Serves the policy and the keys, and accepts reported refusals."""

    def __init__(self) -> None:
        key = OKPKey.generate_key("Ed25519", parameters={"kid": "bench"}, private=True)
        documents = {
            "/auth/policy": POLICY,
            "/.well-known/jwks.json": {"keys": [key.as_dict(private=False)]},
        }

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(documents.get(self.path, {})).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        now = int(time.time())
        claims = {
            "iss": "kehu",
            "aud": "kehu",
            "sub": USER,
            "kind": "user",
            "roles": ["reader"],
            "department_id": None,
            "sid": "bench",
            "epoch": 1,
            "iat": now,
            "exp": now + 86400,
        }
        header = {"alg": "Ed25519", "kid": "bench", "typ": "at+jwt"}
        self.token = jwt.encode(header, claims, key, algorithms=["Ed25519"])


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until_ready(url: str) -> None:
    parts = urlsplit(url)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with (
            contextlib.suppress(OSError),
            socket.create_connection((parts.hostname, parts.port), timeout=5) as sock,
        ):
            sock.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            if b" 200 " in sock.recv(100):
                return
        time.sleep(0.05)
    raise SystemExit(f"{url} did not become ready")


def run_own(options: argparse.Namespace) -> None:
    """Start a trivial service and a gateway, and measure them."""
    auth = Auth()
    service_url, gateway_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    paths = {
        "/api/v1/bench/checked": {"get": {"x-permission": "thing:read"}},
        "/api/v1/bench/plain": {"get": {"x-permission": "thing:read"}},
    }
    with contextlib.ExitStack() as stack:
        contracts = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (contracts / "openapi").mkdir()
        (contracts / "openapi" / "bench.json").write_text(json.dumps({"paths": paths}))
        environment = {
            **os.environ,
            "KEHU_AUTH_URL": auth.url,
            "KEHU_BENCH_URL": service_url,
            "KEHU_CONTRACTS": str(contracts),
            "KEHU_INTERNAL_KEY": "bench",
            "KEHU_BIND": urlsplit(gateway_url).netloc,
            "KEHU_CALLER_RATE": "1000000",
            "KEHU_CALLER_BURST": "1000000",
            "KEHU_LOG_LEVEL": "WARNING",
            "KEHU_DRAIN_SECONDS": "0",
        }
        bind = urlsplit(service_url).netloc
        service = [sys.executable, "-c", SERVICE, bind, auth.url, BODY.decode()]
        _start(stack, service, environment)
        gateway_pid = _start(stack, [sys.executable, "-m", "kehu_gateway"], environment)
        wait_until_ready(service_url)
        wait_until_ready(gateway_url)
        for kind, text in (
            ("checked", "a service that checks the token too"),
            ("plain", "a service that returns a constant"),
        ):
            path = f"/api/v1/bench/{kind}"
            direct = way(text, service_url, path, auth.token)
            through = way("through the gateway", gateway_url, path, auth.token)
            measure(direct, through, options, gateway_pid)


def _start(stack: contextlib.ExitStack, command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process.pid


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns per measurement (5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a turn (5)")
    parser.add_argument("--clients", type=int, default=8, help="persistent connections (8)")
    given = parser.add_argument_group("measure a running system instead")
    given.add_argument("--direct", help="base URL of a service, for example http://127.0.0.1:8002")
    given.add_argument("--gateway", help="base URL of the gateway in front of it")
    given.add_argument("--path", help="path and query to GET, the same on both")
    given.add_argument("--token", help="an access token with the permission")
    given.add_argument("--gateway-pid", type=int, help="to measure its CPU time too")
    options = parser.parse_args()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{options.clients} connections, {options.rounds} x {options.seconds:g} s"
    )
    if not options.direct:
        run_own(options)
        return
    if not (options.gateway and options.path and options.token):
        parser.error("--direct needs --gateway, --path and --token")
    direct = way(options.direct, options.direct, options.path, options.token)
    through = way("through the gateway", options.gateway, options.path, options.token)
    measure(direct, through, options, options.gateway_pid)


if __name__ == "__main__":
    main()
