"""Rules of users, and which changes void tokens."""

import re
from typing import Any

from kehu_chassis.data.search import normalise
from kehu_chassis.problems import invalid, wrong_state

LOCALES = ("zh", "en")

# A token carries the names of a user's roles and must stay small.
MAX_ROLES = 8

_USERNAME = re.compile(r"[\w.@+-]{1,64}")

# Role names and department stand in the access token: it is void when they change.
IN_TOKEN = ("roles", "department_id")


def require_enabled(_actor: Any, user: Any) -> None:
    """Refuse with 409 to disable a user who is disabled."""
    if not user.enabled:
        raise wrong_state("user", "disabled")


def require_disabled(_actor: Any, user: Any) -> None:
    """Refuse with 409 to enable a user who is enabled."""
    if user.enabled:
        raise wrong_state("user", "enabled")


def username(given: str) -> str:
    """The form in which a user name is kept and compared; 422 if it cannot be one."""
    name = normalise(given)
    if not _USERNAME.fullmatch(name):
        raise invalid("/username", "bad-username")
    return name


def sorted_once(names: list[str]) -> list[str]:
    """The same names, each once, in order, so that equal sets are equal lists."""
    return sorted(set(names))
