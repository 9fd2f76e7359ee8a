"""The proxied path: from a complete request to a service's response, at WSGI level.

What is retried, and what is not:

* No connection could be made: the service has seen nothing, so any request goes to the next ready
  address.
* The connection ended before the response did: the request may have taken effect.  Requests that
  are safe to repeat are sent once more, on a new connection: GET, HEAD, and a signed-in caller's
  POST with an Idempotency-Key.  Others get 502 ``upstream-lost``.  A kept connection is checked
  before use, so that one the service has closed is not mistaken for this.
* Time-outs and invalid responses are never retried: more load helps neither.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from kehu_chassis.problems import Problem, dependency_down
from kehu_gateway import headers, metrics
from kehu_gateway.context import RequestContext
from kehu_gateway.routes import Operation
from kehu_gateway.services import RETRY_AFTER, Endpoint, Service, Slots
from kehu_gateway.upstream import (
    Connection,
    ConnectionLost,
    NotConnected,
    Response,
    UpstreamError,
    UpstreamTimeout,
)

SAFE = ("GET", "HEAD")

_log = logging.getLogger("kehu.gateway.proxy")

StartResponse = Any
Environ = dict[str, Any]


class Answer(NamedTuple):
    """What a service answered to a question of the gateway's own."""

    code: int
    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Proxy:
    """Forwards decided requests to the services."""

    def __init__(self, services: Mapping[str, Service], slots: Slots, *, internal_key: str) -> None:
        self._services = services
        self._slots = slots
        self._internal_key = internal_key

    def forward(
        self,
        environ: Environ,
        context: RequestContext,
        operation: Operation,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Forward the request and return the service's response."""
        host = headers.checked_host(environ)
        body = _body(environ)
        service = self._services[operation.service]
        lines = headers.to_service(
            environ, operation.headers, context.client, host, context.request_id
        )
        if operation.permission == "public":
            # Of these callers the service knows nothing but the address.
            lines.append(headers.proof(self._internal_key, context.client, context.request_id))
        repeatable = _is_repeatable(environ, operation)

        def send() -> _Exchange:
            request = _request(context, service.host, lines, body)
            return self._send(service, request, context.method == "HEAD", repeatable)

        exchange = send()
        if exchange.response.code == 401 and context.renew is not None:
            # The service knows a newer policy than we do, and so has done nothing.
            self._drop(service, exchange)
            context.renew()
            exchange = send()
        response = exchange.response
        context.status = response.code
        passed = headers.from_service(response.headers, context.request_id)
        if response.body is None:
            stream = _Stream(exchange, service, self._slots)
            try:
                start_response(response.status, passed)
            except BaseException:
                stream.close()
                raise
            return stream
        exchange.finish()
        if response.length is None and response.body:
            passed.append(("Content-Length", str(len(response.body))))
        start_response(response.status, passed)
        return (response.body,)

    def ask(
        self, name: str, path: str, lines: list[str], body: bytes, *, repeatable: bool
    ) -> Answer:
        """POST a question of the gateway's own; a Problem if the service does not answer it."""
        service = self._services[name]
        request = _message("POST", path, service.host, lines, body)
        exchange = self._send(service, request, False, repeatable)
        response = exchange.response
        if response.body is None:
            self._drop(service, exchange)
            raise Problem(502, "upstream-invalid", params={"service": service.name})
        exchange.finish()
        return Answer(response.code, response.status, response.headers, response.body)

    def _send(
        self, service: Service, request: bytes, head_only: bool, repeatable: bool
    ) -> _Exchange:
        """Send a request; unless its response is streamed, the service's slot is free again."""
        service.pick()  # do not wait for a slot when no address is ready
        self._slots.acquire(service)
        responded = streaming = False
        try:
            exchange = self._exchange(service, request, head_only, repeatable)
            responded = True
            streaming = exchange.response.body is None
        finally:
            if not streaming:
                self._slots.release(service, responded=responded)
        return exchange

    def _drop(self, service: Service, exchange: _Exchange) -> None:
        """Do without a response."""
        if exchange.response.body is None:
            self._slots.release(service, responded=True)
            exchange.abandon()
        else:
            exchange.finish()

    def _exchange(
        self, service: Service, request: bytes, head_only: bool, repeatable: bool
    ) -> _Exchange:
        try:
            return self._attempts(service, request, head_only, repeatable)
        except NotConnected:
            raise dependency_down(service.name, RETRY_AFTER) from None
        except ConnectionLost as error:
            raise _failure(service, 502, "upstream-lost", error) from None
        except UpstreamTimeout as error:
            raise _failure(service, 504, "upstream-timeout", error) from None
        except UpstreamError as error:
            raise _failure(service, 502, "upstream-invalid", error) from None

    def _attempts(
        self, service: Service, request: bytes, head_only: bool, repeatable: bool
    ) -> _Exchange:
        endpoint = service.pick()
        connection = None
        try:
            connection = service.connect(endpoint)
            return _Exchange.run(endpoint, connection, request, head_only)
        except (NotConnected, ConnectionLost) as error:
            if isinstance(error, ConnectionLost) and not repeatable:
                raise
            metrics.RETRIES.labels(service.name).inc()
        again = service.pick(avoid=endpoint)
        return _Exchange.run(again, service.connect(again, fresh=True), request, head_only)


def _is_repeatable(environ: Environ, operation: Operation) -> bool:
    if operation.method == "POST":
        # Services store a response for the key and its caller, so a public operation has none.
        return "HTTP_IDEMPOTENCY_KEY" in environ and operation.permission != "public"
    return environ["REQUEST_METHOD"] in SAFE


def _failure(service: Service, status: int, code: str, error: UpstreamError) -> Problem:
    _log.warning("%s: %s: %s", service.name, type(error).__name__, error)
    return Problem(status, code, params={"service": service.name})


def _request(context: RequestContext, host: str, lines: list[str], body: bytes | None) -> bytes:
    if context.authorization is not None:
        lines = [*lines, f"Authorization: {context.authorization}"]
    return _message(context.method, context.target.raw, host, lines, body)


def _message(method: str, target: str, host: str, lines: list[str], body: bytes | None) -> bytes:
    if body is not None:
        lines = [*lines, f"Content-Length: {len(body)}"]
    head = "\r\n".join((f"{method} {target} HTTP/1.1", f"Host: {host}", *lines))
    return head.encode("latin-1") + b"\r\n\r\n" + (body or b"")


class _Exchange:
    """A response and its connection, which is kept only once the response is read."""

    __slots__ = ("_connection", "_endpoint", "response")

    def __init__(self, endpoint: Endpoint, connection: Connection, response: Response) -> None:
        self._endpoint = endpoint
        self._connection = connection
        self.response = response

    @classmethod
    def run(
        cls, endpoint: Endpoint, connection: Connection, request: bytes, head_only: bool
    ) -> _Exchange:
        try:
            return cls(endpoint, connection, connection.exchange(request, head_only=head_only))
        except BaseException:
            connection.close()
            raise

    def finish(self) -> None:
        """Keep the connection of a response that was read, if it may carry another."""
        if self.response.keeps_connection:
            self._endpoint.keep(self._connection)
        else:
            self._connection.close()

    def abandon(self) -> None:
        """Close the connection of a response that was not read to its end."""
        self._connection.close()


class _Stream:
    """A long response being streamed.  The server always closes it, even if it never began."""

    def __init__(self, exchange: _Exchange, service: Service, slots: Slots) -> None:
        self._exchange = exchange
        self._service = service
        self._slots = slots
        self._complete = False
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._exchange.response.pieces
        self._complete = True

    def close(self) -> None:
        """Release the slot and the connection."""
        if self._closed:
            return
        self._closed = True
        self._slots.release(self._service, responded=True)
        if self._complete:
            self._exchange.finish()
        else:
            self._exchange.abandon()


def _body(environ: Environ) -> bytes | None:
    """Return the body, None if there is none; it arrived before the request got here."""
    if "CONTENT_LENGTH" not in environ:
        return None
    body: bytes = environ["wsgi.input"].read()
    return body
