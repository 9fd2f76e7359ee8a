"""When a customer is due a warning, and which transitions a warning allows."""

import calendar
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from kehu_chassis import clock
from kehu_chassis.problems import Problem

KINDS = ("inactive", "never_ordered")
STATES = ("open", "reprieved", "confirmed", "recovered")
ACTIVE = ("open", "reprieved")
SCAN_STATES = ("queued", "running", "done")

# The states in which each transition is allowed.
TRANSITIONS = {"reprieve": ACTIVE, "confirm": ACTIVE}


def cut_off(as_of: date, months: int) -> date:
    """The same day some calendar months before, or the last day of that month if it is shorter."""
    year, month = divmod(as_of.year * 12 + as_of.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(as_of.day, last))


def months_of(customer: Any, months: int, by_level: Mapping[str, int]) -> int:
    """The months without order before a warning: the customer's, its level's, or the default."""
    return customer.churn_months or by_level.get(customer.level) or months


def kind_due(customer: Any, last_order_on: date | None, cut_off_on: date) -> str | None:
    """The kind of warning that a customer is due; None if it is not."""
    if last_order_on is not None:
        return "inactive" if last_order_on < cut_off_on else None
    if customer.is_prospect or clock.local_day(customer.created_at) >= cut_off_on:
        return None
    return "never_ordered"


def measure_due_on(state: str, opened_at: datetime, days: int) -> date | None:
    """The day by which the first measure is due; None once there is one."""
    return clock.local_day(opened_at + timedelta(days=days)) if state == "open" else None


def require_reprieved(_actor: Any, warning: Any) -> None:
    """Refuse with 409 to confirm a loss before a measure was taken."""
    if warning.state == "open":
        raise Problem(409, "not-reprieved", params={"state": warning.state})
