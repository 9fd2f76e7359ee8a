"""Optimistic concurrency over HTTP: If-Match names the version to change.

An ETag is ``"<version>-<digest>"`` (`web.etags`); only its version counts here, as the digest also
covers what is no part of the record. ``"<version>"`` alone is accepted, too.

The edge reads If-Match; the use case calls :func:`check` with the record it has locked. The edge
then verifies the check: a request that requires If-Match fails if none was made.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from kehu_chassis.problems import Problem, stale_version

_TAG = re.compile(r'^(?:W/)?"(\d{1,18})(?:-[0-9a-f]+)?"$')


class Versioned(Protocol):
    """A record with a version."""

    version: int


@dataclass
class Precondition:
    """The version that a request wants to change."""

    versions: frozenset[int] | None = None  # None: no If-Match, or "*"
    checked: bool = field(default=False)


current: ContextVar[Precondition | None] = ContextVar("precondition", default=None)


def read(header: str | None, *, required: bool) -> Precondition:
    """The precondition of a request; 428 if it is required and missing."""
    if header is None:
        if required:
            raise Problem(428, "precondition-required")
        return Precondition()
    if header.strip() == "*":
        return Precondition()
    matches = [_TAG.match(part.strip()) for part in header.split(",")]
    # A tag in another format cannot be the current one.
    return Precondition(frozenset(int(match.group(1)) for match in matches if match))


def check(record: Versioned) -> None:
    """Raise 412 if the request named another version of this (locked) record."""
    precondition = current.get()
    if precondition is None:
        return
    precondition.checked = True
    if precondition.versions is not None and record.version not in precondition.versions:
        raise stale_version()
