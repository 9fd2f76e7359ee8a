"""The services behind the gateway: their addresses, which of them are ready, idle connections.

A background thread per service resolves its name and asks every address ``/readyz`` each second;
requests go to ready addresses only, spread over them.
"""

from __future__ import annotations

import itertools
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from kehu_chassis.problems import Problem, dependency_down
from kehu_gateway.upstream import (
    Address,
    Connection,
    NotConnected,
    TooSlow,
    UpstreamError,
)

PROBE_SECONDS = 1.0
RESOLVE_SECONDS = 5.0
IDLE_SECONDS = 30.0  # services keep idle connections for 60 s; leave well before they do
MISSED_PROBES = 3
RETRY_AFTER = 2

_log = logging.getLogger("kehu.gateway.services")

Resolve = Callable[[str, int], Iterable[Address]]


def resolve(host: str, port: int) -> list[Address]:
    """All addresses of a host, once each."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((family, (str(to[0]), port)) for family, _, _, _, to in found))


class Endpoint:
    """One address of a service, with its idle connections."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.ready = False
        self.missed = 0
        # A stack: the connection used last is the one least likely to have been closed.
        self._idle: deque[Connection] = deque()

    def take_idle(self) -> Connection | None:
        """An idle connection that is still open, or None."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if time.monotonic() - connection.idle_since < IDLE_SECONDS and connection.is_quiet():
                connection.reused = True
                return connection
            connection.close()
        return None

    def give_back(self, connection: Connection) -> None:
        """Keep the connection for the next request, if there will be one."""
        connection.idle_since = time.monotonic()
        if self.ready:
            self._idle.append(connection)
        else:
            connection.close()

    def lose(self) -> None:
        """Send nothing here until the next good probe."""
        self.ready = False
        self.drop_idle()

    def drop_idle(self) -> None:
        """Close all idle connections."""
        while self._idle:
            try:
                self._idle.pop().close()
            except IndexError:
                return

    def prune(self) -> None:
        """Close the connections that have been idle for too long: the oldest lie at the left."""
        limit = time.monotonic() - IDLE_SECONDS
        while self._idle and self._idle[0].idle_since < limit:
            try:
                self._idle.popleft().close()
            except IndexError:
                return


class Service:
    """One service by its base URL."""

    def __init__(self, name: str, url: str, *, seconds: float, resolver: Resolve = resolve) -> None:
        self.name = name
        parts = urlsplit(url)
        self.host = parts.netloc
        self._where = (parts.hostname or "", parts.port or 80)
        self._seconds = seconds
        self._resolve = resolver
        self._resolved_at = -RESOLVE_SECONDS
        self._endpoints: dict[Address, Endpoint] = {}
        self._turn = itertools.count()
        self._closed = threading.Event()
        self.found = threading.Event()
        self.inflight = 0
        self.answered_at = 0.0

    @property
    def ready(self) -> tuple[Endpoint, ...]:
        """The endpoints that take requests now."""
        return tuple(end for end in list(self._endpoints.values()) if end.ready)

    def pick(self, avoid: Endpoint | None = None) -> Endpoint:
        """The next ready endpoint in turn, another than ``avoid`` if there is one; else 503."""
        ready = self.ready
        if avoid is not None and len(ready) > 1:
            ready = tuple(end for end in ready if end is not avoid)
        if not ready:
            raise dependency_down(self.name, RETRY_AFTER)
        return ready[next(self._turn) % len(ready)]

    def connect(self, endpoint: Endpoint, *, fresh: bool = False) -> Connection:
        """An idle connection or a new one; an endpoint that takes none is lost at once."""
        connection = None if fresh else endpoint.take_idle()
        if connection is None:
            try:
                connection = Connection(endpoint.address, self._seconds)
            except NotConnected:
                endpoint.lose()
                raise
        return connection

    def start(self) -> None:
        """Probe every second in the background; ``found`` is set once an address was ready."""
        threading.Thread(target=self._run, name=f"probe-{self.name}", daemon=True).start()

    def close(self) -> None:
        """Let the background thread end and close idle connections."""
        self._closed.set()
        for endpoint in list(self._endpoints.values()):
            endpoint.lose()

    def probe(self) -> None:
        """Resolve the name if it is time, and ask every address whether it is ready."""
        self._refresh_addresses()
        before = bool(self.ready)
        for endpoint in list(self._endpoints.values()):
            self._probe_one(endpoint)
        after = bool(self.ready)
        if before != after:
            _log.warning("%s is %s", self.name, "ready" if after else "not ready")

    def _run(self) -> None:
        self.probe()
        while not self._closed.wait(PROBE_SECONDS):
            self.probe()

    def _refresh_addresses(self) -> None:
        now = time.monotonic()
        if now - self._resolved_at < RESOLVE_SECONDS and self._endpoints:
            return
        try:
            addresses = list(self._resolve(*self._where))
        except OSError as error:
            # The last known addresses stay: a name server that is away is not a service that is.
            _log.warning("cannot resolve %s: %s", self.name, error)
            return
        self._resolved_at = now
        for address in addresses:
            if address not in self._endpoints:
                self._endpoints[address] = Endpoint(address)
        for address in set(self._endpoints) - set(addresses):
            self._endpoints.pop(address).lose()

    def _probe_one(self, endpoint: Endpoint) -> None:
        try:
            ready = self._asks_ready(endpoint.address)
        except TooSlow:
            # A machine under load may miss one; losing all of a service for that would be worse.
            endpoint.missed += 1
            if endpoint.missed >= MISSED_PROBES:
                endpoint.lose()
            return
        except UpstreamError:
            ready = False
        endpoint.missed = 0
        if ready:
            endpoint.ready = True
            endpoint.prune()
            self.found.set()
        else:
            endpoint.lose()

    def _asks_ready(self, address: Address) -> bool:
        request = f"GET /readyz HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"
        connection = Connection(address, PROBE_SECONDS)
        try:
            answer = connection.exchange(request.encode("ascii"), head_only=False)
            # An address may have passed to another service since the name was resolved.
            names = [value for name, value in answer.headers if name.lower() == "x-kehu-service"]
            return answer.code == 200 and names in ([], [self.name])
        finally:
            connection.close()


class Slots:
    """Keeps threads free: a service that hangs must not hold all of them.

    A service may hold at most twice as many threads as are free, so one that hangs gets two thirds
    of them, two that hang two fifths each: something is always left, and nothing has to be tuned.
    Beyond its share a service that keeps answering lets requests wait their turn; one that has
    answered nothing for a second gets no more of them.

    Who waits holds a thread, too.  While that leaves a quarter of them they may wait for long; then
    only as long as a quick service needs, or a slow one would hold through them what it may not.
    """

    SHARE = 2
    SIGN_OF_LIFE_SECONDS = 1.0
    MAX_WAIT_SECONDS = 5.0
    SHORT_WAIT_SECONDS = 0.1

    def __init__(self, threads: int, services: Iterable[Service]) -> None:
        self._free = threads
        self._waiting = 0
        self._reserve = threads / 4
        self._lock = threading.Lock()
        self._changed = {service.name: threading.Condition(self._lock) for service in services}

    def take(self, service: Service) -> None:
        """Claim a thread for the service; Problem 503 if it holds its share for too long."""
        with self._lock:
            if service.inflight and service.inflight >= self.SHARE * self._free:
                self._waiting += 1
                try:
                    self._wait(service)
                finally:
                    self._waiting -= 1
            if not service.inflight:
                service.answered_at = time.monotonic()
            service.inflight += 1
            self._free -= 1

    def _wait(self, service: Service) -> None:
        enough = self._free - self._waiting >= self._reserve
        patience = self.MAX_WAIT_SECONDS if enough else self.SHORT_WAIT_SECONDS
        longest = time.monotonic() + patience
        while service.inflight and service.inflight >= self.SHARE * self._free:
            now = time.monotonic()
            until = min(service.answered_at + self.SIGN_OF_LIFE_SECONDS, longest)
            if now >= until:
                raise Problem(
                    503,
                    "service-busy",
                    params={"service": service.name},
                    headers={"Retry-After": str(RETRY_AFTER)},
                )
            self._changed[service.name].wait(until - now)

    def give_back(self, service: Service, *, answered: bool) -> None:
        """Release what `take` claimed; ``answered`` says whether the service showed life."""
        with self._lock:
            service.inflight -= 1
            self._free += 1
            if answered:
                service.answered_at = time.monotonic()
            self._changed[service.name].notify()
