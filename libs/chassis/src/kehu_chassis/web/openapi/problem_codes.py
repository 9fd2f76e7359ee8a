"""The problem codes of each operation, by status: ``x-problems``.

Most follow from how the operation is declared; those of the feature's own rules are declared by
``@blp.problems``. Codes that the transport gives before the operation is known are not among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = dict[str, Any]
Codes = dict[int, set[str]]

_TAKES_BODY = ("post", "put", "patch", "delete")
_ALWAYS = {422: ("validation-failed",), 500: ("internal-error",), 503: ("dependency-down",)}
_OF_TOKENS = {401: ("unauthenticated", "invalid-token", "session-ended"), 503: ("dependency-down",)}
_OF_BODIES = {
    400: ("invalid-json", "bad-request"), 409: ("conflict",), 413: ("payload-too-large",),
    415: ("unsupported-media-type",),
}  # fmt: skip
_OF_REPEATS = {
    404: ("not-found",),  # since the record of the first response is gone, or hidden by now
    409: ("idempotency-key-running",),
    422: ("idempotency-key-reused",),
}


def add(operation: Json, method: str, path: str, view: Callable[..., Any]) -> None:
    """Add the codes to an operation whose parameters are complete."""
    codes: Codes = defaultdict(set)
    _derive(codes, operation, method, on_a_record="{" in path)
    for status, own in getattr(view, "kehu_problems", {}).items():
        codes[status].update(own)
    operation["x-problems"] = {str(status): sorted(codes[status]) for status in sorted(codes)}


def _derive(codes: Codes, operation: Json, method: str, *, on_a_record: bool) -> None:
    permission = operation["x-permission"]
    taken = {(one["in"], one["name"]) for one in operation["parameters"]}
    _include(codes, _ALWAYS)
    if permission != "public":
        _include(codes, _OF_TOKENS)
        if "x-before-password-change" not in operation:
            codes[403].add("password-change-required")
    if permission not in ("public", "authenticated"):
        codes[403].add("forbidden")
    if on_a_record:
        codes[404].add("not-found")
    if ("query", "cursor") in taken:
        codes[422].add("invalid-cursor")
    if method in _TAKES_BODY:
        _include(codes, _OF_BODIES)
        if on_a_record:
            codes[412].add("stale-version")
    if ("header", "If-Match") in taken:
        codes[412].add("stale-version")
        codes[428].add("precondition-required")
    if ("header", "Idempotency-Key") in taken:
        _include(codes, _OF_REPEATS)


def _include(codes: Codes, more: Mapping[int, tuple[str, ...]]) -> None:
    for status, names in more.items():
        codes[status].update(names)


def declare(view: Callable[..., Any], status: int, codes: Iterable[str]) -> None:
    """Remember the codes of a feature's own rules on its view."""
    known: Codes = getattr(view, "kehu_problems", {})
    view.kehu_problems = {**known, status: known.get(status, set()) | set(codes)}  # type: ignore[attr-defined]
