"""Runs a WSGI application under gunicorn's thread worker, and stops it without losing a request.

It adds two features. *Draining*: gthread resets connections that arrive after the stop signal, so
on SIGTERM the master first sets a flag for all workers: for a few seconds ``/readyz`` should return
503 (see :func:`draining`) and every response closes its connection; only then does gunicorn stop. A
second SIGTERM stops at once. *Complete requests*: a thread is used only once a request has arrived
completely (head, and a body of known length), so slow clients occupy no thread.

Send SIGTERM to the master only; a worker that receives it directly stops without draining.
"""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

from kehu_chassis.config import DRAIN_SECONDS
from kehu_chassis.problems import CONTENT_TYPE, Problem
from kehu_chassis.texts import TEXTS

App = Callable[..., Iterable[bytes]]

GRACEFUL_SECONDS = 15
KEEPALIVE_SECONDS = 60
CLIENT_SECONDS = 30.0  # for a client to send a request or receive a part of the response
MAX_BODY_BUFFERED = 128 * 1024  # larger bodies are read by the thread, against a deadline
MAX_FIELDS = 100
MAX_FIELD_BYTES = 8190
MAX_HEAD_BUFFERED = 64 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:", re.IGNORECASE)

# One byte of memory shared by the master and its workers; created by `run` before forking.
_flag: mmap.mmap | None = None


def draining() -> bool:
    """Whether this process is about to stop and should report itself as not ready (503)."""
    return _flag is not None and _flag[0] == 1


def run(
    app_factory: Callable[[], App],
    bind: str | Sequence[str],
    workers: int = 1,
    threads: int = 8,
    *,
    drain_seconds: float = DRAIN_SECONDS,
) -> None:
    """Serve the application until SIGTERM; never returns.

    ``app_factory`` is called in each worker, after the fork.  ``bind`` is one ``host:port`` or
    several.
    """
    global _flag
    _flag = mmap.mmap(-1, 1)
    if workers > 1:
        _share_metrics()
    options: dict[str, Any] = {
        "bind": [bind] if isinstance(bind, str) else list(bind),
        "workers": workers,
        "threads": threads,
        "worker_class": Worker,
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
        "keepalive": KEEPALIVE_SECONDS,
        "graceful_timeout": GRACEFUL_SECONDS,
        "timeout": 60,
        "limit_request_line": 8190,
        "limit_request_fields": MAX_FIELDS,
        "limit_request_field_size": MAX_FIELD_BYTES,
        # No peer may set the scheme, SCRIPT_NAME or PATH_INFO by a header.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
        "header_map": "drop",
        "control_socket_disable": True,
        "logger_class": _PropagatingLogger,
        "pre_request": _before_request,
        "child_exit": _after_worker,
    }
    _Application(app_factory, options, drain_seconds).run()


def _share_metrics() -> None:
    """Let several workers share one set of metrics, in a folder for this start."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="kehu-metrics-")
    if "prometheus_client" in sys.modules:
        # It looks for the folder only when it is imported: restart.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _after_worker(arbiter: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _before_request(worker: Any, request: Any) -> None:
    if draining():
        request.force_close()
    # Limits each write to a client that stops reading, and each read of a body without length.
    request.unreader.sock.settimeout(CLIENT_SECONDS)


class _Application(BaseApplication):  # type: ignore[misc]
    def __init__(
        self, app_factory: Callable[[], App], options: dict[str, Any], drain_seconds: float
    ) -> None:
        self._app_factory = app_factory
        self._options = options
        self._drain_seconds = drain_seconds
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> App:
        return self._app_factory()

    def run(self) -> None:
        _DrainingArbiter(self, self._drain_seconds).run()


class _DrainingArbiter(Arbiter):  # type: ignore[misc]
    """Waits between SIGTERM and stopping, so that callers can move to other instances."""

    def __init__(self, app: _Application, drain_seconds: float) -> None:
        super().__init__(app)
        self._drain_seconds = drain_seconds

    def handle_term(self) -> None:
        if _flag is None or draining() or self._drain_seconds <= 0:
            super().handle_term()
            return
        _flag[0] = 1
        self.log.info("Draining for %s s", self._drain_seconds)
        # The timer queues the second SIGTERM; it is not inherited by workers.
        signal.signal(signal.SIGALRM, lambda *_: self.SIG_QUEUE.put_nowait(signal.SIGTERM))
        signal.setitimer(signal.ITIMER_REAL, self._drain_seconds)


class _PropagatingLogger(Logger):  # type: ignore[misc]
    """Sends gunicorn's messages to the root logger."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.propagate = True
        self.error_log.setLevel(logging.NOTSET)
        for handler in list(self.error_log.handlers):
            self.error_log.removeHandler(handler)


class Worker(ThreadWorker):  # type: ignore[misc]
    """The thread worker, which waits for complete requests and rejects bad ones with problems."""

    def handle(self, conn: TConn) -> object:
        """Serve the connection if a complete request has arrived, else release the thread."""
        try:
            ready = _complete(conn)
        except OSError:
            return False
        if ready is None:
            return _DEFER
        if not ready:
            return False
        if len(conn.buffered) > MAX_HEAD_BUFFERED and b"\r\n\r\n" not in conn.buffered:
            # gunicorn would read ten times as much before reporting that.
            self.handle_error(None, conn.sock, conn.client, errors.LimitRequestHeaders("no end"))
            return False
        conn.data_ready = True
        try:
            conn.init()
        except OSError:
            return False
        conn.parser.unreader.unread(bytes(conn.buffered))
        conn.buffered = None
        return super().handle(conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Respond to a request that could not be read or served with problem+json."""
        problem = _problem_of(exc)
        if problem.status == 500:
            self.log.exception("Error handling request")
        else:
            self.log.info("Rejected a request that cannot be read: %s", type(exc).__name__)
        body = problem.body(TEXTS, request_id=os.urandom(16).hex())
        head = (
            f"HTTP/1.1 {problem.status} {problem.document(TEXTS)['title']}\r\n"
            f"Connection: close\r\nContent-Type: {CONTENT_TYPE}\r\n"
            f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            util.write_nonblock(client, head.encode("ascii") + body)


def _complete(conn: TConn) -> bool | None:
    """Whether a whole request is buffered; None: not yet; False: the peer is gone or too slow."""
    if getattr(conn, "buffered", None) is None:
        conn.buffered = bytearray()
        conn.buffered_since = time.monotonic()
        if conn.parser is not None:
            # Data received after the end of a body belongs to the next request.
            conn.buffered += conn.parser.unreader.take_buffered()
    conn.sock.setblocking(False)
    while not _is_whole(conn.buffered):
        try:
            data = conn.sock.recv(65536)
        except BlockingIOError:
            slow = bool(conn.buffered) and time.monotonic() - conn.buffered_since > CLIENT_SECONDS
            return False if slow else None
        if not data:
            # The peer has finished sending. A partial request still gets an error response.
            return bool(conn.buffered)
        if not conn.buffered:
            conn.buffered_since = time.monotonic()
        conn.buffered += data
    return True


def _is_whole(buffered: bytearray) -> bool:
    """Whether the head has arrived and, if its length is declared, the body too.

    A body without a length, or too large to buffer, is left to the thread. This only decides
    when to start; gunicorn's parser interprets the request.
    """
    end = buffered.find(b"\r\n\r\n")
    if end < 0:
        return len(buffered) > MAX_HEAD_BUFFERED
    head = bytes(buffered[: end + 2])
    length = _LENGTH.search(head)
    if length is None or int(length[1]) > MAX_BODY_BUFFERED or _EXPECT.search(head):
        return True
    return len(buffered) >= end + 4 + int(length[1])


_STATUS_OF: dict[type[Exception], tuple[int, str]] = {
    errors.LimitRequestLine: (414, "uri-too-long"),
    errors.LimitRequestHeaders: (431, "headers-too-large"),
    errors.ExpectationFailed: (417, "bad-request"),
    errors.UnsupportedTransferCoding: (501, "not-implemented"),
}
_SERVER_ERRORS = (
    errors.ConfigurationProblem,
    errors.InvalidResponseHeader,
    errors.InvalidResponseHeaderName,
)
_CLIENT_ERRORS = (
    errors.ParseException,
    errors.InvalidChunkSize,
    errors.InvalidChunkExtension,
    errors.ChunkMissingTerminator,
)


def _problem_of(exc: Exception) -> Problem:
    if isinstance(exc, _SERVER_ERRORS):
        return Problem(500, "internal-error")
    for kind, (status, code) in _STATUS_OF.items():
        if isinstance(exc, kind):
            return Problem(status, code)
    if isinstance(exc, _CLIENT_ERRORS):
        return Problem(400, "bad-request")
    return Problem(500, "internal-error")
