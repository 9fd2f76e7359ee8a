"""Optimistic concurrency over HTTP: ETag is ``"<version>"``, If-Match names the version changed.

The edge reads If-Match; the use case calls :func:`check` with the record it has locked.  The edge
then sees to it that nobody forgot: a request that must carry If-Match fails if nothing was checked.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from kehu_chassis.problems import Problem, stale_version

_TAG = re.compile(r'^(?:W/)?"(\d{1,18})"$')


class Versioned(Protocol):
    """A record with a version."""

    version: int


@dataclass
class Precondition:
    """The version that a request wants to change."""

    versions: frozenset[int] | None = None  # None: it names none, or "*"
    checked: bool = field(default=False)


current: ContextVar[Precondition | None] = ContextVar("precondition", default=None)


def read(header: str | None, *, required: bool) -> Precondition:
    """The precondition of a request; 428 if it must say one and does not."""
    if header is None:
        if required:
            raise Problem(428, "precondition-required")
        return Precondition()
    if header.strip() == "*":
        return Precondition()
    matches = [_TAG.match(part.strip()) for part in header.split(",")]
    # A tag in another form than ours cannot be the current one.
    return Precondition(frozenset(int(match.group(1)) for match in matches if match))


def check(record: Versioned) -> None:
    """Refuse with 412 if the request named another version of this (locked) record."""
    precondition = current.get()
    if precondition is None:
        return
    precondition.checked = True
    if precondition.versions is not None and record.version not in precondition.versions:
        raise stale_version()
