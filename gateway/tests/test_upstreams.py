"""Services that are down, hang, disconnect or send garbage; connections, retries, streaming."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import (
    DEADLINE,
    Request,
    Upstream,
    echo,
    hangs,
    reset,
    resets,
    sends,
    wait_for,
)
from kehu_gateway.services import Endpoint, Service
from kehu_gateway.upstream import Address

PUBLIC = "/api/v1/alpha/public"
OTHER = "/api/v1/beta/public"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def test_connections_are_reused(world: World) -> None:
    for _ in range(10):
        assert world.gateway.get(PUBLIC).status == 200
    assert len({request.connection for request in world.alpha.requests}) == 1


def test_a_connection_that_the_service_closed_is_not_reused(world: World) -> None:
    world.alpha.scripts[PUBLIC] = _responds_and_closes
    for _ in range(5):
        assert world.gateway.request("POST", PUBLIC, body=b"x").status == 200
        assert world.alpha.waiting.acquire(timeout=DEADLINE), "the connection was not closed"
    assert len({request.connection for request in world.alpha.requests}) == 5


def _responds_and_closes(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
    echo(upstream, sock, request)
    sock.shutdown(socket.SHUT_RDWR)
    upstream.waiting.release()
    return False


def test_connection_close_of_a_service_is_respected(world: World) -> None:
    raw = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    world.alpha.scripts[PUBLIC] = sends(raw, keep=True)
    for _ in range(3):
        assert world.gateway.get(PUBLIC).body == b"ok"
    assert len({request.connection for request in world.alpha.requests}) == 3


INVALID = {
    "not HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "HTTP/2": b"HTTP/2 200\r\n\r\n",
    "HTTP/0.9": b"<html>\r\n\r\n",
    "status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "status 600": b"HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n\r\n\r\n",
    "a folded header": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
    "a header without colon": b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
    "a space before the colon": b"HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
    "a NUL in a header": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + CHUNKED + b"0\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "a length with plus": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    "an unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
    "a malformed chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk too long": b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"2\r\nokok\r\n0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 100_000,
}


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_response_is_502(world: World, name: str) -> None:
    world.alpha.scripts[PUBLIC] = sends(INVALID[name])
    response = world.gateway.get(PUBLIC)
    assert (response.status, response.code) == (502, "upstream-invalid")
    assert response.json["params"] == {"service": "alpha"}
    assert len(world.alpha.requests) == 1
    assert world.gateway.get(OTHER).status == 200


BROKEN = {
    "reset": resets,
    "closed": sends(b""),
    "half a head": sends(b"HTTP/1.1 200 OK\r\nContent-"),
    "half a body": sends(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
    "half a chunk": sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf"),
    "no last chunk": sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_incomplete_response_is_502_after_a_retry(world: World, name: str) -> None:
    world.alpha.scripts[PUBLIC] = BROKEN[name]
    response = world.gateway.get(PUBLIC)
    assert (response.status, response.code) == (502, "upstream-lost")
    assert response.json["params"] == {"service": "alpha"}
    assert len(world.alpha.requests) == 2


KEY = {"Idempotency-Key": "once"}


def _breaks_once(then: Callable[..., bool] = echo) -> Callable[..., bool]:
    broken: list[Request] = []

    def script(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        if broken:
            return then(upstream, sock, request)
        broken.append(request)
        return resets(upstream, sock, request)

    return script


def test_safe_requests_are_retried(world: World) -> None:
    for method in ("GET", "HEAD"):
        world.alpha.scripts[PUBLIC] = _breaks_once()
        assert world.gateway.request(method, PUBLIC).status == 200


def test_a_post_is_retried_only_with_an_idempotency_key(world: World) -> None:
    world.alpha.scripts[PUBLIC] = _breaks_once()
    response = world.gateway.request("POST", PUBLIC, body=b"{}")
    assert (response.status, response.code) == (502, "upstream-lost")
    assert "may or may not" in response.json["detail"]
    assert len(world.alpha.requests) == 1
    things, writer = "/api/v1/alpha/things", world.auth.token("writer")
    world.alpha.scripts[things] = _breaks_once()
    assert world.gateway.request("POST", things, writer, KEY, b"{}").status == 200
    assert [request.body for request in world.alpha.requests] == [b"{}"] * 3


@pytest.mark.parametrize(("method", "path"), [("POST", PUBLIC), ("PUT", "/api/v1/alpha/things/1")])
def test_other_requests_are_not_retried_with_a_key(world: World, method: str, path: str) -> None:
    world.alpha.scripts[path] = _breaks_once()
    response = world.gateway.request(method, path, world.auth.token("writer"), KEY, b"{}")
    assert (response.status, response.code) == (502, "upstream-lost")
    assert len(world.alpha.requests) == 1


def test_interim_responses_are_skipped(world: World) -> None:
    world.alpha.scripts[PUBLIC] = sends(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    )
    assert world.gateway.get(PUBLIC).body == b"ok"


@pytest.mark.parametrize("status", [204, 304])
def test_responses_without_body_keep_the_connection(world: World, status: int) -> None:
    raw = f'HTTP/1.1 {status} X\r\nETag: "1"\r\n\r\n'.encode()
    world.alpha.scripts[PUBLIC] = sends(raw, keep=True)
    for _ in range(2):
        response = world.gateway.get(PUBLIC)
        assert (response.status, response.body, response.headers["ETag"]) == (status, b"", '"1"')
    assert len({request.connection for request in world.alpha.requests}) == 1


def test_a_client_is_sent_only_what_changed(world: World) -> None:
    """ETag, If-None-Match and Cache-Control pass as they are."""
    tag, control = '"3-0123456789abcdef0123"', "private, no-cache"

    def script(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        known = request.header("If-None-Match") == tag
        status, body = ("304 NOT MODIFIED", "") if known else ("200 OK", "{}")
        length = "" if known else "Content-Length: 2\r\n"
        head = f"HTTP/1.1 {status}\r\nETag: {tag}\r\nCache-Control: {control}\r\n{length}\r\n"
        sock.sendall((head + body).encode())
        return True

    world.alpha.scripts[PUBLIC] = script
    for known, expected in (("", (200, b"{}")), (tag, (304, b"")), ('"3-0"', (200, b"{}"))):
        response = world.gateway.get(PUBLIC, **{"If-None-Match": known})
        assert (response.status, response.body) == expected
        assert (response.headers["ETag"], response.headers["Cache-Control"]) == (tag, control)


@pytest.mark.parametrize("status", [400, 404, 409, 412, 422, 429, 500, 503, 599])
def test_error_responses_of_a_service_are_forwarded(world: World, status: int) -> None:
    raw = f"HTTP/1.1 {status} X\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n"
    world.alpha.scripts[PUBLIC] = sends(raw.encode() + b"Retry-After: 7\r\n\r\n{}", keep=True)
    response = world.gateway.get(PUBLIC)
    assert (response.status, response.body, response.headers["Retry-After"]) == (status, b"{}", "7")
    assert len(world.alpha.requests) == 1


@pytest.mark.parametrize("framing", ["chunked", "until closed"])
def test_a_short_response_of_unknown_length_gets_a_length(world: World, framing: str) -> None:
    world.alpha.scripts[PUBLIC] = sends(
        b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"2;x=y\r\nok\r\n1\r\n!\r\n0\r\nT: x\r\n\r\n"
        if framing == "chunked"
        else b"HTTP/1.1 200 OK\r\n\r\nok!"
    )
    response = world.gateway.get(PUBLIC)
    assert (response.status, response.body, response.headers["Content-Length"]) == (
        200,
        b"ok!",
        "3",
    )


MEBIBYTE = b"0123456789abcdef" * 65536


def _streams(framing: str, pieces: int, wait: threading.Event | None = None) -> Callable[..., bool]:
    def script(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        head = {
            "length": b"Content-Length: %d\r\n" % (pieces * len(MEBIBYTE)),
            "chunked": b"Transfer-Encoding: chunked\r\n",
            "until closed": b"",
        }[framing]
        sock.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        for number in range(pieces):
            if number == 1 and wait is not None:
                wait.wait(DEADLINE)
            chunked = framing == "chunked"
            sock.sendall(b"100000\r\n" + MEBIBYTE + b"\r\n" if chunked else MEBIBYTE)
        if framing == "chunked":
            sock.sendall(b"0\r\n\r\n")
        return framing != "until closed"

    return script


@pytest.mark.parametrize("framing", ["length", "chunked", "until closed"])
def test_large_responses_are_streamed(world: World, framing: str) -> None:
    go_on = threading.Event()
    world.alpha.scripts[PUBLIC] = _streams(framing, 8, go_on)
    connection = http.client.HTTPConnection("127.0.0.1", world.gateway.port, timeout=DEADLINE)
    with contextlib.closing(connection):
        connection.request("GET", PUBLIC)
        response = connection.getresponse()
        # The beginning arrives while the service has not sent the rest yet.
        first = response.read(len(MEBIBYTE) // 2)
        go_on.set()
        assert first + response.read() == MEBIBYTE * 8
    assert world.gateway.metric('kehu_gateway_service_inflight{service="alpha"}') == 0
    assert world.gateway.get("/api/v1/alpha/public", None).status == 200


def test_a_lost_stream_is_incomplete_for_the_client(world: World) -> None:
    def script(upstream: Upstream, sock: socket.socket, request: Request) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n" + MEBIBYTE)
        reset(sock)
        return False

    world.alpha.scripts[PUBLIC] = script
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        world.gateway.get(PUBLIC)
    world.alpha.scripts.clear()
    assert world.gateway.get(PUBLIC).status == 200
    assert world.gateway.metric('kehu_gateway_service_inflight{service="alpha"}') == 0


def test_a_client_that_disconnects_frees_its_threads(world: World) -> None:
    world.alpha.scripts[PUBLIC] = _streams("length", 64)
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", world.gateway.port)) as sock:
            sock.sendall(f"GET {PUBLIC} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert sock.recv(1000)
    wait_for(
        lambda: world.gateway.metric('kehu_gateway_service_inflight{service="alpha"}') == 0,
        "all threads to be free",
    )


def test_a_service_that_is_down_is_503_until_it_is_back(build: Callable[..., World]) -> None:
    world = build()
    assert world.gateway.request("POST", PUBLIC, body=b"x").status == 200
    world.alpha.stop()
    for method in ("GET", "POST"):
        response = world.gateway.request(method, PUBLIC)
        if response.status == 502:
            # It went down during this very request; from now on it is known to be down.
            response = world.gateway.request(method, PUBLIC)
        assert (response.status, response.code) == (503, "dependency-down")
        assert response.json["params"] == {"dependency": "alpha"}
        assert int(response.headers["Retry-After"]) > 0
        assert "alpha" in response.json["detail"]
    assert world.gateway.get(OTHER).status == 200
    assert world.gateway.get("/readyz").status == 200
    world.alpha.start_again()
    wait_for(lambda: world.gateway.get(PUBLIC).status == 200, "alpha to come back")


def test_a_new_gateway_first_finds_every_service(build: Callable[..., World]) -> None:
    world = build()
    world.gateway.stop()
    world.alpha.ready = False
    world.gateway.start(until=lambda: world.gateway.get(OTHER).status == 200)
    assert world.gateway.probe("/readyz").status == 503
    assert world.gateway.get(PUBLIC).code == "dependency-down"
    world.alpha.ready = True
    wait_for(lambda: world.gateway.probe("/readyz").status == 200)
    assert world.gateway.get(PUBLIC).status == 200


def test_a_new_gateway_does_not_wait_forever_for_a_service(build: Callable[..., World]) -> None:
    world = build()
    world.gateway.stop()
    world.alpha.stop()
    world.gateway.start(until=lambda: world.gateway.probe("/readyz").status == 200)
    assert world.gateway.get(OTHER).status == 200
    assert world.gateway.get(PUBLIC).code == "dependency-down"


def test_a_service_that_is_not_ready_gets_no_requests(build: Callable[..., World]) -> None:
    world = build()
    world.alpha.ready = False
    wait_for(lambda: world.gateway.get(PUBLIC).status == 503)
    before = len(world.alpha.requests)
    assert world.gateway.get(PUBLIC).code == "dependency-down"
    assert len(world.alpha.requests) == before
    assert world.gateway.metric('kehu_gateway_service_ready_addresses{service="alpha"}') == 0
    world.alpha.ready = True
    wait_for(lambda: world.gateway.get(PUBLIC).status == 200)


def test_another_service_at_the_address_gets_no_requests(build: Callable[..., World]) -> None:
    """A new container may get the address of a removed one while the old name still resolves."""
    world = build()
    world.alpha.ready_as = "beta"
    wait_for(lambda: world.gateway.get(PUBLIC).status == 503)
    before = len(world.alpha.requests)
    assert world.gateway.get(PUBLIC).code == "dependency-down"
    assert len(world.alpha.requests) == before
    world.alpha.ready_as = "alpha"
    wait_for(lambda: world.gateway.get(PUBLIC).status == 200)


@pytest.mark.fault("F48")
def test_a_slow_response_is_504(build: Callable[..., World]) -> None:
    world = build(KEHU_UPSTREAM_SECONDS="0.5")
    world.alpha.scripts[PUBLIC] = hangs
    for method in ("GET", "POST"):
        response = world.gateway.request(method, PUBLIC)
        assert (response.status, response.code) == (504, "upstream-timeout")
        assert response.json["params"] == {"service": "alpha"}
    # Neither is retried: the service may still be working on the first.
    assert len(world.alpha.requests) == 2
    world.alpha.release.set()


def test_a_service_whose_probes_hang_is_marked_down(build: Callable[..., World]) -> None:
    world = build()
    world.alpha.probes_hang = True
    world.alpha.scripts[PUBLIC] = hangs
    wait_for(
        lambda: world.gateway.metric('kehu_gateway_service_ready_addresses{service="alpha"}') == 0
    )
    assert world.gateway.get(PUBLIC).code == "dependency-down"
    assert world.gateway.get(OTHER).status == 200


@pytest.fixture
def pair() -> Iterator[tuple[Upstream, Upstream]]:
    """Two instances of one service: the same port on two addresses."""
    first = Upstream("first")
    second = Upstream("second", "127.0.0.2", first.port)
    yield first, second
    first.stop()
    second.stop()


def _addresses(*upstreams: Upstream) -> list[Address]:
    return [(socket.AF_INET, (upstream.host, upstream.port)) for upstream in upstreams]


def _service(upstreams: list[Upstream]) -> Service:
    url = f"http://service.invalid:{upstreams[0].port}"
    return Service("s", url, seconds=5, resolver=lambda host, port: _addresses(*upstreams))


def _hosts(endpoints: tuple[Endpoint, ...]) -> set[str]:
    return {endpoint.address[1][0] for endpoint in endpoints}


def test_requests_are_spread_over_ready_addresses(pair: tuple[Upstream, Upstream]) -> None:
    known = list(pair)
    service = _service(known)
    service.probe()
    picked = [service.pick().address[1][0] for _ in range(10)]
    assert sorted(picked) == ["127.0.0.1"] * 5 + ["127.0.0.2"] * 5
    avoided = service.pick()
    assert all(service.pick(avoid=avoided) is not avoided for _ in range(4))
    pair[0].ready = False
    service.probe()
    assert _hosts(service.ready) == {"127.0.0.2"}
    pair[0].ready = True
    service.probe()
    assert _hosts(service.ready) == {"127.0.0.1", "127.0.0.2"}
    pair[1].stop()
    service.probe()
    assert _hosts(service.ready) == {"127.0.0.1"}
    service.close()


def test_addresses_follow_name_resolution(
    pair: tuple[Upstream, Upstream], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kehu_gateway.services.RESOLVE_SECONDS", 0)
    known = [pair[0]]
    service = _service(known)
    service.probe()
    assert _hosts(service.ready) == {"127.0.0.1"}
    known[:] = [pair[1]]
    service.probe()
    assert _hosts(service.ready) == {"127.0.0.2"}

    def fails(host: str, port: int) -> list[Address]:
        raise OSError("no such name")

    service._resolve = fails
    service.probe()
    assert _hosts(service.ready) == {"127.0.0.2"}
    service.close()


def test_only_the_third_missed_probe_marks_an_address_down(pair: tuple[Upstream, Upstream]) -> None:
    service = _service([pair[0]])
    service.probe()
    pair[0].probes_hang = True
    service.probe()
    service.probe()
    assert _hosts(service.ready) == {"127.0.0.1"}
    service.probe()
    assert service.ready == ()
    service.close()
