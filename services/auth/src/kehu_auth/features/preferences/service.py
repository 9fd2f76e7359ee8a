"""Reading and changing one's own preferences."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_auth.features.preferences import rules
from kehu_auth.features.preferences.models import Preferences
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.problems import invalid
from kehu_chassis.records import precondition


def get(session: Session, actor: Actor) -> Preferences:
    """The caller's preferences; the defaults if they never changed any."""
    return of(session, actor.id)


def of(session: Session, user_id: UUID) -> Preferences:
    """The same of a user who is no caller yet."""
    return session.get(Preferences, user_id) or _default(user_id)


def change(
    session: Session, actor: Actor, *, columns: dict[str, Any] | None = None, **changes: Any
) -> Preferences:
    """Change some of the caller's preferences; the columns of lists not named stay."""
    advisory_lock(session, f"preferences:{actor.id}")
    found = get(session, actor)
    precondition.check(found)
    kept = {name: shown for name, shown in (found.columns | (columns or {})).items() if shown}
    if len(kept) > rules.MAX_LISTS:
        raise invalid("/columns", "too-long", max=rules.MAX_LISTS)
    before = _values(found)
    found.columns = kept
    for name, value in changes.items():
        setattr(found, name, value)
    if _values(found) != before:
        found.version += 1
        session.add(found)
    return found


def _values(found: Preferences) -> tuple[Any, ...]:
    return found.theme, found.density, found.shortcuts, found.columns


def _default(user_id: UUID) -> Preferences:
    return Preferences(
        user_id=user_id,
        theme=rules.THEMES[0],
        density=rules.DENSITIES[0],
        shortcuts=rules.SHORTCUTS,
        columns={},
        version=0,
    )
