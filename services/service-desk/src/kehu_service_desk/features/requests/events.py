"""What the service desk tells the other services about requests."""

from typing import Any

from kehu_chassis.messaging.events import Event

_STATE = (
    "id", "number", "type", "summary", "customer_id", "status", "priority", "created_by",
    "created_at", "assignee_id", "assigned_at", "handled_at", "satisfaction", "rounds",
    "archived_at", "close_reason",
)  # fmt: skip


def changed(request: Any) -> Event:
    """The whole public state, after every change."""
    return Event(
        type="service-desk.request-changed.v1",
        subject=str(request.id),
        version=request.version,
        data={name: getattr(request, name) for name in _STATE},
    )
