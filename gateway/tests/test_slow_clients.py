"""Clients that send or read slowly take nothing from the others."""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Callable
from pathlib import Path

from gateway.tests.conftest import World
from gateway.tests.hostile import KINDS, Normal, clients
from gateway.tests.support import DEADLINE, Request, Upstream, sends, wait_for

PUBLIC = "/api/v1/alpha/public"
THINGS = "/api/v1/alpha/things"
UNREAD = "/api/v1/alpha/unread"
OTHER = "/api/v1/beta/public"
MEBIBYTE = b"0123456789abcdef" * 65536
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 250000\r\n\r\n" + b"x" * 250_000


def _prepare(world: World) -> None:
    world.alpha.scripts[UNREAD] = sends(LONG, keep=True)


def _normal(world: World) -> Normal:
    token = world.auth.token("writer")

    def work() -> None:
        for path in ("/healthz", "/readyz", OTHER, "/docs"):
            assert world.gateway.get(path).status == 200
        assert world.gateway.request("POST", THINGS, token, body=b"x" * 1000).status == 200
        for path in ("/healthz", "/readyz", "/metrics"):
            assert world.gateway.probe(path).status == 200

    return Normal(work)


def test_hostile_clients_of_every_kind_are_not_noticed(build: Callable[..., World]) -> None:
    world = build(KEHU_THREADS="4")
    _prepare(world)
    sources = itertools.cycle(f"127.0.{n}.2" for n in range(1, 50))
    with _normal(world) as normal, clients(world.gateway.port, 20 * len(KINDS), sources):
        normal.wait_for_rounds(10)


def test_connections_of_an_address_make_way_for_its_next(build: Callable[..., World]) -> None:
    world = build(KEHU_ADDRESS_CONNECTIONS="8")
    _prepare(world)
    with clients(world.gateway.port, 44, itertools.repeat("127.0.0.2")) as hostile:
        # From another address as well as from the same.
        assert world.gateway.get(PUBLIC).status == 200
        wait_for(lambda: _is_served(world, "127.0.0.2"), "the requests in hand to be served")
        assert len([sock for sock in hostile if not _is_closed(sock)]) <= 8


def _is_served(world: World, source: str) -> bool:
    with socket.socket() as sock, contextlib.suppress(ConnectionError):
        sock.bind((source, 0))
        sock.settimeout(DEADLINE)
        sock.connect(("127.0.0.1", world.gateway.port))
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        return sock.recv(100).startswith(b"HTTP/1.1 200 ")
    return False


def _is_closed(sock: socket.socket) -> bool:
    sock.setblocking(False)
    with contextlib.suppress(ConnectionError):
        try:
            while sock.recv(65536):
                pass
        except BlockingIOError:
            return False
    return True


def test_trusted_proxies_may_have_many_connections(build: Callable[..., World]) -> None:
    world = build(KEHU_ADDRESS_CONNECTIONS="2", KEHU_TRUSTED_PROXIES="127.0.0.2/32")
    with contextlib.ExitStack() as stack:
        kept = []
        for _ in range(6):
            sock = stack.enter_context(socket.socket())
            sock.bind(("127.0.0.2", 0))
            sock.settimeout(DEADLINE)
            sock.connect(("127.0.0.1", world.gateway.port))
            kept.append(sock)
        for sock in reversed(kept):
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sock.recv(100).startswith(b"HTTP/1.1 200 ")


def test_probes_respond_while_all_threads_are_busy(build: Callable[..., World]) -> None:
    world = build(KEHU_THREADS="1")
    world.alpha.scripts[PUBLIC] = _hangs
    with socket.create_connection(("127.0.0.1", world.gateway.port)) as busy:
        busy.sendall(f"GET {PUBLIC} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert world.alpha.waiting.acquire(timeout=DEADLINE)
        for path in ("/healthz", "/readyz", "/metrics"):
            assert world.gateway.probe(path).status == 200
        assert world.gateway.get("/healthz").status == 200
        assert world.gateway.get("/readyz").status == 200
        world.alpha.release.set()


def _hangs(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
    upstream.waiting.release()
    upstream.release.wait(DEADLINE)
    return False


def _streams(pieces: int) -> Callable[..., bool]:
    def script(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(pieces):
            sock.sendall(b"100000\r\n" + MEBIBYTE + b"\r\n")
        sock.sendall(b"0\r\n\r\n")
        return True

    return script


def test_exports_that_are_not_read_are_complete_later(build: Callable[..., World]) -> None:
    world = build()
    world.alpha.scripts[PUBLIC] = _streams(4)
    request = f"GET {PUBLIC} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        unread = []
        for _ in range(8):
            sock = stack.enter_context(
                socket.create_connection(("127.0.0.1", world.gateway.port), timeout=DEADLINE)
            )
            sock.sendall(request)
            unread.append(sock)
        assert world.gateway.get(OTHER).status == 200
        wait_for(
            lambda: world.gateway.metric('kehu_gateway_service_inflight{service="alpha"}') == 0,
            "a service that need not wait for the clients",
        )
        for sock in unread:
            assert _length(sock) == 4 * len(MEBIBYTE)


def test_an_export_larger_than_the_room_for_it_needs_no_memory(
    build: Callable[..., World],
) -> None:
    world = build()
    world.alpha.scripts[PUBLIC] = _streams(96)
    with socket.create_connection(("127.0.0.1", world.gateway.port), timeout=DEADLINE) as sock:
        sock.sendall(f"GET {PUBLIC} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        before = _memory(world)
        for _ in range(20):
            assert world.gateway.get(OTHER).status == 200
        assert _length(sock) == 96 * len(MEBIBYTE)
        assert _memory(world) - before < 24 * 1024 * 1024


def _length(sock: socket.socket) -> int:
    """The length of a chunked response, read to its end."""
    length = 0
    with sock.makefile("rb") as stream:
        while stream.readline() != b"\r\n":
            pass
        while size := int(stream.readline(), 16):
            length += len(stream.read(size))
            assert stream.readline() == b"\r\n"
    return length


def _memory(world: World) -> int:
    """The bytes that the gateway's processes have in memory."""
    assert world.gateway.process is not None
    found, waiting = 0, [world.gateway.process.pid]
    while waiting:
        pid = waiting.pop()
        status = Path(f"/proc/{pid}/status").read_text()
        found += int(status.split("VmRSS:")[1].split()[0]) * 1024
        waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return found


def test_a_request_whose_body_comes_late_counts_once(build: Callable[..., World]) -> None:
    world = build(KEHU_CALLER_RATE="0.01", KEHU_CALLER_BURST="1")
    head = (
        f"POST {THINGS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.auth.token('writer')}"
        "\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", world.gateway.port), timeout=DEADLINE) as sock:
        sock.sendall(head.encode())
        # It has been decided before the body may come.
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"late")
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert world.alpha.last().body == b"late"


def test_a_refused_request_gets_no_continue(world: World) -> None:
    received = world.gateway.raw(
        f"POST {THINGS} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    assert received.startswith(b"HTTP/1.1 401 ")
    assert received.count(b"HTTP/1.1 ") == 1
