"""A gunicorn worker in which only complete requests take a thread.

One thread, the poller, accepts connections, receives requests and sends what clients have not taken
of their responses.  Other threads run the application.  See ADR 0032.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.base import Worker as BaseWorker

from kehu_chassis.problems import Problem
from kehu_chassis.runtime.server.connection import Connection
from kehu_chassis.runtime.server.crowd import Crowd, Phase, address_of
from kehu_chassis.runtime.server.incoming import Incoming
from kehu_chassis.runtime.server.limits import HELD_BYTES, Limits
from kehu_chassis.runtime.server.outlet import ClientGone, Outlet, Store
from kehu_chassis.runtime.server.rejections import problem_of, response_of
from kehu_chassis.runtime.server.serving import Serving

# Each has a thread of its own, so that it responds whatever the others do.
PROBES = ("/healthz", "/readyz", "/metrics")
RECEIVE = 64 * 1024
ACCEPT_AT_ONCE = 64
SEND_BUFFER = 64 * 1024  # Linux doubles it; what clients do not read costs no more than that
STOP_SECONDS = 2.0  # for requests that are on their way to a stopping worker
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

log = logging.getLogger(__name__)


class Worker(BaseWorker):  # type: ignore[misc]
    """The worker; ``app.limits`` has its :class:`Limits`, ``app.draining`` says when to close."""

    def init_process(self) -> None:
        self._limits: Limits = self.app.limits
        self._crowd = Crowd(self._limits.connections, self._limits.per_address)
        self._store = Store(self.cfg.threads, self.cfg.workers)
        self._held = 0
        self._selector = selectors.DefaultSelector()
        self._posted: deque[Callable[[], None]] = deque()
        self._woken = False
        self._checked_at = 0.0
        super().init_process()  # ends with `run`

    def run(self) -> None:
        """Serve until SIGTERM, then finish what has begun."""
        self._serving = Serving(self.cfg, self.wsgi, lambda: self.app.draining() or not self.alive)
        self._threads = Lane("request", self.cfg.threads)
        self._probes = {path: Lane(path.strip("/"), 1) for path in PROBES}
        self._selector.register(self.PIPE[0], READ, self._run_posted)
        for number, listener in enumerate(self.sockets):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            # The first address is the public one; the others are for operators.
            accept = partial(self._accept, listener, number == 0)
            self._selector.register(listener, READ, accept)
        while self.alive and self.ppid == os.getppid():
            self._turn(1.0)
        self._stop()

    def _turn(self, seconds: float) -> None:
        self.notify()
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Connection):
                self._on_event(key.data)
            else:
                key.data()
        for connection in self._crowd.overdue():
            self._expire(connection)
        self._drop_slow()

    def _stop(self) -> None:
        for listener in self.sockets:
            self._selector.unregister(listener)
        began = time.monotonic()
        while len(self._crowd) and time.monotonic() < began + self.cfg.graceful_timeout:
            self._turn(0.1)
            if time.monotonic() > began + STOP_SECONDS:
                for connection in self._crowd.members(Phase.NEW, Phase.IDLE):
                    self._close(connection)
        for listener in self.sockets:
            listener.close()

    # Connections

    def _accept(self, listener: Any, public: bool) -> None:
        for _ in range(ACCEPT_AT_ONCE):
            try:
                sock, client = listener.accept()
            except OSError as error:
                if not isinstance(error, BlockingIOError | ConnectionAbortedError):
                    self._make_way(self._crowd.in_the_way())  # no file is left
                return
            counted = public and not self._limits.is_trusted(client[0])
            address = address_of(client[0]) if counted else None
            in_the_way = self._crowd.crowding(address)
            sock.setblocking(False)
            if in_the_way is True:
                with contextlib.suppress(OSError), sock:
                    sock.send(response_of(_busy()))
                continue
            self._make_way(in_the_way or None)
            connection = Connection(sock, client, listener.getsockname(), address)
            watch = partial(self._post, self._keep_sending, connection)
            connection.outlet = Outlet(sock, self._store, watch)
            self._crowd.enter(connection, Phase.NEW)
            self._on_event(connection)  # often the request is there already

    def _make_way(self, connection: Connection | None) -> None:
        if connection is not None:
            self._close(connection)

    def _watch(self, connection: Connection, events: int) -> None:
        if connection.events == events:
            return
        if not events:
            self._selector.unregister(connection.sock)
        elif connection.events:
            self._selector.modify(connection.sock, events, connection)
        else:
            self._selector.register(connection.sock, events, connection)
        connection.events = events

    def _close(self, connection: Connection) -> None:
        self._watch(connection, 0)
        self._count(connection, 0)
        self._crowd.leave(connection)
        connection.outlet.give_up()
        connection.sock.close()

    def _linger(self, connection: Connection) -> None:
        """Close the connection once the client has, so that it gets all of the response.

        The kernel drops what it has not sent yet when a connection is closed that has unread data.
        """
        self._count(connection, 0)
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            connection.ended = True
        if connection.ended:
            self._close(connection)
            return
        connection.buffer.clear()
        self._crowd.enter(connection, Phase.LINGERING)
        self._watch(connection, READ)

    def _expire(self, connection: Connection) -> None:
        if connection.phase is Phase.RECEIVING:
            self._reject(connection, Problem(408, "request-timeout"))
        else:
            self._close(connection)

    def _on_event(self, connection: Connection) -> None:
        if connection.phase is None:
            return  # closed by an event before this one
        if connection.phase in (Phase.SENDING, Phase.RESPONDING):
            self._flush(connection)
            return
        try:
            data = connection.sock.recv(RECEIVE)
        except BlockingIOError:
            self._watch(connection, READ)
            return
        except OSError:
            self._close(connection)
            return
        if connection.phase is Phase.LINGERING:
            if not data:
                self._close(connection)
            return
        connection.buffer += data
        connection.ended = not data
        self._receive(connection)

    # Requests

    def _receive(self, connection: Connection) -> None:
        """Go on with the request that has arrived in part."""
        if connection.incoming is None:
            if not connection.buffer:
                if connection.ended:
                    self._close(connection)
                return
            connection.incoming = Incoming(self._limits.max_body)
            self._crowd.enter(connection, Phase.RECEIVING)
        incoming = connection.incoming
        try:
            complete = incoming.advance(connection.buffer, self.cfg, connection.client)
        except Exception as error:
            self._reject(connection, problem_of(error))
            return
        self._count(connection, len(connection.buffer) + len(incoming.body))
        self._keep_within_memory()
        if connection.phase is not Phase.RECEIVING:
            return
        if complete:
            lane = self._probes.get(incoming.request.path, self._threads)
            self._dispatch(connection, lane, self._respond)
        elif connection.ended:
            self._reject(connection, Problem(400, "bad-request"))
        elif incoming.request is not None and self._serving.screening and not connection.screened:
            connection.screened = True
            self._dispatch(connection, self._threads, partial(self._screen, connection.since))
        elif incoming.wants_continue() and not connection.outlet.send_now(
            b"HTTP/1.1 100 Continue\r\n\r\n"
        ):
            self._close(connection)
        else:
            self._watch(connection, READ)

    def _dispatch(
        self, connection: Connection, lane: Lane, work: Callable[[Connection], None]
    ) -> None:
        self._watch(connection, 0)
        self._crowd.enter(connection, Phase.RESPONDING)
        lane.put(partial(work, connection))

    def _count(self, connection: Connection, held: int) -> None:
        self._held += held - connection.held
        connection.held = held

    def _keep_within_memory(self) -> None:
        """Refuse the requests that have been arriving for longest, until the rest fits."""
        while self._held > max(HELD_BYTES, 2 * self._limits.max_body):
            slowest = self._crowd.oldest(Phase.RECEIVING)
            if slowest is None:
                return
            self._reject(slowest, _busy())

    def _reject(self, connection: Connection, problem: Problem) -> None:
        request = connection.incoming.request if connection.incoming else None
        headers = dict(request.headers) if request is not None else {}
        log.info("Rejected a request: %s", problem.code)
        connection.outlet.send_now(response_of(problem, headers.get("ACCEPT-LANGUAGE")))
        self._linger(connection)

    # In a thread

    def _screen(self, since: float, connection: Connection) -> None:
        if self._serving.screen(connection):
            self._post(self._screened, connection, since)
        else:
            self._post(self._served, connection, False)

    def _respond(self, connection: Connection) -> None:
        self._post(self._served, connection, self._serving.respond(connection))

    def _post(self, work: Callable[..., None], *arguments: Any) -> None:
        """Have the poller do something soon."""
        self._posted.append(partial(work, *arguments))
        if not self._woken:
            self._woken = True
            with contextlib.suppress(BlockingIOError):
                os.write(self.PIPE[1], b".")

    # Responses

    def _run_posted(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.PIPE[0], 4096)
        self._woken = False  # before the queue is read: what is posted later wakes again
        while self._posted:
            self._posted.popleft()()

    def _screened(self, connection: Connection, since: float) -> None:
        self._crowd.enter(connection, Phase.RECEIVING, since)
        self._receive(connection)

    def _served(self, connection: Connection, keeps: bool) -> None:
        connection.keeps = keeps
        self._count(connection, len(connection.buffer))
        self._crowd.enter(connection, Phase.SENDING)
        self._flush(connection)

    def _keep_sending(self, connection: Connection) -> None:
        """Send what the socket did not take, as soon as it does."""
        if connection.phase is None or connection.outlet.is_empty:
            return
        self._watch(connection, WRITE)
        while self._store.is_crowded and (oldest := self._crowd.oldest(Phase.SENDING)):
            self._close(oldest)

    def _flush(self, connection: Connection) -> None:
        try:
            sent = connection.outlet.flush()
        except ClientGone:
            self._abandon(connection)
            return
        if not sent:
            self._watch(connection, WRITE)
            return
        self._watch(connection, 0)
        if connection.phase is Phase.SENDING:
            self._next(connection)

    def _abandon(self, connection: Connection) -> None:
        connection.outlet.give_up()
        if connection.phase is Phase.RESPONDING:
            self._watch(connection, 0)  # its thread notices
        else:
            self._close(connection)

    def _next(self, connection: Connection) -> None:
        """Go on with the next request of the connection, or close it."""
        connection.clear()
        if not connection.keeps:
            self._linger(connection)
            return
        self._crowd.enter(connection, Phase.IDLE)
        self._watch(connection, READ)
        if connection.buffer or connection.ended:
            self._receive(connection)

    def _drop_slow(self) -> None:
        now = time.monotonic()
        if now < self._checked_at + 1:
            return
        self._checked_at = now
        for connection in self._crowd.members(Phase.SENDING, Phase.RESPONDING):
            if connection.outlet.is_too_slow(now):
                self._abandon(connection)


def _busy() -> Problem:
    return Problem(503, "server-busy", headers={"Retry-After": "2"})


class Lane:
    """A queue of requests and the threads that work on them."""

    def __init__(self, name: str, threads: int) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def put(self, work: Callable[[], None]) -> None:
        """Have the next free thread do it."""
        self._queue.put(work)

    def _work(self) -> None:
        while True:
            self._queue.get()()
