"""Hashing passwords with argon2id, and checking them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from kehu_auth.features.passwords import rules
from kehu_chassis.problems import dependency_down

T = TypeVar("T")

# OWASP's second choice of parameters: 19 MiB, two passes.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Each hash takes memory and a core: many at once must not take down the rest of the process.
PARALLEL = 2
_WAIT_SECONDS = 10.0
_slots = threading.BoundedSemaphore(PARALLEL)

# The hash of a random password that nobody knows: an unknown name takes as long as a known one.
DUMMY = (
    "$argon2id$v=19$m=19456,t=2,p=1$RfcOmDDo/YTZN7uGO"
    "np/NA$oyCzOnTYMHC28/SCb67rorX0vrYH1R/+MKdyIbpDJKc"
)


def check_new(password: str, *, username: str, field: str) -> None:
    """422 about ``field`` if it is not a good password."""
    rules.check(password, username=username, field=field)


def hash_new(password: str, *, username: str, field: str = "password") -> str:
    """The hash of a new password; 422 about ``field`` if it is not a good one."""
    check_new(password, username=username, field=field)
    return _in_turn(lambda: _hasher.hash(rules.normalise(password)))


def verify(password: str, kept: str | None) -> bool:
    """Whether a password matches a hash; takes the same time without one."""
    fits = _in_turn(lambda: _fits(password, kept or DUMMY))
    return fits and kept is not None


def _fits(password: str, kept: str) -> bool:
    try:
        return _hasher.verify(kept, rules.normalise(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def _in_turn(work: Callable[[], T]) -> T:
    if not _slots.acquire(timeout=_WAIT_SECONDS):
        raise dependency_down("sign-in")
    try:
        return work()
    finally:
        _slots.release()
