"""Counting attempts in the database, so that all processes count together.

An attempt is counted *before* it is made: fifty at once cannot pass a limit of ten.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kehu_auth.features.throttle import rules
from kehu_auth.features.throttle.models import Attempts
from kehu_auth.features.throttle.rules import ACCOUNT, ADDRESS, OLD_PASSWORD, Limit, State
from kehu_chassis import clock
from kehu_chassis.data.database import delete_some
from kehu_chassis.problems import Problem

__all__ = [
    "ACCOUNT", "ADDRESS", "OLD_PASSWORD",
    "begin", "forget", "host_of", "network_of", "purge", "undo",
]  # fmt: skip

_KEPT = timedelta(days=1)


def begin(session: Session, limit: Limit, *parts: str) -> None:
    """Count an attempt; 429 with Retry-After while none is allowed."""
    row = _locked(session, limit, parts)
    now = clock.now()
    pause = rules.wait(_state(row), now)
    if pause is not None:
        seconds = math.ceil(pause.total_seconds())
        raise Problem(
            429,
            "too-many-requests",
            params={"seconds": seconds},
            headers={"Retry-After": str(seconds)},
        )
    _store(row, rules.after_attempt(limit, _state(row), now))


def undo(session: Session, limit: Limit, *parts: str) -> None:
    """Uncount a successful attempt."""
    row = _locked(session, limit, parts)
    _store(row, rules.after_success(limit, _state(row)))


def forget(session: Session, limit: Limit, *parts: str) -> None:
    """Forget all attempts under a key."""
    session.execute(delete(Attempts).where(Attempts.key == _key(limit, parts)))


def purge(session: Session) -> int:
    """Delete some old attempts; returns how many."""
    return delete_some(session, Attempts, Attempts.last_at < clock.now() - _KEPT)


def host_of(address: str) -> str:
    """The network of one machine: an IPv4 address, or a whole /64 of IPv6."""
    return _network(address, ipv4=32)


def network_of(address: str) -> str:
    """The network within which an attacker changes addresses easily."""
    return _network(address, ipv4=24)


def _network(address: str, *, ipv4: int) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    prefix = ipv4 if parsed.version == 4 else 64
    return str(ipaddress.ip_network((parsed, prefix), strict=False))


def _locked(session: Session, limit: Limit, parts: tuple[str, ...]) -> Attempts:
    row = insert(Attempts).values(key=_key(limit, parts), attempts=0)
    # An update that changes nothing: it makes the row or locks it, in one statement.
    locked = row.on_conflict_do_update(index_elements=["key"], set_={"key": row.excluded.key})
    fresh = {"populate_existing": True}
    return session.scalars(locked.returning(Attempts), execution_options=fresh).one()


def _key(limit: Limit, parts: tuple[str, ...]) -> str:
    text = "\x00".join((limit.name, *parts))
    return f"{limit.name}:{hashlib.sha256(text.encode()).hexdigest()}"


def _state(row: Attempts) -> State:
    return State(row.attempts, row.last_at, row.blocked_until)


def _store(row: Attempts, state: State) -> None:
    row.attempts, row.last_at, row.blocked_until = (
        state.attempts,
        state.last_at,
        state.blocked_until,
    )
