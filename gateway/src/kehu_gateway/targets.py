"""Checks a request target before anything else is decided about it.

A path that two parsers could read differently (encoded slashes, dots, empty segments) is refused
rather than normalised: the gateway authorises exactly the bytes that it forwards.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from kehu_chassis.problems import Problem

# Dot segments (also before a path parameter), empty segments, encoded "/", "\" and ".", broken
# escapes, backslashes, anything but printable ASCII, and the delimiters of other parts.
_AMBIGUOUS = re.compile(
    r"//|/\.{1,2}(?:[/;]|$)|%(?:2f|5c|2e)|%(?![0-9a-f]{2})|[\\#?]|[^\x21-\x7e]", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")


class Target(NamedTuple):
    """A request target: as sent, and its path decoded once."""

    raw: str
    path: str


def parse(raw: str) -> Target:
    """Split and check the request target; Problem 400 unless it can be read in one way only."""
    if not raw.startswith("/"):
        # Absolute, authority and asterisk form could name a host other than ours.
        raise Problem(400, "bad-target")
    raw_path = raw.partition("?")[0]
    if "#" in raw or _AMBIGUOUS.search(raw_path):
        raise Problem(400, "ambiguous-path")
    if "%" not in raw_path:
        return Target(raw, raw_path)
    try:
        path = unquote_to_bytes(raw_path).decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "ambiguous-path") from None
    if _CONTROL.search(path):
        raise Problem(400, "ambiguous-path")
    return Target(raw, path)
