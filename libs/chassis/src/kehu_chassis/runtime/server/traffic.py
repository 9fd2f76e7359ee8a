"""Moves connections through their phases: receives requests, and sends what is left of responses.

Everything here runs in the poller's thread, except what is marked.
"""

from __future__ import annotations

import logging
import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from kehu_chassis.problems import Problem
from kehu_chassis.runtime.server import metrics
from kehu_chassis.runtime.server.connection import Connection
from kehu_chassis.runtime.server.crowd import Crowd
from kehu_chassis.runtime.server.incoming import Incoming
from kehu_chassis.runtime.server.lanes import Lanes
from kehu_chassis.runtime.server.limits import HELD_BYTES, Limits
from kehu_chassis.runtime.server.outlet import ClientGone, Outlet, Store
from kehu_chassis.runtime.server.phases import Phase
from kehu_chassis.runtime.server.rejections import problem_of, response_of
from kehu_chassis.runtime.server.serving import Serving

RECEIVE = 64 * 1024
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

log = logging.getLogger(__name__)


class Traffic:
    """The connections of a worker and its threads.

    ``post`` has the poller call a function soon; it is what threads use.
    """

    def __init__(
        self,
        cfg: Any,
        limits: Limits,
        serving: Serving,
        selector: selectors.BaseSelector,
        post: Callable[..., None],
    ) -> None:
        self._cfg = cfg
        self._limits = limits
        self._serving = serving
        self._selector = selector
        self._post = post
        self._lanes = Lanes(cfg.threads)
        self._store = Store(cfg.threads, cfg.workers)
        self._held = 0
        self._checked_at = 0.0
        self.crowd = Crowd(limits.connections, limits.per_address)

    def add(self, sock: socket.socket, client: Any, server: Any, address: str | None) -> None:
        """Take a new connection, if need be in place of another one."""
        in_the_way = self.crowd.crowding(address)
        sock.setblocking(False)
        connection = Connection(sock, client, server, address)
        watch = partial(self._post, self._keep_sending, connection)
        connection.outlet = Outlet(sock, self._store, watch)
        if in_the_way is True:
            metrics.DROPPED.labels("room").inc()
            connection.outlet.send_now(response_of(_busy()))
            sock.close()
            return
        if in_the_way:
            self.drop(in_the_way)
        self.crowd.enter(connection, Phase.NEW)
        self.on_event(connection)  # often the request is there already

    def drop(self, connection: Connection | None) -> None:
        """Close the connection, if there is one, so that there is room for another."""
        if connection is not None:
            metrics.DROPPED.labels("room").inc()
            self.close(connection)

    def drop_slow(self) -> None:
        """Close the connections whose time is up, or whose clients take too little."""
        for connection in self.crowd.overdue():
            self._expire(connection)
        now = time.monotonic()
        if now < self._checked_at + 1:
            return
        self._checked_at = now
        for connection in self.crowd.members(Phase.SENDING, Phase.RESPONDING):
            if connection.outlet.is_too_slow(now):
                metrics.DROPPED.labels("slow").inc()
                self._abandon(connection)
        for phase in Phase:
            metrics.CONNECTIONS.labels(phase.value).set(self.crowd.count(phase))

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

    def close(self, connection: Connection) -> None:
        """Close the connection now, whatever is left to send."""
        self._watch(connection, 0)
        self._count(connection, 0)
        self.crowd.leave(connection)
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
            self.close(connection)
            return
        connection.buffer.clear()
        self.crowd.enter(connection, Phase.LINGERING)
        self._watch(connection, READ)

    def _expire(self, connection: Connection) -> None:
        if connection.phase is Phase.RECEIVING:
            self._reject(connection, Problem(408, "request-timeout"))
        else:
            self.close(connection)

    def on_event(self, connection: Connection) -> None:
        """Go on with a connection that the poller found readable or writable."""
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
            self.close(connection)
            return
        if connection.phase is Phase.LINGERING:
            if not data:
                self.close(connection)
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
                    self.close(connection)
                return
            connection.incoming = Incoming(self._limits.max_body)
            self.crowd.enter(connection, Phase.RECEIVING)
        incoming = connection.incoming
        try:
            complete = incoming.advance(connection.buffer, self._cfg, connection.client)
        except Exception as error:
            problem = problem_of(error)
            if problem.status == 500:
                log.exception("Error reading a request")
            self._reject(connection, problem)
            return
        self._count(connection, len(connection.buffer) + len(incoming.body))
        self._keep_within_memory()
        if connection.phase is not Phase.RECEIVING:
            return
        if complete:
            self._dispatch(connection, self._respond)
        elif connection.ended:
            self._reject(connection, Problem(400, "bad-request"))
        elif incoming.request is not None and self._serving.screening and not connection.screened:
            connection.screened = True
            self._dispatch(connection, partial(self._screen, connection.since))
        elif incoming.wants_continue() and not connection.outlet.send_now(
            b"HTTP/1.1 100 Continue\r\n\r\n"
        ):
            self.close(connection)
        else:
            self._watch(connection, READ)

    def _dispatch(self, connection: Connection, work: Callable[[Connection], None]) -> None:
        assert connection.incoming is not None
        self._watch(connection, 0)
        self.crowd.enter(connection, Phase.RESPONDING)
        self._lanes.of(connection.incoming.request.path).put(partial(work, connection))

    def _count(self, connection: Connection, held: int) -> None:
        self._held += held - connection.held
        connection.held = held

    def _keep_within_memory(self) -> None:
        """Refuse the requests that have been arriving for longest, until the rest fits."""
        while self._held > max(HELD_BYTES, 2 * self._limits.max_body):
            slowest = self.crowd.oldest(Phase.RECEIVING)
            if slowest is None:
                return
            self._reject(slowest, _busy())

    def _reject(self, connection: Connection, problem: Problem) -> None:
        request = connection.incoming.request if connection.incoming else None
        headers = dict(request.headers) if request is not None else {}
        log.debug("Refused a request: %s", problem.code)
        metrics.REFUSED.labels(problem.code).inc()
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

    # Responses

    def _screened(self, connection: Connection, since: float) -> None:
        self.crowd.enter(connection, Phase.RECEIVING, since)
        self._receive(connection)

    def _served(self, connection: Connection, keeps: bool) -> None:
        connection.keeps = keeps
        self._count(connection, len(connection.buffer))
        self.crowd.enter(connection, Phase.SENDING)
        self._flush(connection)

    def _keep_sending(self, connection: Connection) -> None:
        """Send what the socket did not take, as soon as it does."""
        if connection.phase is None or connection.outlet.is_empty:
            return
        self._watch(connection, WRITE)
        while self._store.is_crowded and (oldest := self.crowd.oldest(Phase.SENDING)):
            self.close(oldest)

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
            self.close(connection)

    def _next(self, connection: Connection) -> None:
        """Go on with the next request of the connection, or close it."""
        connection.clear()
        if not connection.keeps:
            self._linger(connection)
            return
        self.crowd.enter(connection, Phase.IDLE)
        self._watch(connection, READ)
        if connection.buffer or connection.ended:
            self._receive(connection)


def _busy() -> Problem:
    return Problem(503, "server-busy", headers={"Retry-After": "2"})
