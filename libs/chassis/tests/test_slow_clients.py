"""Clients that send or read slowly hold no thread: the servers of these tests have only one."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
from chassis_support.server import DEADLINE, Process, read_all, read_until
from chassis_support.waiting import until

from kehu_chassis.runtime import probes

POST = b"POST /slow HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MEBIBYTE = 1024 * 1024
# The beginning of a request, what it lacks, and how much body it has then.
UNFINISHED = {
    "nothing": (b"", b"GET /slow HTTP/1.1\r\n\r\n", 0),
    "request line": (b"GET /slow HTTP/1.1\r\n", b"Host: x\r\n\r\n", 0),
    "half a header": (b"GET /slow HTTP/1.1\r\nHost: x\r\nX-Long: ", b"x\r\n\r\n", 0),
    "short body": (POST + b"Content-Length: 5\r\n\r\nab", b"cde", 5),
    "no body": (POST + b"Content-Length: 5\r\n\r\n", b"abcde", 5),
    "long body": (POST + b"Content-Length: 1000000\r\n\r\nab", b"c" * 999_998, 1_000_000),
    "expected body": (POST + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", b"abc", 3),
    "expected chunks": (CHUNKED + b"Expect: 100-Continue\r\n\r\n", b"1\r\na\r\n0\r\n\r\n", 1),
    "no chunk": (CHUNKED + b"\r\n", b"0\r\n\r\n", 0),
    "half a size": (CHUNKED + b"\r\n1", b"0;a=b\r\n0123456789abcdef\r\n0\r\n\r\n", 16),
    "half a chunk": (CHUNKED + b"\r\n4\r\nab", b"cd\r\n0\r\n\r\n", 4),
    "no end of a chunk": (CHUNKED + b"\r\n4\r\nabcd\r", b"\n0\r\n\r\n", 4),
    "no last chunk": (CHUNKED + b"\r\n4\r\nabcd\r\n", b"0\r\n\r\n", 4),
    "half a trailer": (CHUNKED + b"\r\n4\r\nabcd\r\n0\r\nX-", b"Y: z\r\n\r\n", 4),
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_an_unfinished_request_occupies_no_thread(server: Process, name: str) -> None:
    start, rest, size = UNFINISHED[name]
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(server.connect()) for _ in range(3)]
        for sock in slow:
            sock.sendall(start)
        assert server.get("/quick")[0] == 200
        # Once complete, their requests are served.
        for sock in slow:
            sock.sendall(rest)
            read_until(sock, b"/slow  http %d" % size)


def test_continue_is_sent_to_a_client_that_waits_for_it_and_to_no_other(server: Process) -> None:
    head = POST + b"Connection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    with server.connect() as sock:
        sock.sendall(head)
        assert sock.recv(len(CONTINUE)) == CONTINUE
        sock.sendall(b"abc")
        received = read_all(sock)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1 ") == 1
    assert CONTINUE not in server.raw(head + b"abc")


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 1048577\r\n",
        b"Content-Length: 1048577\r\nExpect: 100-continue\r\n",
        b"Content-Length: 99999999999999999999\r\n",
    ],
)
def test_a_body_beyond_the_limit_is_refused_at_its_head(server: Process, lines: bytes) -> None:
    with server.connect() as sock:
        sock.sendall(POST + lines + b"\r\n")
        _assert_problem(read_all(sock), 413, "payload-too-large")


def test_chunks_beyond_the_limit_are_refused_before_they_arrive(server: Process) -> None:
    with server.connect() as sock:
        sock.sendall(CHUNKED + b"\r\n3\r\nabc\r\nFFFFE\r\n")
        _assert_problem(read_all(sock), 413, "payload-too-large")


@pytest.mark.parametrize(
    "body",
    [
        b"xyz\r\n",
        b"\r\n",
        b"-1\r\n\r\n",
        b"+1\r\nx\r\n0\r\n\r\n",
        b"0x1\r\nx\r\n0\r\n\r\n",
        b"1 \r\nx\r\n0\r\n\r\n",
        b" 1\r\nx\r\n0\r\n\r\n",
        b"1\nx\n0\n\n" + b"x" * 9000,
        b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
        b"\xd9\xa1\r\nx\r\n0\r\n\r\n",
        b"10000000000000000\r\nx\r\n",
        b"2\r\nokok\r\n0\r\n\r\n",
        b"2\r\nok0\r\n\r\n",
        b"2\r\nok\n0\r\n\r\n",
        b"1;a\nb\r\nx\r\n0\r\n\r\n",
        b"1;=b\r\nx\r\n0\r\n\r\n",
        b"1;" + b"a" * 9000,
        b'1;a="b\r\nx\r\n0\r\n\r\n',
        b"1\r\nx\r\n0\r\nnonsense\r\n\r\n",
        b"1\r\nx\r\n0\r\nContent-Length: 7\r\n\r\n",
        b"1\r\nx\r\n0\r\nX : y\r\n\r\n",
        b"1\r\nx\r\n0\r\nX: \x00\r\n\r\n",
        b"1\r\nx\r\n" * 40_000,  # more framing than data
    ],
)
def test_malformed_chunks_are_400(server: Process, body: bytes) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\n\r\n"
    received = server.raw(CHUNKED + b"\r\n" + body + smuggled)
    _assert_problem(received, 400, "bad-request")
    assert received.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("body", [b"", b"5", b"5\r\nab", b"2\r\nok\r\n", b"2\r\nok\r\n0\r\n"])
def test_chunks_that_end_too_early_are_400(server: Process, body: bytes) -> None:
    with server.connect() as sock:
        sock.sendall(CHUNKED + b"\r\n" + body)
        sock.shutdown(socket.SHUT_WR)
        _assert_problem(read_all(sock), 400, "bad-request")


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"identity, chunked", b"magic"])
def test_other_codings_are_not_implemented(server: Process, coding: bytes) -> None:
    request = b"POST / HTTP/1.1\r\nTransfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n"
    _assert_problem(server.raw(request), 501, "not-implemented")


def test_a_request_has_one_deadline_however_it_drips(start_server: Callable[..., Process]) -> None:
    server = start_server(given="crowd.SECONDS[phases.Phase.RECEIVING] = 1")
    with server.connect() as head, server.connect() as body:
        body.sendall(POST + b"Content-Length: 1000000\r\n\r\n")
        head.sendall(b"GET /slow HTTP/1.1\r\n")
        body.settimeout(0.05)
        received = b""
        while not received:
            body.sendall(b"x")
            with contextlib.suppress(TimeoutError):
                received = body.recv(65536)
        _assert_problem(received, 408, "request-timeout")
        _assert_problem(read_all(head), 408, "request-timeout")


def test_only_a_connection_that_made_a_request_may_stay_idle(
    start_server: Callable[..., Process],
) -> None:
    server = start_server(given="crowd.SECONDS[phases.Phase.NEW] = 0.5")
    with server.connect() as served, server.connect() as idle:
        served.sendall(b"GET /1 HTTP/1.1\r\n\r\n")
        read_until(served, b"/1  http 0")
        assert read_all(idle) == b""
        served.sendall(b"GET /2 HTTP/1.1\r\n\r\n")
        read_until(served, b"/2  http 0")


def test_what_arrives_has_limited_memory(start_server: Callable[..., Process]) -> None:
    server = start_server(given="traffic.HELD_BYTES = 3 * 1024 * 1024")
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(server.connect()) for _ in range(4)]
        for sock in slow:
            sock.sendall(POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 900_000)
            server.get("/quick")  # so that they arrive in this order
        # The one that has had the most time makes room; the others go on.
        received = read_all(slow[0])
        _assert_problem(received, 503, "server-busy")
        assert b"\r\nRetry-After: " in received
        slow[3].sendall(b"x" * 100_000)
        read_until(slow[3], b"/slow  http 1000000")


# Responses


def _large(pieces: int) -> bytes:
    return b"".join(b"%07d\n" % number * 8192 for number in range(pieces))


def _decoded(received: bytes) -> bytes:
    data, rest = b"", received.partition(b"\r\n\r\n")[2]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        data, rest = data + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return data


@contextlib.contextmanager
def _unread(server: Process, target: str, count: int = 1) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(server.connect(receive_buffer=4096)) for _ in range(count)]
        for sock in socks:
            sock.sendall(f"GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        yield socks


def test_a_response_that_is_not_read_occupies_no_thread(server: Process) -> None:
    with _unread(server, "/large?16", 3) as socks:
        assert server.get("/quick")[0] == 200
        for sock in socks:
            assert _decoded(read_all(sock)) == _large(16)


def test_a_file_that_is_not_read_occupies_no_thread(server: Process, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(_large(16))
    with _unread(server, f"/file?{file}", 3) as socks:
        assert server.get("/quick")[0] == 200
        for sock in socks:
            assert read_all(sock).partition(b"\r\n\r\n")[2] == _large(16)
    with server.connect() as sock:
        sock.sendall(f"HEAD /file?{file} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        assert read_all(sock).endswith(b"\r\n\r\n")


def test_pipelined_requests_wait_for_the_response_before(server: Process) -> None:
    with server.connect(receive_buffer=4096) as sock:
        sock.sendall(b"GET /large?16 HTTP/1.1\r\n\r\n" * 3)
        sock.sendall(b"GET /last HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert server.get("/quick")[0] == 200
        received = read_all(sock)
    assert received.count(b"HTTP/1.1 200 ") == 4
    assert received.endswith(b"/last  http 0")


def test_a_client_that_takes_too_little_is_dropped(start_server: Callable[..., Process]) -> None:
    server = start_server(given="outlet.GRACE_SECONDS = 0; outlet.MINIMUM_RATE = 10 ** 9")
    with _unread(server, "/large?16") as (sock,):
        until(lambda: _is_reset(sock))
        assert len(read_all(sock)) < len(_large(16))
    assert server.get("/quick")[0] == 200


def _is_reset(sock: socket.socket) -> bool:
    # A connection that the server has closed refuses more.
    try:
        sock.sendall(b"x")
    except OSError:
        return True
    return False


def test_a_stream_may_be_larger_than_the_room_for_it(start_server: Callable[..., Process]) -> None:
    # A second thread, for what the one that waits for a client must not stop.
    server = start_server(given="threads = 2; outlet.RESPONSE_BYTES = 300_000")
    with _unread(server, "/large?32") as (first,), _unread(server, "/large?32") as (second,):
        first.recv(1)
        second.recv(1)
        # Only one thread may wait: the other client is cut off.
        assert server.get("/quick")[0] == 200
        complete = [len(_decoded_or_less(sock)) == len(_large(32)) for sock in (first, second)]
        assert sorted(complete) == [False, True]
    assert server.get("/quick")[0] == 200


def _decoded_or_less(sock: socket.socket) -> bytes:
    received = b"H" + read_all(sock)
    return _decoded(received) if received.endswith(b"\r\n0\r\n\r\n") else b""


def test_an_error_in_the_middle_leaves_the_response_incomplete(server: Process) -> None:
    received = server.raw(b"GET /breaks HTTP/1.1\r\n\r\n")
    assert b"0\r\n\r\n" not in received
    assert b"must not be shown" not in received
    assert server.get("/quick")[0] == 200


# Connections


def _limits(**values: object) -> str:
    given = ", ".join(f"{name}={value}" for name, value in values.items())
    return f"limits = launcher.Limits({MEBIBYTE}, {given})"


def test_connections_of_an_address_are_limited(start_server: Callable[..., Process]) -> None:
    server = start_server(given=_limits(per_address=3))
    with contextlib.ExitStack() as stack:
        other = stack.enter_context(server.connect("127.0.0.8"))
        idle = [stack.enter_context(server.connect("127.0.0.9")) for _ in range(3)]
        newest = stack.enter_context(server.connect("127.0.0.9"))
        # The newest is served, the oldest made room for it.
        newest.sendall(b"GET /new HTTP/1.1\r\n\r\n")
        read_until(newest, b"/new  http 0")
        assert idle[0].recv(1) == b""
        for sock in (other, *idle[1:]):
            sock.sendall(b"GET /old HTTP/1.1\r\n\r\n")
            read_until(sock, b"/old  http 0")


def test_connections_of_trusted_proxies_are_not_limited(
    start_server: Callable[..., Process],
) -> None:
    trusted = "[__import__('ipaddress').ip_network('127.0.0.8/31')]"
    server = start_server(given=_limits(per_address=1, trusted=trusted))
    with server.connect("127.0.0.9") as first, server.connect("127.0.0.9") as second:
        for sock in (second, first):
            sock.sendall(b"GET /x HTTP/1.1\r\n\r\n")
            read_until(sock, b"/x  http 0")


def test_all_connections_are_limited(start_server: Callable[..., Process]) -> None:
    server = start_server(given=_limits(connections=3))
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(server.connect(f"127.0.0.{n}")) for n in range(11, 15)]
        socks[-1].sendall(b"GET /new HTTP/1.1\r\n\r\n")
        read_until(socks[-1], b"/new  http 0")
        assert socks[0].recv(1) == b""


def test_probes_respond_while_every_thread_is_busy(server: Process) -> None:
    with server.connect() as busy, server.connect() as waiting:
        busy.sendall(b"GET /hangs HTTP/1.1\r\n\r\n")
        waiting.sendall(b"GET /waits HTTP/1.1\r\n\r\n")
        for path in ("/healthz", "/readyz", "/metrics"):
            assert server.get(path)[0] == 200


def test_an_application_may_refuse_a_request_before_its_body(
    start_server: Callable[..., Process],
) -> None:
    server = start_server(given="application = Screening")
    head = b"POST /%s HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with server.connect() as sock:
        sock.sendall(head % b"forbidden")
        received = read_all(sock)
        assert received.startswith(b"HTTP/1.1 403 ")
        assert b"\r\nConnection: close\r\n" in received
    with server.connect() as sock:
        sock.sendall(head % b"allowed")
        assert sock.recv(len(CONTINUE)) == CONTINUE
        sock.sendall(b"abcde")
        read_until(sock, b"/allowed  http 5")


def test_a_background_process_drops_clients_that_send_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probes, "CLIENT_SECONDS", 0.2)
    with probes.serve(Mock(spec=probes.Probes), "127.0.0.1:0") as server:
        with socket.create_connection(server.server_address[:2], timeout=DEADLINE) as idle:
            assert idle.recv(1) == b""
        server.shutdown()


def _assert_problem(received: bytes, status: int, code: str) -> None:
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), received
    assert b"\r\nContent-Type: application/problem+json\r\n" in head
    assert b"\r\nConnection: close\r\n" in head
    assert json.loads(body)["code"] == code
