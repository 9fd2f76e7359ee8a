"""What users tell the other services."""

from typing import Any

from kehu_chassis.messaging.events import Event

_STATE = (
    "id", "username", "display_name", "email", "roles", "department_id", "regions", "industries",
    "locale", "enabled",
)  # fmt: skip


def changed(user: Any) -> Event:
    """The whole public state, after every change of it."""
    return Event(
        type="auth.user-changed.v1",
        subject=str(user.id),
        version=user.version,
        data={name: getattr(user, name) for name in _STATE},
    )
