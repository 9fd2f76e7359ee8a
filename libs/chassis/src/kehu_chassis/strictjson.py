"""Strict parsing of JSON from callers, so that later code never meets what it cannot process."""

from __future__ import annotations

import json
from typing import Any

MAX_DEPTH = 64


class NotJson(ValueError):
    """The bytes are not JSON in UTF-8."""


class Unstorable(ValueError):
    """JSON that PostgreSQL cannot store, or nested so deep that code walking it would fail."""


def read(raw: bytes) -> Any:
    """Parse a JSON text; raises :class:`NotJson` or :class:`Unstorable`."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, parse_constant=_reject)
    except (ValueError, RecursionError) as error:
        raise NotJson(type(error).__name__) from None
    # Only escapes can produce NUL and lone surrogates, so most texts need no walk.
    if ("\\u" in text or text.count("[") + text.count("{") > MAX_DEPTH) and not storable(value):
        raise Unstorable(f"has a NUL or a lone surrogate, or is nested over {MAX_DEPTH} levels")
    return value


def storable(value: Any) -> bool:
    """Whether PostgreSQL can store every text in a JSON value and it is not nested too deep."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if not all(_storable_text(item) for item in level if isinstance(item, str)):
            return False
        level = [child for item in level for child in _children(item)]
        if not level:
            return True
    return False


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _storable_text(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _reject(name: str) -> Any:
    raise ValueError(name)
