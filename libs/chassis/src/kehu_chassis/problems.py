"""Errors as ``application/problem+json`` (RFC 9457), in the caller's language.

Any code below an HTTP edge raises :class:`Problem`; the edge turns it into a response. ``code`` is
the stable, machine-readable name of the error and decides its ``type``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from kehu_chassis.texts import Texts

CONTENT_TYPE = "application/problem+json"


def field_error(pointer: str, code: str, **params: Any) -> dict[str, Any]:
    """One entry of ``errors``: which field (JSON pointer), which code, which parameters."""
    return {"pointer": pointer, "code": str(code), "params": params}


class Problem(Exception):
    """An error response, raised where the error is found.

    ``status`` is the HTTP status, ``code`` the stable name, ``params`` the values of its sentence,
    ``errors`` the invalid fields (see :func:`field_error`), ``headers`` extra response headers such
    as Retry-After.
    """

    def __init__(
        self,
        status: int,
        code: str,
        *,
        params: Mapping[str, Any] | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.params = dict(params or {})
        self.errors = [dict(error) for error in errors]
        self.headers = dict(headers or {})

    def document(
        self, texts: Texts, *, language: str = "en", request_id: str | None = None
    ) -> dict[str, Any]:
        """The problem document as a dictionary."""
        document: dict[str, Any] = {
            "type": f"urn:kehu:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "params": self.params,
            "detail": texts.problem(self.code, self.params, language),
        }
        if request_id:
            document["request_id"] = request_id
        if self.errors:
            document["errors"] = [
                {**error, "detail": texts.problem(error["code"], error["params"], language)}
                for error in self.errors
            ]
        return document

    def body(self, texts: Texts, *, language: str = "en", request_id: str | None = None) -> bytes:
        """The problem document as JSON bytes."""
        document = self.document(texts, language=language, request_id=request_id)
        return json.dumps(document, ensure_ascii=False).encode()


def not_found() -> Problem:
    """The same response for a missing record and one the caller may not see."""
    return Problem(404, "not-found")


def forbidden(permission: str) -> Problem:
    """The caller is authenticated but lacks the permission."""
    return Problem(403, "forbidden", params={"permission": permission})


def wrong_state(record: str, state: str) -> Problem:
    """A transition that the current state of a record rejects; ``record`` is its resource name.

    Their labels have the contexts ``record`` and ``<record>.state``.
    """
    return Problem(409, "wrong-state", params={"record": record, "state": state})


def invalid(pointer: str, code: str, **params: Any) -> Problem:
    """A 422 about one field."""
    return Problem(422, "validation-failed", errors=[field_error(pointer, code, **params)])


def together(*checks: Callable[[], Any]) -> list[Any]:
    """The results of checks that do not depend on each other; one 422 reports the fields that any
    of them refuses."""
    results, errors = [], []
    for check in checks:
        try:
            results.append(check())
        except Problem as problem:
            if not problem.errors:
                raise
            errors += problem.errors
    if errors:
        raise Problem(422, "validation-failed", errors=errors)
    return results


def require_filled(record: Any, fields: Iterable[str]) -> None:
    """Raise a 422 that reports each of these fields that is empty in a record."""
    lacking = [field for field in fields if getattr(record, field) in (None, "")]
    if lacking:
        errors = [field_error(f"/{field}", "required") for field in lacking]
        raise Problem(422, "validation-failed", errors=errors)


def unknown_reference(field: str) -> Problem:
    """A body or filter names an id that this caller cannot see or that does not exist."""
    return invalid(f"/{field}", "unknown-reference", field=field)


def stale_version() -> Problem:
    """The If-Match header names another version than the stored one."""
    return Problem(412, "stale-version")


def dependency_down(dependency: str, retry_after: int = 5) -> Problem:
    """A dependency (database, auth …) cannot be reached: 503 with Retry-After, never 500."""
    return Problem(
        503,
        "dependency-down",
        params={"dependency": dependency},
        headers={"Retry-After": str(retry_after)},
    )
