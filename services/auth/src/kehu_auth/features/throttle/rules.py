"""How many attempts are free, and how long to wait after more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """``free`` attempts, then a pause that doubles with each further one up to ``longest``.

    All is forgotten ``memory`` after the last attempt or pause.
    """

    name: str
    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta


# Guessing one account from one network; the owner elsewhere is not locked out by it.
ACCOUNT = Limit("account", 10, timedelta(minutes=1), timedelta(minutes=15), timedelta(minutes=15))
# Guessing many accounts from one address, behind which a whole office may sit.
ADDRESS = Limit("address", 100, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
# Guessing on a device that the person is known to use, whatever others guess elsewhere.
DEVICE = Limit("device", 10, timedelta(minutes=1), timedelta(minutes=15), timedelta(minutes=15))
# Guessing the old password with a stolen access token.
OLD_PASSWORD = Limit(
    "old-password", 5, timedelta(minutes=1), timedelta(minutes=15), timedelta(minutes=15)
)


@dataclass(frozen=True)
class State:
    """The count of earlier attempts."""

    attempts: int = 0
    last_at: datetime | None = None
    blocked_until: datetime | None = None


def wait(state: State, now: datetime) -> timedelta | None:
    """How long no attempt is allowed, or None if one is."""
    if state.blocked_until is None or state.blocked_until <= now:
        return None
    return state.blocked_until - now


def after_attempt(limit: Limit, state: State, now: datetime) -> State:
    """The state after an attempt has begun; its outcome is not known yet."""
    last = max(filter(None, (state.last_at, state.blocked_until)), default=None)
    forgotten = last is None or last + limit.memory < now
    attempts = 1 if forgotten else state.attempts + 1
    return State(attempts, now, _pause(limit, attempts, now))


def after_success(limit: Limit, state: State) -> State:
    """The state after a successful attempt, which does not count."""
    attempts = max(0, state.attempts - 1)
    still_too_many = attempts >= limit.free
    return State(attempts, state.last_at, state.blocked_until if still_too_many else None)


def _pause(limit: Limit, attempts: int, now: datetime) -> datetime | None:
    excess = attempts - limit.free
    if excess < 0:
        return None
    return now + min(limit.first * 2 ** min(excess, 16), limit.longest)
