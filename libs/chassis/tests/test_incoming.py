"""Requests that arrive in pieces are read as if they came at once."""

from __future__ import annotations

import pytest
from gunicorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from kehu_chassis.problems import Problem
from kehu_chassis.runtime.server.incoming import Incoming

HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\n"
CONFIG = Config()
CLIENT = ("127.0.0.1", 1)


def _read(pieces: list[bytes], max_body: int = 10_000) -> tuple[Incoming, bytearray]:
    """Read one request from these pieces; what is left in the buffer belongs to the next."""
    incoming, buffer = Incoming(max_body), bytearray()
    for number, piece in enumerate(pieces):
        buffer += piece
        if incoming.advance(buffer, CONFIG, CLIENT):
            return incoming, buffer + b"".join(pieces[number + 1 :])
    raise AssertionError("the request is not complete")


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({place % len(data) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in zip(edges, edges[1:], strict=False)]


PLACES = st.lists(st.integers(min_value=0, max_value=10_000), max_size=30)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), PLACES, st.booleans())
def test_chunks_are_decoded_however_they_are_cut(
    chunks: list[bytes], places: list[int], trailer: bool
) -> None:
    data = b"".join(b"%x;a=b\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    end = b"0\r\nX-Sum: 1\r\n\r\n" if trailer else b"0\r\n\r\n"
    incoming, left = _read(_cut(HEAD + data + end + NEXT, places))
    assert incoming.body == b"".join(chunks)
    assert left == NEXT


@given(st.binary(max_size=200), PLACES)
def test_a_body_of_known_length_is_read_however_it_is_cut(body: bytes, places: list[int]) -> None:
    head = b"POST /x HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    incoming, left = _read(_cut(head + body + NEXT, places))
    assert incoming.body == body
    assert left == NEXT


def test_the_limit_is_exact() -> None:
    one = b"10\r\n0123456789abcdef\r\n"
    assert len(_read([HEAD + one * 4 + b"0\r\n\r\n"], max_body=64)[0].body) == 64
    with pytest.raises(Problem) as caught:
        _read([HEAD + one * 4 + b"1\r\n"], max_body=64)
    assert (caught.value.status, caught.value.params) == (413, {"limit": 64})
