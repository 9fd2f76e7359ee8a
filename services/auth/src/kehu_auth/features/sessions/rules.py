"""Where a session is used from, and when it is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kehu_auth.lifetimes import BROWSER_SESSION_IDLE, REFRESH_GRACE, SESSION_IDLE


@dataclass(frozen=True)
class Origin:
    """From where a session is used: the client's address and how its program calls itself."""

    address: str | None
    device: str | None


def is_over(login: Any, now: datetime) -> bool:
    """Whether a session was ended, was left idle, or has reached its age."""
    return (
        login.ended_at is not None
        or login.expires_at <= now
        or login.last_used_at + _idle(login) <= now
    )


def _idle(login: Any) -> timedelta:
    return SESSION_IDLE if login.secret_hash is None else BROWSER_SESSION_IDLE


def in_grace(used_at: datetime, last_use: datetime | None, now: datetime) -> bool:
    """Whether a used token may give another successor: it was used last, and just now."""
    return used_at == last_use and now <= used_at + REFRESH_GRACE
