"""Rules of passwords."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from kehu_chassis.problems import invalid

MINIMUM, MAXIMUM = 8, 128

# The most common ones of sufficient length, in any case, as they are guessed first.
_COMMON = frozenset((Path(__file__).parent / "common.txt").read_text().split())


def normalise(password: str) -> str:
    """The form that is hashed: the same characters typed on another keyboard are equal."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, username: str, field: str) -> None:
    """Refuse, with 422 about ``field``, a password that is too short, too common or the name."""
    if not MINIMUM <= len(password) <= MAXIMUM:
        raise invalid(f"/{field}", "wrong-length", min=MINIMUM, max=MAXIMUM)
    plain = normalise(password).casefold()
    if plain in _COMMON or len(set(plain)) == 1:
        raise invalid(f"/{field}", "password-too-common")
    if username.casefold() in (plain, plain[::-1]):
        raise invalid(f"/{field}", "password-is-username")
