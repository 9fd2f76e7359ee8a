"""Which coding of a file a client gets, by its Accept-Encoding (RFC 9110, 12.5.3)."""

from __future__ import annotations

import re
from collections.abc import Collection

CODINGS = ("br", "gzip", "identity")  # the first of equally welcome ones is taken
_PART = re.compile(
    r"\s*([a-z0-9!#$%&'*+.^_`|~-]+)\s*(?:;\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?"
)


def choose(accepted: str | None, available: Collection[str]) -> str:
    """The most welcome of the available codings; the plain file if none is, or nothing is said."""
    qualities = _qualities(accepted or "")
    # A plain file is acceptable unless it is excluded, and then least of all.
    least = {"identity": 0.0001}
    welcome = {
        coding: qualities.get(coding, qualities.get("*", least.get(coding, 0.0)))
        for coding in CODINGS
        if coding in available
    }
    best = max(welcome, key=lambda coding: welcome[coding])
    return best if welcome[best] > 0 else "identity"


def _qualities(header: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in header.lower().split(","):
        match = _PART.fullmatch(part)
        if match is not None:
            found[match[1].replace("x-gzip", "gzip")] = float(match[2] or 1)
    return found
