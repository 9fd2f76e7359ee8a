"""The gateway as one WSGI callable: the proxied path, its own pages, the console, and the probe
address."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Iterable, Mapping

from kehu_chassis.identity.authority import Authority, HttpAuthority
from kehu_chassis.observability import tracing
from kehu_chassis.observability.exposition import exposition
from kehu_chassis.problems import Problem
from kehu_chassis.runtime import launcher
from kehu_gateway import headers, metrics, pages, targets
from kehu_gateway.browsers import Browser
from kehu_gateway.console import Console
from kehu_gateway.context import RequestContext
from kehu_gateway.decisions import Authorizer
from kehu_gateway.limits import RateLimit
from kehu_gateway.proxy import Proxy
from kehu_gateway.refusals import Refusals
from kehu_gateway.responses import Environ, StartResponse, respond, respond_problem, with_header
from kehu_gateway.routes import OWN, Contracts
from kehu_gateway.services import Resolve, Service, Slots, resolve
from kehu_gateway.session_pages import SessionPages
from kehu_gateway.sessions import Sessions
from kehu_gateway.settings import Settings, split_address

DISCOVERY_SECONDS = 5.0
MEASURE_SECONDS = 1.0
HEALTH = ("/healthz", "/readyz")
VERSION_HEADER = "X-Kehu-Version"
DECIDED = "kehu.decided"  # the context of a request that was let in at its head
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_log = logging.getLogger("kehu.gateway")


class Gateway:
    """The WSGI application; `start` begins its background work, after the fork."""

    def __init__(
        self,
        settings: Settings,
        *,
        authority: Authority | None = None,
        resolver: Resolve = resolve,
    ) -> None:
        self._settings = settings
        self._probe_port = (
            str(split_address(settings.probe_bind)[1]) if settings.probe_bind else None
        )
        self.services: Mapping[str, Service] = {
            name: Service(name, url, seconds=settings.upstream_seconds, resolver=resolver)
            for name, url in {"auth": settings.auth_url, **settings.service_urls}.items()
        }
        self.contracts = Contracts(settings.contracts / "openapi", settings.service_urls.keys())
        self.authority = authority or HttpAuthority(settings.auth_url)
        self.refusals = Refusals(settings.auth_url, settings.internal_key)
        slots = Slots(settings.threads, self.services.values())
        self._proxy = Proxy(self.services, slots, internal_key=settings.internal_key)
        addresses = RateLimit(settings.address_rate, settings.address_burst)
        sessions = Sessions(self._proxy, self.authority, addresses, settings.internal_key)
        self._authorizer = Authorizer(
            self.contracts,
            self.authority,
            sessions,
            RateLimit(settings.caller_rate, settings.caller_burst),
            addresses,
            self.refusals,
        )
        self._pages = pages.create_pages(self.contracts)
        self._session_pages = SessionPages(sessions)
        self.console = Console(settings.console)
        self._serve = tracing.wrap(self._public)
        self._closed = threading.Event()
        self._discovers_until = float("inf")

    def start(self) -> None:
        """Start probing, reloading and reporting."""
        self.contracts.start()
        self.refusals.start()
        self.console.start()
        for service in self.services.values():
            service.start()
        self._discovers_until = time.monotonic() + DISCOVERY_SECONDS
        threading.Thread(target=self._measure_always, name="measure", daemon=True).start()
        atexit.register(self.close)

    def close(self) -> None:
        """End the background work and send the refusals that are left."""
        self._closed.set()
        self.contracts.close()
        self.console.close()
        for service in self.services.values():
            service.close()
        self.authority.close()
        self.refusals.close()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["SERVER_PORT"] == self._probe_port:
            return self._probe(environ, start_response)
        return self._serve(environ, start_response)

    def _public(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        start_response = with_header(start_response, VERSION_HEADER, self.console.version)
        method = environ["REQUEST_METHOD"]
        context: RequestContext | None = None
        status = 0
        try:
            target = targets.parse(environ["RAW_URI"])
            if target.path in HEALTH:
                return self._health(target.path, environ, start_response)
            if pages.is_page(target.path):
                return self._pages(environ, start_response)
            if self.console.serves(target.path, method):
                return self.console.respond(environ, target.path, start_response)
            if method == "OPTIONS":
                return self._options(target.path, environ, start_response)
            context = environ.get(DECIDED)
            if context is None:
                context = self._context(environ, method, target)
                context.secret = context.browser.secret
                self._authorizer.decide(context)
            assert context.operation is not None
            tracing.name_span(f"{method} {context.operation.template}")
            if context.operation.service == OWN:
                return self._session_pages.respond(environ, context, start_response)
            return self._proxy.forward(environ, context, context.operation, start_response)
        except Problem as problem:
            status = problem.status
            return respond_problem(problem, environ, start_response, context)
        finally:
            if context is not None or status:
                self._observe(method, context, status, time.perf_counter() - started)

    def screen(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
        """Refuse a request at its head; None if its body may come."""
        started = time.perf_counter()
        method = environ["REQUEST_METHOD"]
        if environ["SERVER_PORT"] == self._probe_port or method == "OPTIONS":
            return None
        start_response = with_header(start_response, VERSION_HEADER, self.console.version)
        context: RequestContext | None = None
        try:
            target = targets.parse(environ["RAW_URI"])
            path = target.path
            if path in HEALTH or pages.is_page(path) or self.console.serves(path, method):
                return None
            context = self._context(environ, method, target)
            context.secret = context.browser.secret
            self._authorizer.decide(context)
        except Problem as problem:
            self._observe(method, context, problem.status, time.perf_counter() - started)
            return respond_problem(problem, environ, start_response, context)
        environ[DECIDED] = context
        return None

    def _context(self, environ: Environ, method: str, target: targets.Target) -> RequestContext:
        client = headers.Client(environ, self._settings.trusted_proxies)
        require_https = self._settings.require_https
        return RequestContext(
            method=method,
            target=target,
            authorization=environ.get("HTTP_AUTHORIZATION"),
            client=client,
            browser=Browser(environ, client.scheme, require_https=require_https),
            request_id=headers.request_id(environ),
        )

    def _observe(
        self, method: str, context: RequestContext | None, status: int, seconds: float
    ) -> None:
        operation = context.operation if context else None
        metrics.observe(
            operation.service if operation else "",
            operation.template if operation else "",
            method if method in KNOWN_METHODS else "OTHER",
            status or (context.status if context else 0) or 500,
            seconds,
        )

    def _options(
        self, path: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        allow = ", ".join(self._authorizer.options(path))
        return respond(environ, start_response, "204 No Content", b"", [("Allow", allow)])

    def _health(
        self, path: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if path == "/healthz" or self.is_ready():
            return _text(environ, start_response, "200 OK", b"ok\n")
        return _text(environ, start_response, "503 Service Unavailable", b"not ready\n")

    def is_ready(self) -> bool:
        """Whether the gateway can decide: it has a policy and is not draining.

        After a start it first waits a moment for every service, so as not to refuse requests that
        can be served.  A service that is down later does not make it unready.
        """
        if launcher.draining() or self._is_discovering():
            return False
        try:
            return self.authority.policy is not None
        except Problem:
            return False

    def _is_discovering(self) -> bool:
        if time.monotonic() > self._discovers_until:
            return False
        return not all(service.found.is_set() for service in self.services.values())

    def _probe(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve the probe address, which is for operators and never public."""
        path = environ["PATH_INFO"]
        if path in HEALTH:
            return self._health(path, environ, start_response)
        if path == "/metrics":
            self._measure()
            return _text(environ, start_response, "200 OK", exposition())
        if path == "/internal/verify":
            return self._verify(environ, start_response)
        return respond_problem(Problem(404, "not-found"), environ, start_response, None)

    def _measure_always(self) -> None:
        # Also in workers that a scrape does not reach: it merges the metrics of all.
        while not self._closed.wait(MEASURE_SECONDS):
            self.is_ready()  # fetches the policy if no request has done so yet
            self._measure()

    def _measure(self) -> None:
        for service in self.services.values():
            metrics.READY.labels(service.name).set(len(service.ready))
            metrics.INFLIGHT.labels(service.name).set(service.inflight)
        metrics.CONTRACTS_FAILING.set(self.contracts.failing)
        age = self.authority.age
        metrics.POLICY_AGE.set(float("inf") if age is None else age)

    def _verify(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Make the same decision for a proxy that forwards by itself (nginx ``auth_request``).

        By tokens only: such a proxy would send a browser's cookie to the services, and no token.

        Such a proxy understands 2xx, 401 and 403 only, so every other refusal is a 403 that carries
        the real status in ``X-Kehu-Status``.
        """
        context: RequestContext | None = None
        try:
            method = environ.get("HTTP_X_ORIGINAL_METHOD", "")
            target = targets.parse(environ.get("HTTP_X_ORIGINAL_URI", ""))
            context = self._context(environ, method, target)
            self._authorizer.decide(context)
        except Problem as problem:
            problem.headers["X-Kehu-Status"] = str(problem.status)
            as_status = problem.status if problem.status in (401, 403) else 403
            return respond_problem(problem, environ, start_response, context, as_status)
        return respond(environ, start_response, "200 OK", b"", [])


def _text(
    environ: Environ, start_response: StartResponse, status: str, body: bytes
) -> Iterable[bytes]:
    kind = ("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
    return respond(environ, start_response, status, body, [kind])
