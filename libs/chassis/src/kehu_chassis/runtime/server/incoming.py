"""A request while it arrives: first its head, then its body, which is decoded.

gunicorn's parser interprets the head, once and only here, so nothing can disagree with it about
where the body ends.
"""

from __future__ import annotations

import re
from typing import Any

from gunicorn.http import errors
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from kehu_chassis.problems import Problem

MAX_HEAD = 64 * 1024
MAX_CHUNK_LINE = 8190
# Sizes, extensions and trailers of one body.  Reading a tiny chunk costs as much as a large one.
MAX_FRAMING = 128 * 1024

# RFC 9112 section 7.1: the size, then extensions of a token and a token or a quoted string.
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_VALUE = rb"(?:" + _TOKEN + rb"|" + _QUOTED + rb")"
_EXTENSION = rb"[ \t]*;[ \t]*" + _TOKEN + rb"(?:[ \t]*=[ \t]*" + _VALUE + rb")?"
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:" + _EXTENSION + rb")*")
_TRAILER = re.compile(rb"(" + _TOKEN + rb"):[\t\x20-\x7e\x80-\xff]*")
# RFC 9110 section 6.5.1: these would change what the head has said.
_NO_TRAILERS = frozenset(
    (b"authorization", b"content-length", b"host", b"te", b"trailer", b"transfer-encoding")
)


class Incoming:
    """One request of a connection.

    ``request`` is None until the head has arrived.  ``body`` is what has arrived of the body.
    """

    __slots__ = ("_chunks", "_length", "_max_body", "_searched", "_waits", "body", "request")

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._searched = 0
        self._length = 0
        self._chunks: Chunks | None = None
        self.request: Any = None
        self.body = bytearray()
        self._waits = False

    def advance(self, buffer: bytearray, cfg: Any, client: Any) -> bool:
        """Take what belongs to this request from the buffer; return whether it is complete.

        Raises gunicorn's errors for a head that is not HTTP, Problem 400 for malformed chunks and
        413 for a body beyond the limit, the latter at the head if it declares the length.
        """
        if self.request is None:
            head = self._head(buffer)
            if head is None:
                return False
            self._begin(Request(cfg, IterUnreader([head]), client))
        if self._chunks is not None:
            return self._chunks.decode(buffer, self.body)
        missing = self._length - len(self.body)
        if missing and buffer:
            self.body += buffer[:missing]
            del buffer[:missing]
        return len(self.body) == self._length

    def wants_continue(self) -> bool:
        """Whether the client waits for ``100 Continue`` before it sends the body; once true."""
        waits, self._waits = self._waits, False
        return waits and not self.body

    def _head(self, buffer: bytearray) -> bytes | None:
        end = buffer.find(b"\r\n\r\n", self._searched)
        if end < 0:
            if len(buffer) > MAX_HEAD:
                raise errors.LimitRequestHeaders("no end")
            self._searched = max(0, len(buffer) - 3)
            return None
        head = bytes(buffer[: end + 4])
        del buffer[: end + 4]
        return head

    def _begin(self, request: Any) -> None:
        self.request = request
        # gunicorn would send the line when a thread has the request, which is when it has the body.
        self._waits, request._expected_100_continue = request._expected_100_continue, False
        codings = [value for name, value in request.headers if name == "TRANSFER-ENCODING"]
        if codings:
            # gunicorn has refused everything that is ambiguous, but not what we cannot decode.
            if [coding.lower() for coding in codings] != ["chunked"]:
                raise errors.UnsupportedTransferCoding(codings[0])
            self._chunks = Chunks(self._max_body)
            return
        lengths = [value for name, value in request.headers if name == "CONTENT-LENGTH"]
        self._length = int(lengths[0]) if lengths else 0
        if self._length > self._max_body:
            raise _too_large(self._max_body)


class Chunks:
    """Decodes a chunked body while it arrives; RFC 9112 section 7.1, and nothing else."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._framing = 0
        self._left = 0  # bytes of the current chunk
        self._ends = False  # whether the end of a chunk's data is due
        self._trailers = False

    def decode(self, buffer: bytearray, body: bytearray) -> bool:
        """Move data from the buffer to the body; return whether the last chunk has been read."""
        while self._data(buffer, body):
            line = self._line(buffer)
            if line is None:
                return False
            if not self._trailers:
                self._size(line, len(body))
            elif not line:
                return True
            else:
                _check_trailer(line)
        return False

    def _data(self, buffer: bytearray, body: bytearray) -> bool:
        """Move the data of the current chunk; return whether a line is next."""
        if self._left:
            piece = buffer[: self._left]
            body += piece
            del buffer[: len(piece)]
            self._left -= len(piece)
        if self._left or not self._ends:
            return not self._left
        if not b"\r\n".startswith(buffer[:2]):
            raise Problem(400, "bad-request")
        if len(buffer) < 2:
            return False
        del buffer[:2]
        self._ends = False
        return True

    def _line(self, buffer: bytearray) -> bytes | None:
        end = buffer.find(b"\r\n", 0, MAX_CHUNK_LINE + 2)
        if end < 0:
            if len(buffer) > MAX_CHUNK_LINE:
                raise Problem(400, "bad-request")
            return None
        line = bytes(buffer[:end])
        del buffer[: end + 2]
        self._framing += end + 4
        if self._framing > MAX_FRAMING:
            raise Problem(400, "bad-request")
        return line

    def _size(self, line: bytes, so_far: int) -> None:
        match = _SIZE.fullmatch(line)
        if match is None:
            raise Problem(400, "bad-request")
        self._left = int(match[1], 16)
        if so_far + self._left > self._max_body:
            raise _too_large(self._max_body)
        self._ends = bool(self._left)
        self._trailers = not self._left


def _check_trailer(line: bytes) -> None:
    match = _TRAILER.fullmatch(line)
    if match is None or match[1].lower() in _NO_TRAILERS:
        raise Problem(400, "bad-request")


def _too_large(limit: int) -> Problem:
    return Problem(413, "payload-too-large", params={"limit": limit})
