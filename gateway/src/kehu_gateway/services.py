"""The services behind the gateway: their addresses, which of them are ready, idle connections.

A background thread per service resolves its name and probes ``/readyz`` of every address each
second; requests are spread over the ready addresses.
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
    UpstreamError,
    UpstreamTimeout,
)

PROBE_SECONDS = 1.0
QUIET_SECONDS = 5.0  # without requests, and between probes then, if all is well
RESOLVE_SECONDS = 5.0
IDLE_SECONDS = 30.0  # services close idle connections after 60 s; close ours well before
MISSED_PROBES = 3
RETRY_AFTER = 2

_log = logging.getLogger("kehu.gateway.services")

Resolve = Callable[[str, int], Iterable[Address]]


def resolve(host: str, port: int) -> list[Address]:
    """Return all addresses of a host, once each."""
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
        """Return an idle connection that is still open, or None."""
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

    def keep(self, connection: Connection) -> None:
        """Keep the connection for the next request; close it if the endpoint is not ready."""
        connection.idle_since = time.monotonic()
        if self.ready:
            self._idle.append(connection)
        else:
            connection.close()

    def mark_down(self) -> None:
        """Send no requests here until the next successful probe."""
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
        """Close the connections that have been idle for too long; the oldest are on the left."""
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
        self.responded_at = 0.0
        self.used_at = 0.0  # when the last request came

    @property
    def ready(self) -> tuple[Endpoint, ...]:
        """The endpoints that accept requests now."""
        return tuple(end for end in list(self._endpoints.values()) if end.ready)

    def pick(self, avoid: Endpoint | None = None) -> Endpoint:
        """Return the next ready endpoint, preferably not ``avoid``; Problem 503 if none is."""
        ready = self.ready
        if avoid is not None and len(ready) > 1:
            ready = tuple(end for end in ready if end is not avoid)
        if not ready:
            raise dependency_down(self.name, RETRY_AFTER)
        return ready[next(self._turn) % len(ready)]

    def connect(self, endpoint: Endpoint, *, fresh: bool = False) -> Connection:
        """Return an idle connection or a new one; an endpoint that refuses it is marked down."""
        connection = None if fresh else endpoint.take_idle()
        if connection is None:
            try:
                connection = Connection(endpoint.address, self._seconds)
            except NotConnected:
                endpoint.mark_down()
                raise
        return connection

    def start(self) -> None:
        """Probe in the background: every second while used or not wholly ready,
        else every five. Set ``found`` at the first ready address."""
        threading.Thread(target=self._run, name=f"probe-{self.name}", daemon=True).start()

    def close(self) -> None:
        """Stop the background thread and close idle connections."""
        self._closed.set()
        for endpoint in list(self._endpoints.values()):
            endpoint.mark_down()

    def probe(self) -> None:
        """Resolve the name if it is due, and probe every address."""
        self._refresh_addresses()
        before = bool(self.ready)
        for endpoint in list(self._endpoints.values()):
            self._probe_one(endpoint)
        after = bool(self.ready)
        if before != after:
            _log.warning("%s is %s", self.name, "ready" if after else "not ready")

    def _run(self) -> None:
        self.probe()
        probed = time.monotonic()
        while not self._closed.wait(PROBE_SECONDS):
            if self._is_awake() or time.monotonic() - probed >= QUIET_SECONDS:
                self.probe()
                probed = time.monotonic()

    def _is_awake(self) -> bool:
        endpoints = list(self._endpoints.values())
        used = self.inflight > 0 or time.monotonic() - self.used_at < QUIET_SECONDS
        return used or not endpoints or any(not end.ready or end.missed for end in endpoints)

    def _refresh_addresses(self) -> None:
        now = time.monotonic()
        if now - self._resolved_at < RESOLVE_SECONDS and self._endpoints:
            return
        try:
            addresses = list(self._resolve(*self._where))
        except OSError as error:
            # Keep the last known addresses: the name server being down says nothing of the service.
            _log.warning("cannot resolve %s: %s", self.name, error)
            return
        self._resolved_at = now
        for address in addresses:
            if address not in self._endpoints:
                self._endpoints[address] = Endpoint(address)
        for address in set(self._endpoints) - set(addresses):
            self._endpoints.pop(address).mark_down()

    def _probe_one(self, endpoint: Endpoint) -> None:
        try:
            ready = self._is_ready(endpoint.address)
        except UpstreamTimeout:
            # A machine under load may miss one; marking a whole service down for that is worse.
            endpoint.missed += 1
            if endpoint.missed >= MISSED_PROBES:
                endpoint.mark_down()
            return
        except UpstreamError:
            ready = False
        endpoint.missed = 0
        if ready:
            endpoint.ready = True
            endpoint.prune()
            self.found.set()
        else:
            endpoint.mark_down()

    def _is_ready(self, address: Address) -> bool:
        request = f"GET /readyz HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"
        connection = Connection(address, PROBE_SECONDS)
        try:
            response = connection.exchange(request.encode("ascii"), head_only=False)
            # The address may belong to another service since the name was resolved.
            names = [value for name, value in response.headers if name.lower() == "x-kehu-service"]
            return response.code == 200 and names in ([], [self.name])
        finally:
            connection.close()


class Slots:
    """Keeps threads free: a service that hangs must not hold all of them.

    A service may hold at most twice as many threads as are free, so one that hangs gets two thirds
    of them, two that hang two fifths each: some are always left, and nothing has to be tuned.
    Beyond the share, requests wait their turn while the service keeps responding; a service that
    has been silent for a second gets no more of them.

    A waiting request holds a thread, too.  While a quarter of the threads is left it may wait long,
    after that only as long as a fast service needs: otherwise the requests that wait for a slow
    service would hold more than its share.
    """

    SHARE = 2
    SILENCE_SECONDS = 1.0
    MAX_WAIT_SECONDS = 5.0
    SHORT_WAIT_SECONDS = 0.1

    def __init__(self, threads: int, services: Iterable[Service]) -> None:
        self._free = threads
        self._waiting = 0
        self._reserve = threads / 4
        self._lock = threading.Lock()
        self._changed = {service.name: threading.Condition(self._lock) for service in services}

    def acquire(self, service: Service) -> None:
        """Claim a thread for the service; Problem 503 if it holds its share for too long."""
        with self._lock:
            if service.inflight and service.inflight >= self.SHARE * self._free:
                self._waiting += 1
                try:
                    self._wait(service)
                finally:
                    self._waiting -= 1
            if not service.inflight:
                service.responded_at = time.monotonic()
            service.inflight += 1
            service.used_at = time.monotonic()
            self._free -= 1

    def _wait(self, service: Service) -> None:
        enough = self._free - self._waiting >= self._reserve
        patience = self.MAX_WAIT_SECONDS if enough else self.SHORT_WAIT_SECONDS
        longest = time.monotonic() + patience
        while service.inflight and service.inflight >= self.SHARE * self._free:
            now = time.monotonic()
            until = min(service.responded_at + self.SILENCE_SECONDS, longest)
            if now >= until:
                raise Problem(
                    503,
                    "service-busy",
                    params={"service": service.name},
                    headers={"Retry-After": str(RETRY_AFTER)},
                )
            self._changed[service.name].wait(until - now)

    def release(self, service: Service, *, responded: bool) -> None:
        """Release what `acquire` claimed; ``responded`` if the service sent a response."""
        with self._lock:
            service.inflight -= 1
            self._free += 1
            if responded:
                service.responded_at = time.monotonic()
            self._changed[service.name].notify()
