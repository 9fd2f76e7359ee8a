"""A response on its way to the client, without waiting for the client.

What the socket does not take at once is kept, first in memory and then in a temporary file, and
sent by the poller.  Only a response that is further ahead of its client than that waits in its
thread, and only a few do so at once.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO

GRACE_SECONDS = 30.0
MINIMUM_RATE = 16 * 1024  # bytes a second that a client must take, after the grace
RESPONSE_BYTES = 32 * 1024 * 1024  # kept of one response
TOTAL_BYTES = 256 * 1024 * 1024  # kept of all
MEMORY_BYTES = 64 * 1024  # of one response, the rest is in a file
PIECE = 64 * 1024
TURN_BYTES = 256 * 1024  # sent to one client before the next gets its turn


class ClientGone(ConnectionError):
    """The client has closed the connection, or takes too little of its response."""


class Store:
    """The room for what clients have not taken yet, shared by all responses of a process."""

    def __init__(self, threads: int, workers: int = 1) -> None:
        free = shutil.disk_usage(tempfile.gettempdir()).free
        self.limit = min(TOTAL_BYTES, free // (2 * workers))
        self.used = 0
        self.waiting = threading.BoundedSemaphore(max(1, threads // 8))
        self._lock = threading.Lock()

    @property
    def is_crowded(self) -> bool:
        """Whether there is little room left."""
        return self.used > self.limit * 3 // 4

    def reserve(self, wanted: int) -> int:
        """Claim at most this many bytes; return how many were free."""
        with self._lock:
            size = max(0, min(wanted, self.limit - self.used))
            self.used += size
            return size

    def release(self, size: int) -> None:
        """Return what `reserve` claimed."""
        with self._lock:
            self.used -= size


class Outlet:
    """The socket of a connection, as a response sees it.

    The application's thread calls `begin`, `sendall` and `finish`; the poller everything else.
    ``watch`` is called by the thread when there is something for the poller to send.
    """

    def __init__(self, sock: socket.socket, store: Store, watch: Callable[[], None]) -> None:
        self._sock = sock
        self._store = store
        self._watch = watch
        self._changed = threading.Condition(threading.Lock())
        self._corked = True
        self._head = b""
        self._kept: _Kept | None = None
        self._broken = False

    def begin(self) -> None:
        """Start a response: its first part, the head, is sent together with the second."""
        self._corked, self._head = True, b""

    def sendall(self, data: bytes) -> None:
        """Send or keep the data; ClientGone if neither is possible."""
        if self._corked:
            self._corked, self._head = False, data
            return
        self._emit(self._head + data if self._head else data)
        self._head = b""

    def finish(self) -> None:
        """Send the head of a response without a body."""
        if self._head:
            self._emit(self._head)
            self._head = b""

    def send_file(self, file: IO[bytes], size: int) -> bool:
        """Leave the rest of the response, from where the file stands, to the poller.

        It closes the file. False if that is not possible now.
        """
        self.finish()
        with self._changed:
            if self._broken:
                raise ClientGone
            if self._kept is not None:
                return False
            self._kept = _Kept(self._store, file, size)
            self._watch()
        return True

    def _emit(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            with self._changed:
                if self._broken:
                    raise ClientGone
                if self._kept is None:
                    left = left[self._send(left) :]
                    if not left:
                        return
                    self._kept = _Kept(self._store)
                    self._watch()
                left = left[self._kept.append(left) :]
                if left:
                    self._wait()

    def _wait(self) -> None:
        """Wait until the client has taken everything; a thread is held meanwhile."""
        if not self._store.waiting.acquire(blocking=False):
            raise ClientGone("too many clients are slower than their responses")
        try:
            self._watch()  # the poller may free some room
            while self._kept is not None:
                self._changed.wait()
        finally:
            self._store.waiting.release()

    def _send(self, data: memoryview) -> int:
        sent = 0
        try:
            while sent < len(data):
                sent += self._sock.send(data[sent:])
        except BlockingIOError:
            pass
        except OSError as error:
            raise ClientGone(str(error)) from None
        return sent

    def send_now(self, data: bytes) -> bool:
        """Send a few bytes that are part of no response; whether the socket took them."""
        with self._changed, contextlib.suppress(ClientGone):
            return self._send(memoryview(data)) == len(data)
        return False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept; once the response is finished, that it has been sent."""
        return self._kept is None

    def flush(self) -> bool:
        """Send what the socket takes now; return whether that was all. ClientGone if it broke."""
        with self._changed:
            if self._broken:
                raise ClientGone
            if self._kept is None:
                return True
            for _ in range(TURN_BYTES // PIECE):
                piece = self._kept.piece()
                if not piece:
                    self._drop()
                    return True
                sent = self._send(memoryview(piece))
                self._kept.taken += sent
                if sent < len(piece):
                    return False
            return False

    def is_too_slow(self, now: float) -> bool:
        """Whether the client has taken less than the minimum rate since something was kept."""
        kept = self._kept
        return kept is not None and kept.taken < (now - kept.since - GRACE_SECONDS) * MINIMUM_RATE

    def give_up(self) -> None:
        """Drop what is kept; the thread gets ClientGone at its next byte."""
        with self._changed:
            self._broken = True
            self._drop()

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
            self._changed.notify_all()


class _Kept:
    """What a client has not taken yet; a file that is filled once, then sent to its end."""

    def __init__(self, store: Store, file: IO[bytes] | None = None, size: int = 0) -> None:
        self._store = store
        self._file = file or tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115
        self._start = file.tell() if file else 0
        self._size = size
        self._reserved = 0
        self.taken = 0
        self.since = time.monotonic()

    def append(self, data: memoryview) -> int:
        """Keep the data, or as much of it as there is room for; return how much."""
        room = self._store.reserve(min(len(data), RESPONSE_BYTES - self._size))
        self._reserved += room
        try:
            self._file.seek(self._size)
            self._file.write(data[:room])
        except OSError as error:
            raise ClientGone(f"no room for the response: {error}") from None
        self._size += room
        return room

    def piece(self) -> bytes:
        """Return the next bytes that the client has not taken; empty at the end."""
        self._file.seek(self._start + self.taken)
        piece = self._file.read(min(PIECE, self._size - self.taken))
        if not piece and self.taken < self._size:
            raise ClientGone("the file has become shorter")
        return piece

    def close(self) -> None:
        """Release the room."""
        self._file.close()
        self._store.release(self._reserved)
        self._reserved = 0
