"""Outcomes of churn warnings.  Pure: no framework here."""

from collections.abc import Mapping
from typing import Any

OPEN = "open"
REPRIEVED = "reprieved"
CONFIRMED = "confirmed"
RECOVERED = "recovered"
STATES = (OPEN, REPRIEVED, CONFIRMED, RECOVERED)


def rescue(counts: Mapping[str, int], reprieved_not_lost: int) -> dict[str, Any]:
    """Counts of warnings by state and how many of them were rescued: those that recovered, and
    those under reprieve whose customer is not lost."""
    opened = sum(counts.values())
    rescued = counts.get(RECOVERED, 0) + reprieved_not_lost
    return {state: counts.get(state, 0) for state in STATES} | {
        "opened": opened,
        "rescued": rescued,
        "rescue_rate": round(rescued / opened, 6) if opened else None,
    }
