"""Hashing passwords with argon2id, and checking them.

Hashing is slow on purpose, and whoever waits for it holds a thread of the process.  So only a few
requests may hash or wait at once, in their *places*; all others are refused at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from kehu_auth import environment
from kehu_auth.features.passwords import rules
from kehu_chassis.problems import Problem

T = TypeVar("T")

# What clients may tell people beforehand.
RULE = {"min_length": rules.MINIMUM, "max_length": rules.MAXIMUM}

# OWASP's second choice of parameters: 19 MiB, two passes.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Each hash takes memory and a core: many at once must not take down the rest of the process.
PARALLEL = 2
RETRY_AFTER = 1

# The hash of a random password that nobody knows: an unknown name takes as long as a known one.
DUMMY = (
    "$argon2id$v=19$m=19456,t=2,p=1$RfcOmDDo/YTZN7uGO"
    "np/NA$oyCzOnTYMHC28/SCb67rorX0vrYH1R/+MKdyIbpDJKc"
)


class Places:
    """Half of a process's threads for passwords, so that the other half serves all else."""

    def __init__(self, threads: int) -> None:
        count = max(1, threads // 2)
        self._places = threading.BoundedSemaphore(count)
        self._hashing = threading.BoundedSemaphore(min(PARALLEL, count))
        self._held = threading.local()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold a place until the end of the block; 503 with Retry-After at once if all are taken.

        A thread that holds one keeps it within.
        """
        if getattr(self._held, "here", False):
            yield
            return
        if not self._places.acquire(blocking=False):
            raise Problem(503, "sign-in-busy", headers={"Retry-After": str(RETRY_AFTER)})
        self._held.here = True
        try:
            yield
        finally:
            self._held.here = False
            self._places.release()

    def hash(self, work: Callable[[], T]) -> T:
        """Run work on a hash: a few at once, the others wait in their places."""
        with self.hold(), self._hashing:
            return work()


@cache
def places() -> Places:
    """The places of this process."""
    return Places(environment.threads())


def same(one: str, other: str) -> bool:
    """Whether two passwords are one in other spellings: width, case, invisible characters."""
    return rules.same(one, other)


def check_new(password: str, *, names: Iterable[str | None], field: str) -> None:
    """422 about ``field`` if it is not a good password; ``names`` are those of its user."""
    rules.check(password, names=names, field=field)


def hash_new(password: str, *, names: Iterable[str | None], field: str = "password") -> str:
    """The hash of a new password; 422 about ``field`` if it is not a good one."""
    with places().hold():
        check_new(password, names=names, field=field)
        return places().hash(lambda: _hasher.hash(rules.normalise(password)))


def verify(password: str, kept: str | None) -> bool:
    """Whether a password matches a hash; takes the same time without one."""
    fits = places().hash(lambda: _fits(password, kept or DUMMY))
    return fits and kept is not None


def _fits(password: str, kept: str) -> bool:
    try:
        return _hasher.verify(kept, rules.normalise(password))
    except (VerifyMismatchError, InvalidHashError):
        return False
