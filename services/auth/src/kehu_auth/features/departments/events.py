"""What departments tell the other services."""

from typing import Any

from kehu_chassis.messaging.events import Event


def changed(department: Any) -> Event:
    """The whole public state, after every change."""
    return Event(
        type="auth.department-changed.v1",
        subject=str(department.id),
        version=department.version,
        data={
            "id": department.id,
            "name": department.name,
            "parent_id": department.parent_id,
        },
    )


def deleted(department: Any) -> Event:
    """It is gone; one version past its last state."""
    return Event(
        type="auth.department-deleted.v1",
        subject=str(department.id),
        version=department.version + 1,
        data={"id": department.id},
    )
