"""How much a saved view may contain, and whose it is."""

import json
from typing import Any

from kehu_chassis.actor import Actor

# What its creator may change; a view is of one list for good.
FIELDS = ("name", "filters", "sort", "columns")
MAX_PER_PERSON = 200
MAX_COLUMNS = 60
MAX_FILTERS = 4_000  # bytes as JSON


def fits(filters: Any) -> bool:
    """Whether filters are small enough to be kept."""
    return len(json.dumps(filters, ensure_ascii=False).encode()) <= MAX_FILTERS


def is_own(actor: Actor, view: Any) -> bool:
    """Whether a view is the caller's own."""
    return bool(view.created_by == actor.id)
