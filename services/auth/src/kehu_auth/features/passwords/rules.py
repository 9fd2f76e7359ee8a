"""Rules of passwords."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from kehu_chassis.problems import invalid

MINIMUM, MAXIMUM = 8, 128

# Ten guesses in a quarter of an hour would find a weaker one within a year.
_GUESSES = 10**6
_ESTIMATED = 64  # characters; the estimate takes longer than the hash for many more
# What people write before a year or an exclamation mark, beside the most common passwords.
_WORDS = frozenset({
    "kehu", "crm", "admin", "administrator", "root", "user", "guest", "test", "demo", "password",
    "passwd", "pass", "welcome", "hello", "login", "secret", "company", "mima", "guanli",
    "guanliyuan", "xitong", "gongsi", "客户", "客户管理", "管理系统", "管理员", "密码", "公司",
})  # fmt: skip


def normalise(password: str) -> str:
    """The form that is hashed: the same characters typed on another keyboard are equal."""
    return unicodedata.normalize("NFKC", password)


def same(one: str, other: str) -> bool:
    """Whether two passwords differ at most in width, case, spaces or invisible characters."""
    return _unspaced(one) == _unspaced(other)


def _unspaced(password: str) -> str:
    return "".join(_plain(password).split())


def check(password: str, *, names: Iterable[str | None], field: str) -> None:
    """Refuse, with 422 about ``field``, a password that is too short or soon guessed.

    ``names`` are the user's: user name, display name, e-mail address, phone number.
    """
    plain = _plain(password)
    if len(plain) < MINIMUM or len(password) > MAXIMUM:
        raise invalid(f"/{field}", "wrong-length", min=MINIMUM, max=MAXIMUM)
    if plain in _common():
        raise invalid(f"/{field}", "password-too-common")
    own = _parts(names)
    letters = _letters(plain)
    if any(_consists_of(each, own | _words()) for each in (letters, letters[::-1])):
        is_own = any(_consists_of(each, own) for each in (letters, letters[::-1]))
        raise invalid(f"/{field}", "password-is-username" if is_own else "password-too-common")
    if _guesses(plain, own) < _GUESSES:
        raise invalid(f"/{field}", "password-too-common")


def _plain(password: str) -> str:
    visible = "".join(c for c in normalise(password) if unicodedata.category(c)[0] != "C")
    return normalise(visible.casefold()).strip()


def _letters(plain: str) -> str:
    return "".join(filter(str.isalpha, plain))


@cache
def _common() -> frozenset[str]:
    """The most common passwords of sufficient length, as they are guessed first."""
    return frozenset((Path(__file__).parent / "common.txt").read_text().split())


@cache
def _words() -> frozenset[str]:
    known = {letters for each in _common() if len(letters := _letters(each)) >= 3}
    return _WORDS | known


def _parts(names: Iterable[str | None]) -> frozenset[str]:
    """The words in names, and each name as one word; of Chinese names also the pinyin."""
    found: set[str] = set()
    for name in filter(None, names):
        own = _plain(name).partition("@")[0]
        for spelling in (own, *_pinyin(own)):
            found.update("".join(c if c.isalpha() else " " for c in spelling).split())
            found.add(_letters(spelling))
    return frozenset(found - {""})


def _pinyin(text: str) -> list[str]:
    if text.isascii():
        return []
    # Imported when first needed, as it takes some time; so is zxcvbn.
    from pypinyin import lazy_pinyin

    return [" ".join(lazy_pinyin(text))]


def _consists_of(text: str, words: Iterable[str]) -> bool:
    """Whether a text is one of the words, or several of them."""
    ends = {0} if text else set()
    for start in range(len(text)):
        if start in ends:
            ends.update(start + len(word) for word in words if text.startswith(word, start))
    return len(text) in ends


def _guesses(plain: str, own: Iterable[str]) -> float:
    from zxcvbn import zxcvbn

    inputs = sorted({*own, *_WORDS})
    return float(zxcvbn(plain[:_ESTIMATED], user_inputs=inputs)["guesses"])
