"""Churn warnings, for those who must act on them."""

from typing import Any
from uuid import UUID

from kehu_chassis.messaging.events import Event

_PUBLIC = (
    "id",
    "customer_id",
    "customer_number",
    "customer_name",
    "manager_id",
    "kind",
    "state",
    "last_order_on",
    "cut_off_on",
    "opened_at",
    "closed_at",
    "next_review_on",
)


def warned(warning: Any, scan_id: UUID | None = None) -> Event:
    """A warning was opened, by a scan or by a report of the sales system."""
    return _event("customer.churn-warned.v1", warning, scan_id=scan_id)


def changed(warning: Any) -> Event:
    """A warning changed."""
    return _event("customer.churn-warning-changed.v1", warning)


def unattended(warning: Any) -> Event:
    """Nobody has taken a measure on a warning in time."""
    return _event("customer.churn-warning-unattended.v1", warning)


def _event(name: str, warning: Any, **more: Any) -> Event:
    data = {field: getattr(warning, field) for field in _PUBLIC}
    return Event(name, str(warning.id), warning.version, data | more)
