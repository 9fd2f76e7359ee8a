"""A gunicorn worker in which only complete requests take a thread.

One thread, the poller, accepts connections, receives requests and sends what clients have not taken
of their responses.  Other threads run the application.  See ADR 0029.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.base import Worker as BaseWorker

from kehu_chassis.identity.addresses import host_of
from kehu_chassis.runtime.server.connection import Connection
from kehu_chassis.runtime.server.phases import Phase
from kehu_chassis.runtime.server.serving import Serving
from kehu_chassis.runtime.server.traffic import READ, Traffic

ACCEPT_AT_ONCE = 64
SEND_BUFFER = 64 * 1024  # Linux doubles it; what clients do not read costs no more than that
STOP_SECONDS = 2.0  # for requests that are on their way to a stopping worker


class Worker(BaseWorker):  # type: ignore[misc]
    """The worker; ``app.limits`` are its limits, ``app.draining`` says when to close connections.

    It uses of gunicorn's worker what every worker must: ``sockets``, ``wsgi``, ``alive``,
    ``notify``, and the pipe that signals wake it by.
    """

    def init_process(self) -> None:
        """Prepare the process after the fork; ends with `run`."""
        self._selector = selectors.DefaultSelector()
        self._posted: deque[Callable[[], None]] = deque()
        self._woken = False
        super().init_process()

    def run(self) -> None:
        """Serve until SIGTERM, then finish what has begun."""
        serving = Serving(self.cfg, self.wsgi, lambda: self.app.draining() or not self.alive)
        self._traffic = Traffic(self.cfg, self.app.limits, serving, self._selector, self._post)
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
                self._traffic.on_event(key.data)
            else:
                key.data()
        self._traffic.drop_slow()

    def _stop(self) -> None:
        for listener in self.sockets:
            self._selector.unregister(listener)
        began = time.monotonic()
        crowd = self._traffic.crowd
        while len(crowd) and time.monotonic() < began + self.cfg.graceful_timeout:
            self._turn(0.1)
            if time.monotonic() > began + STOP_SECONDS:
                for connection in crowd.members(Phase.NEW, Phase.IDLE):
                    self._traffic.close(connection)
        for listener in self.sockets:
            listener.close()

    def _accept(self, listener: Any, public: bool) -> None:
        for _ in range(ACCEPT_AT_ONCE):
            try:
                sock, client = listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError:  # no file is left
                self._traffic.drop(self._traffic.crowd.in_the_way())
                return
            counted = public and not self.app.limits.is_trusted(client[0])
            address = host_of(client[0]) if counted else None
            self._traffic.add(sock, client, listener.getsockname(), address)

    def _post(self, work: Callable[..., None], *arguments: Any) -> None:
        """Have the poller do something soon."""
        self._posted.append(partial(work, *arguments))
        if not self._woken:
            self._woken = True
            with contextlib.suppress(BlockingIOError):
                os.write(self.PIPE[1], b".")

    def _run_posted(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.PIPE[0], 4096)
        self._woken = False  # before the queue is read: what is posted later wakes again
        while self._posted:
            self._posted.popleft()()
