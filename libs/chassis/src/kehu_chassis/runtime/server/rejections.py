"""Responses of the server itself, to requests that do not reach the application."""

from __future__ import annotations

import os

from gunicorn.http import errors

from kehu_chassis.problems import CONTENT_TYPE, Problem
from kehu_chassis.texts import TEXTS, language_of

STATUS_OF: dict[type[Exception], tuple[int, str]] = {
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
_CLIENT_ERRORS = (errors.ParseException, errors.NoMoreData)


def problem_of(error: BaseException) -> Problem:
    """Return the problem of an error that was raised while a request was read or served."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, _SERVER_ERRORS):
        return Problem(500, "internal-error")
    for kind, (status, code) in STATUS_OF.items():
        if isinstance(error, kind):
            return Problem(status, code)
    if isinstance(error, _CLIENT_ERRORS):
        return Problem(400, "bad-request")
    return Problem(500, "internal-error")


def response_of(problem: Problem, accept_language: str | None = None) -> bytes:
    """Return the whole response; it closes the connection."""
    language = language_of(accept_language)
    request_id = os.urandom(16).hex()
    body = problem.body(TEXTS, language=language, request_id=request_id)
    title = problem.document(TEXTS)["title"]
    lines = [
        f"HTTP/1.1 {problem.status} {title}",
        "Connection: close",
        f"Content-Type: {CONTENT_TYPE}",
        f"Content-Language: {language}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        f"X-Request-Id: {request_id}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in problem.headers.items()),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
