"""Counting attempts in the database, so that all processes count together.

An attempt is counted *before* it is made: fifty at once cannot pass a limit of ten.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kehu_auth.features.throttle import rules
from kehu_auth.features.throttle.models import Attempts
from kehu_auth.features.throttle.rules import (
    ACCOUNT,
    ADDRESS,
    DEVICE,
    OLD_PASSWORD,
    Limit,
    State,
)
from kehu_chassis import clock
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import NIL, Database, delete_some
from kehu_chassis.identity.addresses import host_of, network_of
from kehu_chassis.problems import Problem

__all__ = [
    "ACCOUNT", "ADDRESS", "DEVICE", "OLD_PASSWORD",
    "Login", "begin", "check", "forget", "purge", "undo",
]  # fmt: skip

_KEPT = timedelta(days=1)
_NOBODY = Actor(id=NIL, kind="anonymous", scope=lambda _permission: None)


def begin(session: Session, limit: Limit, *parts: str) -> None:
    """Count an attempt; 429 with Retry-After while none is allowed."""
    row = _locked(session, limit, parts)
    now = clock.now()
    _refuse_during_pause(_state(row), now)
    _store(row, rules.after_attempt(limit, _state(row), now))


def check(session: Session, limit: Limit, *parts: str) -> None:
    """The same refusal without counting, for which nothing is locked."""
    row = session.get(Attempts, _key(limit, parts))
    if row is not None:
        _refuse_during_pause(_state(row), clock.now())


def undo(session: Session, limit: Limit, *parts: str) -> None:
    """Uncount a successful attempt."""
    row = _locked(session, limit, parts)
    _store(row, rules.after_success(limit, _state(row)))


def forget(session: Session, limit: Limit, *parts: str) -> None:
    """Forget all attempts under a key."""
    session.execute(delete(Attempts).where(Attempts.key == _key(limit, parts)))


@dataclass(frozen=True)
class Login:
    """A login attempt: a name, an address, and the device if the person is known to use it."""

    name: str
    address: str
    device: str | None

    def check(self, session: Session) -> None:
        """429 while all attempts from the device or the address are refused; counts nothing."""
        if self.device is not None:
            check(session, DEVICE, self.device)
        else:
            check(session, ADDRESS, host_of(self.address))

    def begin(self, database: Database) -> None:
        """Count the attempt: for the device, or else for the address and the account.

        Each count has its own transaction: while the account is paused, only its count is rolled
        back, and the address is still counted.
        """
        if (device := self.device) is not None:
            database.run(_NOBODY, lambda session: begin(session, DEVICE, device))
            return
        host, network = host_of(self.address), network_of(self.address)
        database.run(_NOBODY, lambda session: begin(session, ADDRESS, host))
        database.run(_NOBODY, lambda session: begin(session, ACCOUNT, self.name, network))

    def succeeded(self, session: Session) -> None:
        """Do not count the attempt after all, and forget the failed ones before it."""
        if self.device is not None:
            forget(session, DEVICE, self.device)
            return
        undo(session, ADDRESS, host_of(self.address))
        forget(session, ACCOUNT, self.name, network_of(self.address))


def purge(session: Session) -> int:
    """Delete some old attempts; returns how many."""
    return delete_some(session, Attempts, Attempts.last_at < clock.now() - _KEPT)


def _refuse_during_pause(state: State, now: datetime) -> None:
    pause = rules.wait(state, now)
    if pause is not None:
        seconds = math.ceil(pause.total_seconds())
        raise Problem(
            429,
            "too-many-requests",
            params={"seconds": seconds},
            headers={"Retry-After": str(seconds)},
        )


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
