"""One connection to a service, and a strict reading of what it answers.

Written for this one purpose because the general clients spend more time per request than all
checks of the gateway together (see README), and because a gateway must be *stricter* than they
are: an answer whose end could be read in two ways would let one caller see another's.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import select
import socket
import time
from collections.abc import Iterator
from http import HTTPStatus

RECEIVE = 65536
MAX_HEAD = 65536
BUFFERED_BODY = 262144  # answers up to this size are read whole, larger ones are streamed
CONNECT_SECONDS = 1.0

_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

Address = tuple[int, tuple[str, int]]  # socket family, host and port


class UpstreamError(Exception):
    """The exchange failed."""


class NotConnected(UpstreamError):
    """No connection could be made: the service has seen nothing of the request."""


class BrokenOff(UpstreamError):
    """The connection ended before the answer did: the request may or may not have had effect."""


class TooSlow(UpstreamError):
    """No answer, or no further piece of it, within the time allowed."""


class Nonsense(UpstreamError):
    """The answer is not HTTP, or could be read in more than one way."""


class Connection:
    """A connection to one address of a service, used by one thread at a time."""

    def __init__(self, address: Address, seconds: float) -> None:
        family, target = address
        self._sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._sock.settimeout(min(seconds, CONNECT_SECONDS))
            self._sock.connect(target)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sock.settimeout(seconds)
        except OSError as error:
            self._sock.close()
            raise NotConnected(str(error)) from error
        self._poll = select.poll()
        self._poll.register(self._sock, select.POLLIN)
        self._seconds = seconds
        self._buffer = b""
        self.idle_since = time.monotonic()
        self.reused = False

    def is_quiet(self) -> bool:
        """Whether the idle connection is still open, with nothing to read that nobody asked for."""
        return not self._poll.poll(0)

    def close(self) -> None:
        """Close it; never fails."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def exchange(self, request: bytes, *, head_only: bool) -> Answer:
        """Send a request and read its answer, the body only as far as it is short."""
        deadline = time.monotonic() + self._seconds
        self._send(request)
        while True:
            head = self._read_head(deadline)
            answer = Answer(self, head, head_only=head_only)
            if answer.code >= 200:
                break
            if answer.code == 101:
                raise Nonsense("switched protocols without being asked")
        answer.read_short()
        return answer

    def _send(self, request: bytes) -> None:
        try:
            self._sock.sendall(request)
        except TimeoutError as error:
            raise TooSlow("took the request too slowly") from error
        except OSError as error:
            raise BrokenOff(str(error)) from error

    def _read_head(self, deadline: float) -> bytes:
        buffer = self._buffer
        while (end := buffer.find(b"\r\n\r\n")) < 0:
            if len(buffer) > MAX_HEAD:
                raise Nonsense("endless head")
            if time.monotonic() > deadline:
                raise TooSlow("no answer in time")
            data = self.receive()
            buffer = buffer + data if buffer else data
        self._buffer = buffer[end + 4 :]
        return buffer[:end]

    def receive(self) -> bytes:
        """The next bytes of an answer that is not complete yet."""
        data = self._recv()
        if not data:
            raise BrokenOff("closed the connection")
        return data

    def _recv(self) -> bytes:
        try:
            return self._sock.recv(RECEIVE)
        except TimeoutError as error:
            raise TooSlow("no answer in time") from error
        except OSError as error:
            raise BrokenOff(str(error)) from error

    def take(self, size: int) -> bytes:
        """At most so many bytes that were read already."""
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def some(self, size: int) -> bytes:
        """At least one and at most so many bytes of the answer."""
        if not self._buffer:
            self._buffer = self.receive()
        return self.take(size)

    def line(self) -> bytes:
        """The next line of a chunked body, without its end."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > MAX_HEAD:
                raise Nonsense("endless line")
            self._buffer += self.receive()
        found, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return found

    def until_closed(self) -> Iterator[bytes]:
        """Everything until the service closes the connection in good order."""
        if self._buffer:
            yield self.take(len(self._buffer))
        while data := self._recv():
            yield data

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left over from the last answer."""
        return not self._buffer


class Answer:
    """A service's answer.  ``body`` holds a short body, else ``pieces`` yields a long one."""

    def __init__(self, connection: Connection, head: bytes, *, head_only: bool) -> None:
        lines = head.split(b"\r\n")
        status = _STATUS.fullmatch(lines[0])
        if status is None:
            raise Nonsense("not HTTP")
        self._connection = connection
        self.code = int(status[2])
        self.headers: list[tuple[str, str]] = []
        self.body: bytes | None = None
        self.length: int | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._chunked = False
        self._keep = status[1] == b"1"
        for line in lines[1:]:
            self._take_header(line)
        if head_only or self.code in (204, 304) or self.code < 200:
            # There is no body, whatever the headers say about the one there would be.
            self.body = b""
        elif self._chunked and self.length is not None:
            raise Nonsense("says its length twice")

    @property
    def status(self) -> str:
        """The status line's end, as WSGI wants it."""
        return _REASONS.get(self.code) or f"{self.code} Unknown"

    def _take_header(self, line: bytes) -> None:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise Nonsense("malformed header")
        name, value = match[1].decode("ascii"), match[2].decode("latin-1").rstrip(" \t")
        lower = name.lower()
        if lower == "content-length":
            if not (value.isascii() and value.isdigit()) or len(value) > 18:
                raise Nonsense("malformed length")
            if self.length is not None:
                raise Nonsense("says its length twice")
            self.length = int(value)
        elif lower == "transfer-encoding":
            if self._chunked or value.lower() != "chunked":
                raise Nonsense("unknown transfer coding")
            self._chunked = True
            return
        elif lower == "connection" and "close" in value.lower():
            self._keep = False
        self.headers.append((name, value))

    def read_short(self) -> None:
        """Read the body now if it is short, so that the connection is free again at once."""
        if self.body is not None:
            return
        self._pieces = self._body_pieces()
        if self.length is not None and self.length > BUFFERED_BODY:
            return
        collected = b""
        for piece in self._pieces:
            collected = collected + piece if collected else piece
            if len(collected) > BUFFERED_BODY:
                self._pieces = itertools.chain((collected,), self._pieces)
                return
        self.body = collected

    @property
    def pieces(self) -> Iterator[bytes]:
        """A long body, piece by piece."""
        return self._pieces

    def _body_pieces(self) -> Iterator[bytes]:
        if self._chunked:
            return self._chunks()
        if self.length is not None:
            return self._counted(self.length)
        self._keep = False
        return self._connection.until_closed()

    def _counted(self, left: int) -> Iterator[bytes]:
        while left:
            piece = self._connection.some(left)
            left -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while True:
            match = _CHUNK.fullmatch(self._connection.line())
            if match is None:
                raise Nonsense("malformed chunk")
            size = int(match[1], 16)
            if size == 0:
                break
            yield from self._counted(size)
            if self._connection.line():
                raise Nonsense("malformed chunk")
        # Trailers are read and dropped: nothing of ours sends any.
        while self._connection.line():
            pass

    @property
    def keeps_connection(self) -> bool:
        """Whether the connection may carry another request once the body is read."""
        return self._keep and self._connection.is_clean
