"""One connection to a service, and a strict parser of its responses.

General clients spend more time per request than all checks of the gateway together (see README).
And a gateway must be *stricter* than they are: a response whose end is ambiguous would let one
caller see another's.
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
BUFFERED_BODY = 262144  # responses up to this size are read whole, larger ones are streamed
CONNECT_SECONDS = 1.0

_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

Address = tuple[int, tuple[str, int]]  # socket family, host and port


class UpstreamError(Exception):
    """The exchange failed."""


class NotConnected(UpstreamError):
    """No connection could be made: the service has not seen the request."""


class ConnectionLost(UpstreamError):
    """The connection ended before the response did: the request may have taken effect."""


class UpstreamTimeout(UpstreamError):
    """No response, or no further part of it, within the time allowed."""


class InvalidResponse(UpstreamError):
    """The response is not HTTP, or is ambiguous."""


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
        """Whether the idle connection is still open, with no unsolicited data."""
        return not self._poll.poll(0)

    def close(self) -> None:
        """Close the connection; never fails."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def exchange(self, request: bytes, *, head_only: bool) -> Response:
        """Send a request and return its response, with its body if that is short."""
        deadline = time.monotonic() + self._seconds
        self._send(request)
        while True:
            head = self._read_head(deadline)
            response = Response(self, head, head_only=head_only)
            if response.code >= 200:
                break
            if response.code == 101:
                raise InvalidResponse("unsolicited switch of protocols")
        response.read_short()
        return response

    def _send(self, request: bytes) -> None:
        try:
            self._sock.sendall(request)
        except TimeoutError as error:
            raise UpstreamTimeout("request not accepted in time") from error
        except OSError as error:
            raise ConnectionLost(str(error)) from error

    def _read_head(self, deadline: float) -> bytes:
        buffer = self._buffer
        while (end := buffer.find(b"\r\n\r\n")) < 0:
            if len(buffer) > MAX_HEAD:
                raise InvalidResponse("endless head")
            if time.monotonic() > deadline:
                raise UpstreamTimeout("no response in time")
            data = self.receive()
            buffer = buffer + data if buffer else data
        self._buffer = buffer[end + 4 :]
        return buffer[:end]

    def receive(self) -> bytes:
        """Return the next bytes of a response that is not complete yet."""
        data = self._recv()
        if not data:
            raise ConnectionLost("closed the connection")
        return data

    def _recv(self) -> bytes:
        try:
            return self._sock.recv(RECEIVE)
        except TimeoutError as error:
            raise UpstreamTimeout("no response in time") from error
        except OSError as error:
            raise ConnectionLost(str(error)) from error

    def take(self, size: int) -> bytes:
        """Return at most ``size`` bytes from the buffer."""
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def some(self, size: int) -> bytes:
        """Return at least one and at most ``size`` bytes of the response."""
        if not self._buffer:
            self._buffer = self.receive()
        return self.take(size)

    def line(self) -> bytes:
        """Return the next line of a chunked body, without its end."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > MAX_HEAD:
                raise InvalidResponse("endless line")
            self._buffer += self.receive()
        found, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return found

    def until_closed(self) -> Iterator[bytes]:
        """Yield everything until the service closes the connection properly."""
        if self._buffer:
            yield self.take(len(self._buffer))
        while data := self._recv():
            yield data

    @property
    def is_clean(self) -> bool:
        """Whether no bytes are left after the last response."""
        return not self._buffer


class Response:
    """A service's response.  ``body`` holds a short body, else ``pieces`` yields a long one."""

    def __init__(self, connection: Connection, head: bytes, *, head_only: bool) -> None:
        lines = head.split(b"\r\n")
        status = _STATUS.fullmatch(lines[0])
        if status is None:
            raise InvalidResponse("not HTTP")
        self._connection = connection
        self.code = int(status[2])
        self.headers: list[tuple[str, str]] = []
        self.body: bytes | None = None
        self.length: int | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._chunked = False
        self._keep = status[1] == b"1"
        for line in lines[1:]:
            self._add_header(line)
        if head_only or self.code in (204, 304) or self.code < 200:
            # There is no body, whatever length the headers declare.
            self.body = b""
        elif self._chunked and self.length is not None:
            raise InvalidResponse("both length and chunks")

    @property
    def status(self) -> str:
        """Status code and reason, as WSGI expects them."""
        return _REASONS.get(self.code) or f"{self.code} Unknown"

    def _add_header(self, line: bytes) -> None:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise InvalidResponse("malformed header")
        name, value = match[1].decode("ascii"), match[2].decode("latin-1").rstrip(" \t")
        lower = name.lower()
        if lower == "content-length":
            if not (value.isascii() and value.isdigit()) or len(value) > 18:
                raise InvalidResponse("malformed length")
            if self.length is not None:
                raise InvalidResponse("two lengths")
            self.length = int(value)
        elif lower == "transfer-encoding":
            if self._chunked or value.lower() != "chunked":
                raise InvalidResponse("unknown transfer coding")
            self._chunked = True
            return
        elif lower == "connection" and "close" in value.lower():
            self._keep = False
        self.headers.append((name, value))

    def read_short(self) -> None:
        """Read a short body now, so that the connection is free again at once."""
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
                raise InvalidResponse("malformed chunk")
            size = int(match[1], 16)
            if size == 0:
                break
            yield from self._counted(size)
            if self._connection.line():
                raise InvalidResponse("malformed chunk")
        # Trailers are read and dropped: no service sends any.
        while self._connection.line():
            pass

    @property
    def keeps_connection(self) -> bool:
        """Whether the connection may carry another request once the body is read."""
        return self._keep and self._connection.is_clean
