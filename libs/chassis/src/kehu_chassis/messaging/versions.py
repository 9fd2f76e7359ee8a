"""The version of each record in a service, so that owners and readers can be compared.

A service prints the versions of the records that it publishes and mirrors, ordered by event type
and subject, so that a comparison need not hold all of them in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, Text, cast, select
from sqlalchemy.orm import Session

OWNER: Literal["owner"] = "owner"
READER: Literal["reader"] = "reader"
_AT_ONCE = 1000


@dataclass(frozen=True)
class Versions:
    """The versions of the records of one event type, in their owner or a reader.

    ``rows`` selects subject, version and, if records leave tombstones, whether it is one.
    """

    type: str
    side: Literal["owner", "reader"]
    rows: Select[*tuple[Any, ...]]


def owned(event_type: str, rows: Select[*tuple[Any, ...]]) -> Versions:
    """The versions of records that this service publishes."""
    return Versions(event_type, OWNER, rows)


def known(event_type: str, rows: Select[*tuple[Any, ...]]) -> Versions:
    """The versions of records that this service mirrors."""
    return Versions(event_type, READER, rows)


def lines(session: Session, declared: Iterable[Versions]) -> Iterator[str]:
    """One JSON text a line: ``{"type", "side"}``, then ``[subject, version]`` of each record, or
    ``[subject, version, true]`` of one that was deleted."""
    for each in sorted(declared, key=lambda each: each.type):
        yield json.dumps({"type": each.type, "side": each.side})
        for row in session.execute(_sorted(each.rows)):
            yield json.dumps([*row[:2], True] if any(row[2:]) else list(row[:2]))


def _sorted(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    found = rows.subquery()
    subject, *others = found.c
    # By code points, as Python compares texts, whatever the database's collation.
    text = cast(subject, Text).collate("C")
    return select(text, *others).order_by(text).execution_options(yield_per=_AT_ONCE)
