"""The tree of departments.  It changes under one lock, so that no cycle can arise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kehu_auth.features.departments import operations
from kehu_auth.features.departments.models import Department
from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.data.search import normalise
from kehu_chassis.problems import Problem, invalid, unknown_reference

DEPARTMENTS = Listing(
    Department,
    filters=("parent_id",),
    sorts=("name", "created_at"),
    default_sort="name",
)

_TREE = "departments"


def list_(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of departments."""
    return records.page(session, actor, DEPARTMENTS, args)


def get(session: Session, actor: Actor, department_id: UUID) -> Department:
    """One department."""
    return records.get(session, actor, Department, department_id)


def create(session: Session, *, name: str, parent_id: UUID | None = None) -> Department:
    """Create a department."""
    advisory_lock(session, _TREE)
    department = Department()
    _place(session, department, name, parent_id)
    session.add(department)
    return department


def update(session: Session, actor: Actor, department_id: UUID, **changes: Any) -> Department:
    """Rename a department or move it elsewhere in the tree."""
    advisory_lock(session, _TREE)
    department = records.lock(session, actor, operations.UPDATE, department_id)
    name = changes.get("name", department.name)
    parent_id = changes.get("parent_id", department.parent_id)
    _place(session, department, name, parent_id)
    return department


def delete(session: Session, actor: Actor, department_id: UUID) -> None:
    """Delete an empty department; 409 if it has people or departments."""
    advisory_lock(session, _TREE)
    department = records.lock(session, actor, operations.DELETE, department_id)
    session.delete(department)
    try:
        session.flush()
    except IntegrityError as error:
        # Only foreign keys see what others have not committed yet.
        raise Problem(409, "department-not-empty") from error


def require(session: Session, department_id: UUID, *, field: str) -> None:
    """Require that a department exists; 422 about ``field`` otherwise."""
    if session.get(Department, department_id, with_for_update={"read": True}) is None:
        raise unknown_reference(field)


def names(session: Session, department_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of departments by id."""
    wanted = select(Department.id, Department.name).where(Department.id.in_(set(department_ids)))
    return {row.id: row.name for row in session.execute(wanted)}


def lineage(session: Session, department_id: UUID | None) -> list[UUID]:
    """A department and all above it, from below; empty without one."""
    found: list[UUID] = []
    while department_id is not None and department_id not in found:
        found.append(department_id)
        above = session.get(Department, department_id)
        department_id = above.parent_id if above else None
    return found


def _place(session: Session, department: Department, name: str, parent_id: UUID | None) -> None:
    if parent_id is not None:
        _check_parent(session, department, parent_id)
    name = " ".join(name.split())
    key = normalise(name)
    twin = select(Department.id).where(
        Department.name_key == key,
        Department.parent_id.is_not_distinct_from(parent_id),
        Department.id.is_distinct_from(department.id),
    )
    if session.scalar(twin) is not None:
        raise Problem(409, "department-exists", params={"name": name})
    if (department.name, department.parent_id) != (name, parent_id):
        department.name, department.name_key, department.parent_id = name, key, parent_id


def _check_parent(session: Session, department: Department, parent_id: UUID) -> None:
    parent: UUID | None = parent_id
    while parent is not None:
        if parent == department.id:
            raise invalid("/parent_id", "circular")
        above = session.get(Department, parent)
        if above is None:
            raise unknown_reference("parent_id")
        parent = above.parent_id
