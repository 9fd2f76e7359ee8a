"""Clients that hold on to a server: they send too little, or do not read what they get."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator

from gateway.tests.support import DEADLINE

_POST = "POST /api/v1/alpha/public HTTP/1.1\r\nHost: x\r\n"
_CHUNKED = f"{_POST}Transfer-Encoding: chunked\r\n"

KINDS = {
    "nothing": "",
    "half a request line": "GET /api/v1/alp",
    "half a head": "GET /api/v1/alpha/public HTTP/1.1\r\nHost: x\r\nX-Long: ",
    "half a body": f"{_POST}Content-Length: 5\r\n\r\nab",
    "half a long body": f"{_POST}Content-Length: 300000\r\n\r\nab",
    "no chunk": f"{_CHUNKED}\r\n",
    "half a chunk": f"{_CHUNKED}\r\n400\r\nab",
    "an expected body": f"{_POST}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    "expected chunks": f"{_CHUNKED}Expect: 100-continue\r\n\r\n",
    "an unread page": "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n" * 2,
    "an unread response": "GET /api/v1/alpha/unread HTTP/1.1\r\nHost: x\r\n\r\n" * 2,
}


@contextlib.contextmanager
def clients(port: int, count: int, sources: Iterable[str]) -> Iterator[list[socket.socket]]:
    """So many connections, of every kind in turn, from these addresses in turn."""
    made: list[socket.socket] = []
    starts = [start.encode() for start in KINDS.values()]
    try:
        for number, source in zip(range(count), sources, strict=False):
            made.append(_connect(port, source))
            with contextlib.suppress(OSError):  # the server may have closed it again
                made[-1].sendall(starts[number % len(starts)])
        yield made
    finally:
        for sock in made:
            sock.close()


def _connect(port: int, source: str) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(DEADLINE)
    sock.bind((source, 0))
    sock.connect(("127.0.0.1", port))
    return sock


class Normal:
    """Somebody who works normally: one round of calls after the other, none of which may fail."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._changed = threading.Condition()
        self._rounds = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Normal:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._thread.join(DEADLINE * 4)
        self._check()

    def wait_for_rounds(self, count: int) -> None:
        """Wait until so many more rounds have succeeded."""
        with self._changed:
            enough = self._rounds + count
            self._changed.wait_for(lambda: self._failure or self._rounds >= enough)
        self._check()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while not self._ended and self._failure is None:
            try:
                self._work()
            except BaseException as error:
                self._failure = error
            with self._changed:
                self._rounds += 1
                self._changed.notify_all()
