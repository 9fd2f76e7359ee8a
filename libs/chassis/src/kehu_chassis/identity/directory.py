"""A replica of people and departments in every service, and who may see whose records.

This is the only place that turns ``own``, ``team`` and ``all`` into SQL.  It does so when a query
runs, so moving a person to another department rewrites nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, any_, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, aliased, mapped_column

from kehu_chassis.actor import Actor
from kehu_chassis.data import search
from kehu_chassis.data.database import Base
from kehu_chassis.messaging.replica import Mirrors, Replica, awaited
from kehu_chassis.problems import unknown_reference

Owner = InstrumentedAttribute[Any]


class Person(Replica, Base):
    """A user as mirrored in the other services."""

    __tablename__ = "directory_person"
    __mirrors__ = Mirrors("auth.user-changed.v1")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str]
    display_name: Mapped[str]
    department_id: Mapped[UUID | None] = mapped_column(index=True)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    regions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    industries: Mapped[list[str]] = mapped_column(ARRAY(Text))
    enabled: Mapped[bool]
    version: Mapped[int]


class Department(Replica, Base):
    """A department; a deleted one keeps its row, so that an older event cannot revive it."""

    __tablename__ = "directory_department"
    __mirrors__ = Mirrors("auth.department-changed.v1", deleted="auth.department-deleted.v1")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(index=True)
    deleted: Mapped[bool]
    version: Mapped[int]


def person(session: Session, person_id: UUID) -> Person | None:
    """The person with that id, even if disabled."""
    return session.get(Person, person_id)


def name_of(session: Session, person_id: UUID | None) -> str | None:
    """The display name of a person, if known."""
    known = session.get(Person, person_id) if person_id else None
    return known.display_name if known else None


def names_of(session: Session, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """The display names of those people who are known."""
    wanted = {ident for ident in ids if ident is not None}
    rows = session.execute(select(Person.id, Person.display_name).where(Person.id.in_(wanted)))
    return {row.id: row.display_name for row in rows}


def named(session: Session, word: str) -> list[UUID]:
    """The people whose display names (or their pinyin initials) contain a word of a query."""
    people = session.execute(select(Person.id, Person.display_name))
    return [person.id for person in people if word in search.line(person.display_name)]


def require_person(
    session: Session, person_id: UUID, *, field: str, roles: Sequence[str]
) -> Person:
    """An available person; 422 about ``field`` otherwise."""
    known = awaited(session, Person, person_id)
    if known is None or not is_available(known, roles):
        raise unknown_reference(field)
    return known


def is_available(known: Person, roles: Iterable[str]) -> bool:
    """Whether work can be given to a person: enabled, and with one of the roles that do it."""
    return known.enabled and not set(roles).isdisjoint(known.roles)


def available(roles: Iterable[str]) -> ColumnElement[bool]:
    """`is_available` as an SQL condition on `Person`."""
    return and_(Person.enabled, Person.roles.overlap(list(roles)))


def people_with_roles(session: Session, *roles: str) -> list[Person]:
    """All available people."""
    return list(session.scalars(select(Person).where(available(roles))))


def leaders_of(session: Session, person_id: UUID, *roles: str) -> list[Person]:
    """The available people in the person's department or above it."""
    known = session.get(Person, person_id)
    if known is None or known.department_id is None:
        return []
    above = _ancestors(known.department_id)
    return list(
        session.scalars(select(Person).where(available(roles), Person.department_id.in_(above)))
    )


def visible(
    actor: Actor, permission: str, *owners: Owner, orphans: Owner | None = None
) -> ColumnElement[bool]:
    """The SQL condition that a record is within the actor's scope of a permission.

    ``owners`` are the columns that name its owners (created by, assigned to, managed by). ``team``
    covers records whose owner is in the actor's department, if they have one, or below it, and
    records without any owner; also records whose ``orphans`` column names a person without a
    leader: nobody in their department or above it has the permission with scope ``team``.
    """
    scope = actor.scope(permission)
    if scope == "all":
        return true()
    if scope is None:
        return false()
    own = or_(*(owner == actor.id for owner in owners))
    if scope == "own":
        return own
    unowned = and_(*(owner.is_(None) for owner in owners))
    conditions = [own, unowned]
    if actor.department_id is not None:
        conditions += [owner == _any(_team(actor.department_id)) for owner in owners]
    if orphans is not None:
        conditions.append(orphans == _any(_unled(actor.leader_roles(permission))))
    return or_(*conditions)


def _any(people: Any) -> Any:
    """One of these people.  They travel as an array, for which each owner's index is searched; of
    an OR with subqueries every row of the table would be read."""
    return any_(func.array(people.scalar_subquery()))


def require_colleague(
    session: Session,
    actor: Actor,
    person_id: UUID,
    *,
    field: str,
    roles: Sequence[str],
    permission: str,
) -> Person:
    """An available person to whom the actor may assign work: anybody for scope ``all``; for
    ``team`` people of their team and those without a leader; 422 about ``field``."""
    known = require_person(session, person_id, field=field, roles=roles)
    condition = visible(actor, permission, Person.id, orphans=Person.id)
    if session.scalar(select(Person.id).where(Person.id == person_id, condition)) is None:
        raise unknown_reference(field)
    return known


def colleagues(session: Session, actor: Actor, role: str, *, permission: str) -> list[Person]:
    """The available people with a role to whom the actor may assign work, by name."""
    return list(
        session.scalars(
            select(Person)
            .where(
                available([role]),
                visible(actor, permission, Person.id, orphans=Person.id),
            )
            .order_by(Person.display_name)
        )
    )


class Team:
    """`visible` for loaded records: which of these ``people``, their owners, are in the actor's
    team or without a leader. Reads the directory at most once for either."""

    def __init__(self, session: Session, actor: Actor, people: Collection[UUID]) -> None:
        self._session, self._actor, self._people = session, actor, people
        self._members: set[UUID] | None = None
        self._unled: dict[frozenset[str], set[UUID]] = {}

    def covers(self, permission: str, owners: Collection[UUID | None], orphan: UUID | None) -> bool:
        """Whether the scope ``team`` of a permission covers a record with these owners, and with
        this person in the column of `visible`'s ``orphans``."""
        if self._actor.id in owners or all(owner is None for owner in owners):
            return True
        if not self._team().isdisjoint(owners):
            return True
        return orphan is not None and orphan in self._without_leader(permission)

    def _team(self) -> set[UUID]:
        if self._members is None:
            department = self._actor.department_id
            self._members = self._among(_team(department)) if department else set()
        return self._members

    def _without_leader(self, permission: str) -> set[UUID]:
        leaders = self._actor.leader_roles(permission)
        if leaders not in self._unled:
            self._unled[leaders] = self._among(_unled(leaders))
        return self._unled[leaders]

    def _among(self, statement: Any) -> set[UUID]:
        return set(self._session.scalars(statement.where(Person.id.in_(self._people))))


# Building these statements costs more than running them, and the same ones recur.
@lru_cache(maxsize=1024)
def _team(department_id: UUID) -> Any:
    return select(Person.id).where(Person.department_id.in_(_descendants(department_id)))


def _descendants(department_id: UUID) -> Any:
    tree = select(Department.id).where(Department.id == department_id).cte(recursive=True)
    child = aliased(Department)
    tree = tree.union(select(child.id).where(child.parent_id == tree.c.id))
    return select(tree.c.id)


def _ancestors(department_id: UUID) -> Any:
    chain = (
        select(Department.id, Department.parent_id)
        .where(Department.id == department_id)
        .cte(recursive=True)
    )
    parent = aliased(Department)
    chain = chain.union(select(parent.id, parent.parent_id).where(parent.id == chain.c.parent_id))
    return select(chain.c.id)


@lru_cache(maxsize=64)
def _unled(leader_roles: frozenset[str]) -> Any:
    leader = aliased(Person)
    led = (
        select(leader.department_id.label("id"))
        .where(
            leader.enabled,
            leader.roles.overlap(sorted(leader_roles)),
            leader.department_id.is_not(None),
        )
        .cte(recursive=True)
    )
    child = aliased(Department)
    led = led.union(select(child.id).where(child.parent_id == led.c.id))
    return select(Person.id).where(
        or_(Person.department_id.is_(None), Person.department_id.not_in(select(led.c.id)))
    )


# The replicas of every service with a directory.
REPLICAS: list[type[Replica]] = [Person, Department]
