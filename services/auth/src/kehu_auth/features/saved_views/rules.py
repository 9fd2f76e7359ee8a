"""How much a saved view may contain."""

import json
from typing import Any

MAX_PER_PERSON = 200
MAX_COLUMNS = 60
MAX_FILTERS = 4_000  # bytes as JSON


def fits(filters: Any) -> bool:
    """Whether filters are small enough to be kept."""
    return len(json.dumps(filters, ensure_ascii=False).encode()) <= MAX_FILTERS
