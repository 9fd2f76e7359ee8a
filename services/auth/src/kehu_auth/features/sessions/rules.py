"""When a session is over."""

from datetime import datetime
from typing import Any

from kehu_auth.lifetimes import SESSION_IDLE


def is_over(login: Any, now: datetime) -> bool:
    """Whether a session was ended, was left idle, or has reached its age."""
    return (
        login.ended_at is not None
        or login.expires_at <= now
        or login.last_used_at + SESSION_IDLE <= now
    )
