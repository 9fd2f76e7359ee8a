"""The launcher, as a process of its own with real sockets."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROGRAM = """
import os, sys
from kehu_chassis.runtime import launcher

def create():
    def app(environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/fails":
            raise RuntimeError("this text must not be shown")
        if path == "/bad-header":
            start_response("200 OK", [("X-Bad", "a\\nb")])
            return [b""]
        status = "200 OK"
        if path == "/readyz" and launcher.draining():
            status = "503 Service Unavailable"
        body = environ["wsgi.input"].read()
        script = environ["SCRIPT_NAME"]
        response = f"{path} {script} {environ['wsgi.url_scheme']} {len(body)}".encode()
        start_response(status, [("Content-Length", str(len(response)))])
        return [response]
    return app

launcher.run(
    create,
    sys.argv[1],
    workers=int(sys.argv[2]),
    threads=1,
    drain_seconds=float(sys.argv[3]),
)
"""
DEADLINE = 15.0


class Process:
    """A server with one thread, so that anything that occupies a thread shows at once."""

    def __init__(self, log: Path, *, drain_seconds: str = "0", workers: int = 1) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.log = log
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-c", PROGRAM),
                    *(f"127.0.0.1:{self.port}", str(workers), drain_seconds),
                ],
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        wait_for(self.is_ready)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError):
            return self.get("/readyz")[0] == 200
        return False

    def get(self, path: str, **headers: str) -> tuple[int, str | None, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers["Connection"], response.read()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)

    def raw(self, data: bytes) -> bytes:
        """Everything received in response to these bytes until the connection closes."""
        collected = b""
        with self.connect() as sock, contextlib.suppress(ConnectionResetError):
            sock.sendall(data)
            while piece := sock.recv(65536):
                collected += piece
        return collected

    def stop(self) -> int:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait(DEADLINE)


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, "the condition was not met in time"
        pause.wait(0.02)


def read_until(sock: socket.socket, text: bytes) -> None:
    collected = b""
    while text not in collected:
        piece = sock.recv(65536)
        assert piece, collected
        collected += piece


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    made: list[Process] = []

    def start(**options: object) -> Process:
        made.append(Process(tmp_path / f"{len(made)}.log", **options))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for process in made:
        process.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("launcher") / "log")
    yield process
    process.stop()


def test_sigterm_drains_before_it_stops(start: Callable[..., Process]) -> None:
    server = start(drain_seconds="1.5", workers=2)
    assert server.get("/readyz")[:2] == (200, "keep-alive")
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    wait_for(lambda: server.get("/readyz")[0] == 503)
    # All workers drain: new connections are still served, and every response closes its connection.
    for _ in range(20):
        assert server.get("/work")[:2] == (200, "close")
    assert server.process.wait(DEADLINE) == 0
    assert time.monotonic() - began >= 1.5


def test_a_second_sigterm_stops_at_once(start: Callable[..., Process]) -> None:
    server = start(drain_seconds="300")
    server.process.send_signal(signal.SIGTERM)
    wait_for(lambda: server.get("/readyz")[0] == 503)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(DEADLINE) == 0


def test_slow_clients_occupy_no_thread(server: Process) -> None:
    starts = (
        b"",
        b"GET /slow HTTP/1.1\r\n",
        b"GET /slow HTTP/1.1\r\nHost: x\r\nX-Long: ",
        b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
    )
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(server.connect()) for _ in range(3) for _ in starts]
        for sock, data in zip(slow, starts * 3, strict=True):
            sock.sendall(data)
        assert server.get("/quick")[0] == 200
        # Once complete, their requests are served.
        slow[3].sendall(b"cde")
        read_until(slow[3], b"/slow  http 5")
        slow[1].sendall(b"Host: x\r\n\r\n")
        read_until(slow[1], b"/slow  http 0")


def test_pipelined_requests_are_served_in_order(server: Process) -> None:
    post = b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n%s\r\nabc"
    response = server.raw(post % (1, b"") + post % (2, b"") + post % (3, b"Connection: close\r\n"))
    positions = [response.index(b"/%d  http 3" % number) for number in (1, 2, 3)]
    assert positions == sorted(positions)


def test_a_connection_is_reused(server: Process) -> None:
    with server.connect() as sock:
        for number in range(3):
            sock.sendall(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)
            read_until(sock, b"/%d  http 0" % number)


def test_large_and_chunked_bodies_are_read(server: Process) -> None:
    size = 300_000
    head = f"POST /large HTTP/1.1\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n"
    assert b" %d" % size in server.raw(head.encode() + b"x" * size)
    chunked = b"POST /c HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b"/c  http 4" in server.raw(chunked + b"4\r\nabcd\r\n0\r\n\r\n")


def test_no_header_changes_the_application_path_or_scheme(server: Process) -> None:
    headers = {"SCRIPT_NAME": "/moved", "PATH_INFO": "/other", "X-Forwarded-Proto": "https"}
    assert server.get("/moved/x", **headers)[2] == b"/moved/x  http 0"


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"NONSENSE\r\n\r\n", 400, "bad-request"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "bad-request"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 101 + b"\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000, 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nX : a\r\n\r\n", 400, "bad-request"),
        (b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", 400, "bad-request"),
        (b"GET / HTTP/1.1\r\nExpect: miracle\r\n\r\n", 417, "bad-request"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: magic\r\n\r\n", 501, "not-implemented"),
        (b"GET /fails HTTP/1.1\r\n\r\n", 500, "internal-error"),
        (b"GET /bad-header HTTP/1.1\r\n\r\n", 500, "internal-error"),
    ],
)
def test_invalid_requests_are_rejected_with_a_problem(
    server: Process, request_bytes: bytes, status: int, code: str
) -> None:
    head, _, body = server.raw(request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == code
    assert b"must not be shown" not in body
