"""Limits of size and rate, and messages whose end is ambiguous."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from gateway.tests.conftest import World
from gateway.tests.support import DEADLINE
from kehu_chassis.problems import Problem
from kehu_gateway import limits
from kehu_gateway.limits import RateLimit

PUBLIC = "/api/v1/alpha/public"
THINGS = "/api/v1/alpha/things"
MEBIBYTE = 1024 * 1024


def test_a_body_of_one_mebibyte_is_accepted(world: World) -> None:
    body = b"x" * MEBIBYTE
    assert world.gateway.request("POST", PUBLIC, body=body).status == 200
    assert world.alpha.last().body == body


def test_a_larger_body_is_413(world: World) -> None:
    response = world.gateway.request("POST", PUBLIC, headers={"Content-Length": str(MEBIBYTE + 1)})
    assert (response.status, response.code) == (413, "payload-too-large")
    assert response.json["params"] == {"limit": MEBIBYTE}
    assert world.alpha.requests == []


def test_a_larger_chunked_body_is_413(world: World) -> None:
    head = f"POST {PUBLIC} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    received = world.gateway.raw(head + chunk * 17 + b"0\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 413 ")
    assert world.alpha.requests == []


def test_chunks_within_the_limit_are_forwarded_with_a_length(world: World) -> None:
    head = f"POST {PUBLIC} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    received = world.gateway.raw(head + b"3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 "), received
    seen = world.alpha.last()
    assert (seen.body, seen.header("Content-Length")) == (b"abcde", "5")
    assert seen.header("Transfer-Encoding") is None


def test_the_body_of_a_refused_request_is_not_read(world: World) -> None:
    response = world.gateway.request("POST", THINGS, headers={"Content-Length": "900000"})
    assert response.status == 401


def test_expect_continue_works(world: World) -> None:
    with socket.create_connection(("127.0.0.1", world.gateway.port), timeout=DEADLINE) as sock:
        sock.sendall(
            f"POST {PUBLIC} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
            "Expect: 100-continue\r\nConnection: close\r\n\r\n".encode()
        )
        assert sock.recv(1000).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"ok")
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert world.alpha.last().body == b"ok"


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
        ("Content-Length: 2\r\nContent-Length: 2", b"ok"),
        ("Content-Length: 2\r\nContent-Length: 3", b"ok!"),
        ("Content-Length: 2, 2", b"ok"),
        ("Content-Length: +2", b"ok"),
        ("Content-Length: -2", b"ok"),
        ("Content-Length: 0x2", b"ok"),
        ("Content-Length: \u00b2", b"ok"),
        ("Content-Length : 2", b"ok"),
        ("Content-Length: 2\r\n ,3", b"ok!"),
        ("Transfer-Encoding: xchunked", b"0\r\n\r\n"),
        ("Transfer-Encoding: chunked, identity", b"0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        ("Transfer-Encoding: gzip", b"0\r\n\r\n"),
        ("Transfer-Encoding:\x0bchunked", b"0\r\n\r\n"),
        ("Transfer-Encoding : chunked", b"0\r\n\r\n"),
        ("Transfer-Encoding\x00: chunked", b"0\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"xyz\r\n"),
        ("Transfer-Encoding: chunked", b"2\r\nokok\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"-1\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"1;a\nb\r\nx\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"0x1\r\nx\r\n0\r\n\r\n"),
    ],
)
def test_an_ambiguous_message_is_refused_and_ends_the_connection(
    world: World, lines: str, body: bytes
) -> None:
    smuggled = f"GET {PUBLIC}?smuggled HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    head = f"POST {PUBLIC} HTTP/1.1\r\nHost: x\r\n{lines}\r\n\r\n".encode("latin-1")
    received = world.gateway.raw(head + body + smuggled)
    assert received.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), received
    assert received.count(b"HTTP/1.1 ") == 1
    assert world.alpha.requests == []


def test_a_misspelled_transfer_encoding_is_dropped(world: World) -> None:
    head = f"POST {PUBLIC} HTTP/1.1\r\nHost: x\r\nTransfer_Encoding: chunked\r\n\r\n".encode()
    received = world.gateway.raw(head)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert world.alpha.last().body == b""


def test_an_incomplete_body_is_refused(world: World) -> None:
    for lines, body in (("Content-Length: 10", b"half"), ("Transfer-Encoding: chunked", b"9\r\nx")):
        head = f"POST {PUBLIC} HTTP/1.1\r\nHost: x\r\n{lines}\r\n\r\n".encode()
        assert b" 200 " not in world.gateway.raw(head + body)
    assert world.alpha.requests == []


def test_a_get_may_carry_a_body(world: World) -> None:
    response = world.gateway.request("GET", PUBLIC, body=b"x")
    assert response.status == 200
    assert world.alpha.last().body == b"x"


def test_a_long_target_and_too_many_headers_are_refused(world: World) -> None:
    assert world.gateway.get(f"{PUBLIC}?q={'x' * 9000}").code == "uri-too-long"
    many = {f"X-{number}": "x" for number in range(101)}
    assert world.gateway.request("GET", PUBLIC, headers=many).code == "headers-too-large"
    assert world.alpha.requests == []


def test_each_caller_has_a_rate_limit(build: Callable[..., World]) -> None:
    world = build(KEHU_CALLER_RATE="0.1", KEHU_CALLER_BURST="5")
    eager, calm = world.auth.token("reader"), world.auth.token("reader")
    responses = [world.gateway.get(THINGS, eager) for _ in range(7)]
    assert [response.status for response in responses] == [200] * 5 + [429] * 2
    assert responses[-1].code == "too-many-requests"
    assert 0 < int(responses[-1].headers["Retry-After"]) <= 10
    assert len(world.alpha.requests) == 5
    assert world.gateway.get(THINGS, calm).status == 200


def test_unauthenticated_callers_share_a_rate_limit(build: Callable[..., World]) -> None:
    world = build(KEHU_ADDRESS_RATE="0.1", KEHU_ADDRESS_BURST="4", KEHU_TRUSTED_PROXIES="127.0.0.1")
    guesses = [world.gateway.get(THINGS, f"guess-{n}").status for n in range(3)]
    assert guesses == [401] * 3
    assert [world.gateway.get(PUBLIC).status for _ in range(2)] == [200, 429]
    assert world.gateway.get(THINGS, "guess-4").status == 429
    assert world.gateway.get(PUBLIC, **{"X-Forwarded-For": "8.8.8.8"}).status == 200
    # A signed-in caller is not affected by others at the same address.
    assert world.gateway.get(THINGS, world.auth.token("reader")).status == 200
    # Refusals beyond the rate do not reach the audit trail.
    world.gateway.stop()
    assert {refusal["status"] for refusal in world.auth.refusals} == {401}
    assert sum(refusal["count"] for refusal in world.auth.refusals) == 3


def test_one_machine_has_one_limit_for_its_many_ipv6_addresses(
    build: Callable[..., World],
) -> None:
    world = build(KEHU_ADDRESS_RATE="0.1", KEHU_ADDRESS_BURST="3", KEHU_TRUSTED_PROXIES="127.0.0.1")

    def status(address: str) -> int:
        return world.gateway.get(PUBLIC, **{"X-Forwarded-For": address}).status

    assert [status(f"2001:db8::{n}") for n in range(5)] == [200] * 3 + [429] * 2
    assert status("2001:db8:0:1::1") == 200
    # An address is itself, however it is written.
    assert [status("::ffff:192.0.2.7"), status("192.0.2.7"), status("::ffff:c000:207")] == [200] * 3
    assert status("192.0.2.7") == 429
    assert status("192.0.2.8") == 200


def test_an_untrusted_forwarded_address_is_ignored(build: Callable[..., World]) -> None:
    world = build(KEHU_ADDRESS_RATE="0.1", KEHU_ADDRESS_BURST="2")
    statuses = [
        world.gateway.get(PUBLIC, **{"X-Forwarded-For": f"8.8.8.{n}"}).status for n in range(4)
    ]
    assert statuses == [200, 200, 429, 429]


def test_buckets_refill_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BUCKETS", 4)
    now = [0.0]
    limit = RateLimit(2, 2, clock=lambda: now[0])
    limit.spend("a")
    limit.spend("a")
    with pytest.raises(Problem) as caught:
        limit.spend("a")
    assert caught.value.headers["Retry-After"] == "1"
    now[0] = 0.5
    limit.spend("a")
    for number in range(50):
        limit.spend(f"stranger-{number}")
    assert len(limit._buckets) <= 4
    with pytest.raises(Problem):  # however many strangers come, its tokens are gone
        limit.spend("a")
