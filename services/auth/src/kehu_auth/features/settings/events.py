"""The events of settings."""

from typing import Any

from kehu_chassis.messaging.events import Event


def changed(row: Any) -> Event:
    """The present value; published after every change."""
    return Event(
        type="auth.setting-changed.v1",
        subject=row.key,
        version=row.version,
        data={"key": row.key, "value": row.value},
    )
