"""Responses of the gateway itself, with the headers that all of them carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kehu_chassis.problems import CONTENT_TYPE, Problem
from kehu_chassis.texts import language_of
from kehu_gateway import headers
from kehu_gateway.context import RequestContext
from kehu_gateway.texts import TEXTS

Environ = dict[str, Any]
StartResponse = Any
Headers = list[tuple[str, str]]


def respond(
    environ: Environ,
    start_response: StartResponse,
    status: str,
    body: bytes,
    extra: Headers,
    request_id: str | None = None,
) -> Iterable[bytes]:
    """Start a response; ``extra`` headers replace the security headers of their name.

    A response to HEAD has the length of the body, but not the body.
    """
    own = {name.lower() for name, _ in extra}
    sent = [
        *extra,
        *(pair for pair in headers.SECURITY_HEADERS if pair[0].lower() not in own),
        ("X-Request-Id", request_id or headers.request_id(environ)),
    ]
    if not status.startswith("304"):
        sent.append(("Content-Length", str(len(body))))
    start_response(status, sent)
    return (b"",) if environ["REQUEST_METHOD"] == "HEAD" else (body,)


def respond_problem(
    problem: Problem,
    environ: Environ,
    start_response: StartResponse,
    context: RequestContext | None,
    status: int | None = None,
) -> Iterable[bytes]:
    """Respond with a problem, in the language of the caller."""
    request_id = context.request_id if context else headers.request_id(environ)
    own = context.caller.language if context and context.caller else None
    language = language_of(environ.get("HTTP_ACCEPT_LANGUAGE"), own)
    document = problem.document(TEXTS, language=language, request_id=request_id)
    body = problem.body(TEXTS, language=language, request_id=request_id)
    extra = [("Content-Type", CONTENT_TYPE), ("Vary", "Accept-Language")]
    title = f"{status or problem.status} {document['title']}"
    extra += problem.headers.items()
    return respond(environ, start_response, title, body, extra, request_id)


def with_header(start_response: StartResponse, name: str, value: str) -> StartResponse:
    """A start_response that adds a header to whatever response it starts."""

    def start(status: str, given: Headers, exc_info: Any = None) -> Any:
        return start_response(status, [*given, (name, value)], exc_info)

    return start
