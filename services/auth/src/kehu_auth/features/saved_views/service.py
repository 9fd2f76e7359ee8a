"""Saved views: one's own, and those shared with one's role or department.

A view gives no access: whoever opens it sees the rows they may see.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kehu_auth.features.departments import service as departments
from kehu_auth.features.roles import service as roles
from kehu_auth.features.saved_views import rules
from kehu_auth.features.saved_views.models import DefaultView, SavedView
from kehu_auth.features.users import service as users
from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.problems import Problem, invalid, not_found
from kehu_chassis.records import precondition

VIEWS = Listing(
    SavedView, filters=("list_name",), sorts=("name", "created_at"), default_sort="name"
)


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of the views that the caller may use."""
    page = VIEWS.page(session, select(SavedView).where(_usable(session, actor)), args)
    defaults = _defaults(session, actor)
    return page.map(lambda view: _shown(view, defaults))


def get(session: Session, actor: Actor, view_id: UUID) -> SimpleNamespace:
    """One view that the caller may use."""
    return _show(session, actor, _find(session, actor, view_id))


def create(session: Session, actor: Actor, **form: Any) -> SimpleNamespace:
    """Save a view for oneself."""
    advisory_lock(session, f"saved-views:{actor.id}")
    mine = select(func.count()).where(SavedView.created_by == actor.id)
    if (session.scalar(mine) or 0) >= rules.MAX_PER_PERSON:
        raise Problem(409, "too-many-views", params={"max": rules.MAX_PER_PERSON})
    view = SavedView(**form)
    session.add(view)
    session.flush()
    return _show(session, actor, view)


def update(session: Session, actor: Actor, view_id: UUID, **changes: Any) -> SimpleNamespace:
    """Change one of one's own views, for all with whom it is shared."""
    view = _lock_own(session, actor, view_id)
    for name, value in changes.items():
        setattr(view, name, value)
    return _show(session, actor, view)


def delete_(session: Session, actor: Actor, view_id: UUID) -> None:
    """Delete one of one's own views, for all with whom it is shared."""
    session.delete(_lock_own(session, actor, view_id))


def share(
    session: Session,
    actor: Actor,
    view_id: UUID,
    *,
    shared_with_role: str | None = None,
    shared_with_department_id: UUID | None = None,
) -> SimpleNamespace:
    """Share one of one's own views with everybody in a role, or in a department and below it."""
    view = _lock_own(session, actor, view_id)
    if (shared_with_role is None) == (shared_with_department_id is None):
        raise invalid("/shared_with_role", "role-or-department")
    if shared_with_role is not None:
        roles.require_one(session, shared_with_role, field="shared_with_role")
    if shared_with_department_id is not None:
        departments.require(session, shared_with_department_id, field="shared_with_department_id")
    view.shared_with_role = shared_with_role
    view.shared_with_department_id = shared_with_department_id
    return _show(session, actor, view)


def unshare(session: Session, actor: Actor, view_id: UUID) -> SimpleNamespace:
    """Keep one of one's own views to oneself again."""
    view = _lock_own(session, actor, view_id)
    view.shared_with_role = view.shared_with_department_id = None
    return _show(session, actor, view)


def make_default(session: Session, actor: Actor, view_id: UUID) -> SimpleNamespace:
    """Open the view's list with it from now on; the last of several at once counts."""
    # Locked, so that it is not deleted meanwhile.
    view = _find(session, actor, view_id, held=True)
    row = insert(DefaultView).values(user_id=actor.id, list_name=view.list_name, view_id=view.id)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["user_id", "list_name"], set_={"view_id": row.excluded.view_id}
        )
    )
    return _show(session, actor, view)


def remove_default(session: Session, actor: Actor, view_id: UUID) -> SimpleNamespace:
    """Open the view's list without it; changes nothing if another one is the default."""
    view = _find(session, actor, view_id)
    session.execute(
        delete(DefaultView).where(DefaultView.user_id == actor.id, DefaultView.view_id == view.id)
    )
    return _show(session, actor, view)


def _usable(session: Session, actor: Actor) -> ColumnElement[bool]:
    """SQL: the caller's own views, and those shared with them by somebody who is still here."""
    above = departments.lineage(session, actor.department_id)
    shared = or_(
        SavedView.shared_with_role.in_(actor.roles),
        SavedView.shared_with_department_id.in_(above),
    )
    return or_(
        SavedView.created_by == actor.id, and_(shared, users.is_enabled(SavedView.created_by))
    )


def _find(session: Session, actor: Actor, view_id: UUID, *, held: bool = False) -> SavedView:
    found = select(SavedView).where(SavedView.id == view_id, _usable(session, actor))
    if held:
        found = found.with_for_update(of=SavedView, read=True)
    view = session.scalar(found)
    if view is None:
        raise not_found()
    return view


def _lock_own(session: Session, actor: Actor, view_id: UUID) -> SavedView:
    """One of the caller's own views, locked; 404 for others', 412 for another version."""
    view = session.get(SavedView, view_id, with_for_update=True)
    if view is None or not rules.is_own(actor, view):
        raise not_found()
    precondition.check(view)
    return view


def _defaults(session: Session, actor: Actor) -> dict[str, UUID]:
    mine = select(DefaultView.list_name, DefaultView.view_id).where(DefaultView.user_id == actor.id)
    return {row.list_name: row.view_id for row in session.execute(mine)}


def _show(session: Session, actor: Actor, view: SavedView) -> SimpleNamespace:
    return _shown(view, _defaults(session, actor))


def _shown(view: SavedView, defaults: dict[str, UUID]) -> SimpleNamespace:
    return records.show(view, is_default=defaults.get(view.list_name) == view.id)
