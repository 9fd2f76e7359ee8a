"""The launcher, as a process of its own with real sockets."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable

import pytest
from chassis_support.server import DEADLINE, Process, read_until
from chassis_support.waiting import until


def test_sigterm_drains_before_it_stops(start_server: Callable[..., Process]) -> None:
    server = start_server(drain_seconds="1.5", workers=2)
    assert server.get("/readyz")[:2] == (200, "keep-alive")
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    until(lambda: server.get("/readyz")[0] == 503)
    # All workers drain: new connections are still served, and every response closes its connection.
    for _ in range(20):
        assert server.get("/work")[:2] == (200, "close")
    assert server.process.wait(DEADLINE) == 0
    assert time.monotonic() - began >= 1.5


def test_a_second_sigterm_stops_at_once(start_server: Callable[..., Process]) -> None:
    server = start_server(drain_seconds="300")
    server.process.send_signal(signal.SIGTERM)
    until(lambda: server.get("/readyz")[0] == 503)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(DEADLINE) == 0


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
