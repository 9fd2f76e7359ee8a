"""Pages of aggregated rows, in the shape of every other list.

The lists of records page by key (``kehu_chassis.data.listing``).  Rows of an aggregate have no key
to continue from: each page computes the whole aggregate, so counting rows costs nothing more.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Integer, Text
from kehu_chassis.data.listing import COUNT_CAP, DEFAULT_LIMIT, MAX_LIMIT
from kehu_chassis.problems import Problem

MAX_ROWS = 100_000  # of a file


def fields(sorts: Sequence[str], default: str) -> dict[str, ma.fields.Field[Any]]:
    """The query parameters ``limit``, ``cursor`` and ``sort``."""
    directions = [name for sort in sorts for name in (sort, f"-{sort}")]
    return {
        "limit": Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT)),
        "cursor": Text(max_length=500),
        "sort": ma.fields.String(load_default=default, validate=validate.OneOf(directions)),
    }


def row_limit(args: Mapping[str, Any]) -> int:
    """How many rows to fetch: those of a page or, for an export, which has no pages, of a file."""
    return int(args.get("limit", MAX_ROWS))


def offset_of(args: Mapping[str, Any]) -> int:
    """Where the page begins; 422 for a cursor of another query."""
    if "cursor" not in args:
        return 0
    try:
        raw = base64.urlsafe_b64decode(args["cursor"] + "=" * (-len(args["cursor"]) % 4))
        mark, offset = json.loads(raw)
    except (ValueError, TypeError, RecursionError):
        raise Problem(422, "invalid-cursor") from None
    if mark != _fingerprint(args) or type(offset) is not int or not 0 <= offset < 2**31:
        raise Problem(422, "invalid-cursor")
    return offset


def next_cursor(args: Mapping[str, Any], shown: int, total: int) -> str | None:
    """The cursor behind a page of ``shown`` rows; None at the end."""
    reached = offset_of(args) + shown
    if reached >= total or not shown:
        return None
    raw = json.dumps([_fingerprint(args), reached]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def counted(args: Mapping[str, Any], total: int) -> dict[str, Any]:
    """``total`` and ``total_capped`` as every list has them, on its first page only."""
    if offset_of(args):
        return {"total": None, "total_capped": None}
    return {"total": min(total, COUNT_CAP), "total_capped": total > COUNT_CAP}


def listing_args(args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments for a list of records, which as a file has all rows on its one page."""
    return {**args, "limit": row_limit(args)}


def _fingerprint(args: Mapping[str, Any]) -> str:
    relevant = {key: str(value) for key, value in args.items() if key not in ("cursor", "limit")}
    return hashlib.sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()[:16]
