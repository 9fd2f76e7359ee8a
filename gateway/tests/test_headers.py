"""Headers of a caller about identity, forwarding and hops do not reach a service."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import INTERNAL_KEY
from kehu_chassis.identity import addresses

PUBLIC = "/api/v1/alpha/public"
THINGS = "/api/v1/alpha/things"

# A service sees these only as the gateway writes them, or not at all.
SENT_BY_CALLERS = [
    "X-User-Id: evil",
    "x-user-id: evil",
    "X_User_Id: evil",
    "X.User.Id: evil",
    "X-User-Id: evil\r\nX-User-Id: evil2",
    "X-User: evil",
    "X-User-Roles: evil",
    "X-Auth-Request-User: evil",
    "Remote-User: evil",
    "REMOTE_USER: evil",
    "X-Forwarded-For: 6.6.6.6",
    "X_Forwarded_For: 6.6.6.6",
    "X-Forwarded-Proto: evil",
    "X-Forwarded-Host: evil",
    "X-Forwarded-Prefix: /evil",
    "X-Forwarded-User: evil",
    "X-Forwarded-Proof: evil",
    "X-Real-IP: 6.6.6.6",
    "Forwarded: for=6.6.6.6",
    "Via: 1.1 evil",
    "X-Original-URL: /evil",
    "X-Rewrite-URL: /evil",
    "X-Original-URI: /evil",
    "X-Original-Method: evil",
    "X-HTTP-Method-Override: DELETE evil",
    "SCRIPT_NAME: /evil",
    "SCRIPT-NAME: /evil",
    "PATH_INFO: /evil",
    "PATH-INFO: /evil",
    "Proxy-Authorization: Basic evil",
    "Proxy-Connection: evil",
    "Keep-Alive: evil",
    "TE: trailers, evil",
    "Upgrade: evil",
    "Trailer: evil",
    "X-Kehu-Status: evil",
    "Cookie: session=evil",
    "cookie: a=1\r\nCookie: b=evil",
    "Cookie2: $Version=evil",
    "X-Api-Key: evil",
    "X-Csrf-Token: evil",
    "Connection: close, X-User-Id\r\nX-User-Id: evil",
    "Connection: close, X-Forwarded-For\r\nX-Forwarded-For: 6.6.6.6",
]


@pytest.mark.parametrize("lines", SENT_BY_CALLERS)
def test_a_callers_identity_and_hop_headers_are_not_forwarded(world: World, lines: str) -> None:
    token = world.auth.token("reader")
    received = world.gateway.raw(
        f"GET {THINGS} HTTP/1.1\r\nHost: kehu.test\r\nAuthorization: Bearer {token}\r\n"
        f"{lines}\r\n\r\n".encode()
    )
    assert received.startswith(b"HTTP/1.1 200 "), received
    seen = world.alpha.last()
    assert "evil" not in repr(seen)
    assert "6.6.6.6" not in repr(seen)
    assert seen.target == THINGS
    # Only the token identifies the caller; the gateway adds where the request came from.
    assert seen.header("Authorization") == f"Bearer {token}"
    assert seen.header("X-Forwarded-For") == "127.0.0.1"
    assert seen.header("X-Forwarded-Proto") == "http"
    assert seen.header("X-Forwarded-Host") == "kehu.test"


@pytest.mark.parametrize(
    "line", ["X-User-Id : evil", " X-User-Id: evil", "X-User\x00Id: evil", "X-User-Id: e\x00vil"]
)
def test_a_malformed_header_is_refused(world: World, line: str) -> None:
    received = world.gateway.raw(f"GET {THINGS} HTTP/1.1\r\nHost: x\r\n{line}\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 400 ")
    assert world.alpha.requests == []


@pytest.mark.parametrize("named", ["Authorization", "Host", "X-Request-Id", "Content-Length"])
def test_a_connection_header_cannot_remove_required_headers(world: World, named: str) -> None:
    token = world.auth.token("writer")
    response = world.gateway.request(
        "POST", THINGS, token, {"Connection": f"close, {named}"}, body=b'{"a": 1}'
    )
    assert response.status == 200
    seen = world.alpha.last()
    assert seen.header("Authorization") == f"Bearer {token}"
    assert seen.body == b'{"a": 1}'
    assert seen.header("X-Request-Id")


def test_a_header_in_the_trailer_is_dropped(world: World) -> None:
    token = world.auth.token("writer")
    received = world.gateway.raw(
        f"POST {THINGS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\n{}\r\n0\r\nX-User-Id: evil\r\n\r\n".encode()
    )
    assert received.startswith(b"HTTP/1.1 200 "), received
    assert "evil" not in repr(world.alpha.last())
    assert world.alpha.last().body == b"{}"


def test_headers_that_services_need_are_forwarded(world: World) -> None:
    sent = {
        "Accept": "text/csv",
        "Accept-Language": "zh",
        "Content-Type": "application/json",
        "If-Match": '"3"',
        "If-None-Match": '"4"',
        "Idempotency-Key": "k-1",
        "Tracestate": "a=b",
        "User-Agent": "test",
        "X-Challenge": "declared in the contract",
    }
    world.gateway.request("POST", THINGS, world.auth.token("writer"), sent, body=b"{}")
    seen = world.alpha.last()
    assert {name: seen.header(name) for name in sent} == sent
    assert seen.header("Host") == f"{world.alpha.host}:{world.alpha.port}"


def test_a_header_is_forwarded_only_where_the_contract_declares_it(world: World) -> None:
    token = world.auth.token("writer")
    world.gateway.request("PUT", f"{THINGS}/1", token, {"X-Challenge": "x"}, body=b"{}")
    assert world.alpha.last().header("X-Challenge") is None


def test_request_ids_are_forwarded_or_generated(world: World) -> None:
    def ids(**headers: str) -> tuple[str, str | None]:
        response = world.gateway.get("/api/v1/alpha/public", **headers)
        return response.headers["X-Request-Id"], world.alpha.last().header("X-Request-Id")

    given, seen = ids(**{"X-Request-Id": "client-made.id_1:2"})
    assert given == seen == "client-made.id_1:2"
    for wrong in (
        "short",
        "a" * 200,
        "with space in it",
        'quote"quote"',
        "\u00e4\u00e4\u00e4\u00e4",
    ):
        given, seen = ids(**{"X-Request-Id": wrong})
        assert given == seen
        assert given != wrong
        assert len(given) == 32


def test_trace_context_is_forwarded_or_generated(world: World) -> None:
    def traced(value: str) -> str | None:
        world.gateway.get("/api/v1/alpha/public", Traceparent=value)
        return world.alpha.last().header("Traceparent")

    good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert traced(good) == good
    for wrong in ("x", good.upper(), f"ff{good[2:]}", f"00-{'0' * 32}-b7ad6b7169203331-01"):
        made = traced(wrong)
        assert made is not None
        assert made != wrong
        assert len(made) == len(good)


def test_a_malformed_host_is_refused(world: World) -> None:
    for host in ("", "a b", "a/b", "a@b", "[::1", "a:99999999"):
        received = world.gateway.raw(
            f"GET /api/v1/alpha/public HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        )
        assert received.startswith(b"HTTP/1.1 400 "), host
    assert world.alpha.requests == []


def test_hop_headers_of_a_service_do_not_reach_the_client(world: World) -> None:
    world.alpha.scripts["/api/v1/alpha/public"] = _responds_with_hop_headers
    response = world.gateway.get("/api/v1/alpha/public")
    assert response.status == 200
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Server"] == "gunicorn"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers.get_all("X-Request-Id") != ["theirs"]
    assert response.headers.get_all("X-Kehu-Version") != ["theirs"]
    for name in ("X-Secret-Hop", "Keep-Alive", "Proxy-Authenticate", "Upgrade"):
        assert response.headers[name] is None
    assert response.headers.get_all("Set-Cookie") is None
    assert response.headers["Access-Control-Allow-Credentials"] is None


def _responds_with_hop_headers(upstream: object, sock: object, request: object) -> bool:
    sock.sendall(  # type: ignore[attr-defined]
        b"HTTP/1.1 200 OK\r\nServer: theirs\r\nConnection: keep-alive, X-Secret-Hop\r\n"
        b"X-Secret-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Authenticate: x\r\nUpgrade: h2c\r\n"
        b'X-Request-Id: theirs\r\nETag: "1"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n'
        b"Access-Control-Allow-Credentials: true\r\nX-Kehu-Version: theirs\r\n"
        b"Content-Length: 2\r\n\r\nok"
    )
    return True


def test_forwarding_headers_of_a_trusted_proxy_are_used(build: Callable[..., World]) -> None:
    world = build(KEHU_TRUSTED_PROXIES="127.0.0.0/8, 10.0.0.0/8")

    def seen_with(value: str, proto: str = "") -> tuple[str | None, str | None]:
        headers = {"X-Forwarded-For": value} | ({"X-Forwarded-Proto": proto} if proto else {})
        world.gateway.get("/api/v1/alpha/public", **headers)
        seen = world.alpha.last()
        return seen.header("X-Forwarded-For"), seen.header("X-Forwarded-Proto")

    assert seen_with("8.8.8.8", "https") == ("8.8.8.8", "https")
    # What the client itself sent is to the left of what our proxies appended.
    assert seen_with("1.2.3.4, 8.8.8.8, 10.1.1.1") == ("8.8.8.8", "http")
    assert seen_with("2001:db8::1, 10.1.1.1") == ("2001:db8::1", "http")
    assert seen_with("nonsense, 8.8.8.8", "gopher") == ("8.8.8.8", "http")
    assert seen_with("8.8.8.8, nonsense") == ("127.0.0.1", "http")


def test_the_address_is_proven_to_public_operations_only(world: World) -> None:
    world.gateway.get(PUBLIC, **{"X-Forwarded-Proof": "evil"})
    seen = world.alpha.last()
    proof = seen.header("X-Forwarded-Proof")
    expected = addresses.proof(
        INTERNAL_KEY, seen.header("X-Forwarded-For"), seen.header("X-Request-Id")
    )
    assert proof == expected
    assert not addresses.is_proven(proof, INTERNAL_KEY, "6.6.6.6", seen.header("X-Request-Id"))
    world.gateway.get(THINGS, world.auth.token("reader"))
    assert world.alpha.last().header("X-Forwarded-Proof") is None
