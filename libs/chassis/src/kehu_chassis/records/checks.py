"""Whether a caller may do something to a record, for one record or for all of a page.

Use cases (`access.lock`) and the ``actions`` of responses ask the same functions. Scopes are
decided in memory; what the records do not hold themselves is read once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.problems import Problem, forbidden, wrong_state
from kehu_chassis.records.operations import Blocked, Operation
from kehu_chassis.records.record import Owner

# Whoever is signed in has it, within what they can reach at all.
_AUTHENTICATED = "authenticated"


class Checks:
    """The checks of one caller on some records of one model, which the caller may read.

    ``rows`` are the records themselves, or what `access.show` made of them; ``wholes`` are those of
    which they are parts, if these are at hand.
    """

    def __init__(
        self,
        session: Session,
        actor: Actor,
        model: Any,
        rows: Sequence[Any],
        *,
        wholes: Iterable[Any] = (),
    ) -> None:
        self._session, self._actor, self._rows = session, actor, rows
        self._part_of = getattr(model, "__part_of__", None)
        # A model that is no record has no scope: the permission alone counts.
        self._guard_model = model if self._part_of is None else self._part_of.model
        self._scope: Any = getattr(self._guard_model, "__scope__", None)
        self._transitions: Any = getattr(self._guard_model, "__transitions__", None)
        self._deleted_at = getattr(getattr(model, "__state__", None), "deleted_at", None)
        self._wholes: dict[UUID, Any] | None = {one.id: one for one in wholes} or None
        self._team: directory.Team | None = None
        self._possible: dict[tuple[Any, bool], list[Operation[Any]]] = {}
        self._first: dict[tuple[Any, ...], str] = {}
        self._same: dict[str, str] = {}
        self._covered: dict[tuple[str, int], bool] = {}
        self._held: dict[str, str | None] = {}
        self._owners: dict[Callable[..., Any], Mapping[UUID, Any]] = {}
        self._blocked: dict[Blocked, Collection[UUID]] = {}

    def names(self, operations: Sequence[Operation[Any]], row: Any) -> list[str]:
        """The names of those operations, always the same ones, that are refused for a record
        neither with 403 nor with 409."""
        situation = self._situation(row)
        if situation not in self._possible:
            self._possible[situation] = [
                one for one in operations if self._is_possible(one, *situation)
            ]
        return [
            one.name
            for one in self._possible[situation]
            if self.permitted(one, row) and self._passes(one, row)
        ]

    def held(self, operations: Iterable[Operation[Any]]) -> list[Operation[Any]]:
        """The operations whose permission the caller has for any record at all."""
        return [one for one in operations if self._scope_of(one.permission) is not None]

    def permitted(self, operation: Operation[Any], row: Any) -> bool:
        """Whether the caller has the permission for a record."""
        if self._scope_of(operation.permission) is None:
            return False
        if operation.allowed is not None:
            return operation.allowed(self._actor, row)
        guard = self._guard(row)
        reserved = self._scope and self._scope.reserved.get(operation.permission)
        if reserved:
            people = [getattr(guard, name) for name in reserved]
            return self._actor.id in people or all(person is None for person in people)
        permission = self._alike(operation.within or operation.permission)
        known = (permission, id(guard))
        if known not in self._covered:
            self._covered[known] = self._covers(permission, guard)
        return self._covered[known]

    def require_permission(self, operation: Operation[Any], row: Any) -> None:
        """Raise 403 unless the caller has the permission for a record."""
        if not self.permitted(operation, row):
            raise forbidden(operation.permission)

    def require_state(self, operation: Operation[Any], row: Any) -> None:
        """Raise 409 unless the state of a record allows an operation."""
        state, deleted = self._situation(row)
        if not self._is_possible(operation, state, deleted):
            raise wrong_state(self._scope.resource, state)

    def require_rules(self, operation: Operation[Any], row: Any) -> None:
        """Raise what the further rules of an operation refuse."""
        if operation.require is not None:
            operation.require(self._actor, row)
        if operation.blocked is not None and row.id in self._found(operation.blocked):
            raise Problem(409, operation.blocked.code)

    def _passes(self, operation: Operation[Any], row: Any) -> bool:
        try:
            self.require_rules(operation, row)
        except Problem:
            return False
        return True

    def _is_possible(self, operation: Operation[Any], state: Any, deleted: bool) -> bool:
        if operation.on_deleted != deleted:
            return False
        allowed = operation.transition and self._transitions.allowed[operation.transition]
        return allowed is None or state in allowed

    def _situation(self, row: Any) -> tuple[Any, bool]:
        """The state of a record, and whether it is deleted."""
        state = self._transitions and getattr(self._guard(row), self._transitions.column)
        return state, self._deleted_at is not None and getattr(row, self._deleted_at) is not None

    def _guard(self, row: Any) -> Any:
        """The record whose scope and state count: the row, or that of which it is a part."""
        if self._part_of is None:
            return row
        if self._wholes is None:
            ids = {getattr(one, self._part_of.column) for one in self._rows}
            found = select(self._guard_model).where(self._guard_model.id.in_(ids))
            self._wholes = {one.id: one for one in self._session.scalars(found)}
        return self._wholes[getattr(row, self._part_of.column)]

    def _guards(self) -> list[Any]:
        return [self._guard(row) for row in self._rows]

    def _scope_of(self, permission: str) -> str | None:
        if permission not in self._held:
            always = permission == _AUTHENTICATED
            self._held[permission] = "all" if always else self._actor.scope(permission)
        return self._held[permission]

    def _alike(self, permission: str) -> str:
        """A permission that covers the same records: most do, so that each is looked at once."""
        if permission not in self._same:
            held = self._scope_of(permission)
            owners = self._scope.owners_of(permission) if self._scope else ()
            reach = (held, owners, self._actor.leader_roles(permission))
            self._same[permission] = self._first.setdefault(reach, permission)
        return self._same[permission]

    def _covers(self, permission: str, guard: Any) -> bool:
        held = self._scope_of(permission)
        if held in (None, "all") or self._scope is None or not self._scope.owners:
            return held is not None
        owners = [self._owner(guard, owner) for owner in self._scope.owners_of(permission)]
        if held == "own":
            return self._actor.id in owners
        orphan = getattr(guard, self._scope.orphans) if self._scope.orphans else None
        return self._team_of_page().covers(permission, owners, orphan)

    def _owner(self, guard: Any, owner: Owner) -> Any:
        return getattr(guard, owner) if isinstance(owner, str) else self._named(owner)[guard.id]

    def _named(self, owner: Callable[..., Any]) -> Mapping[UUID, Any]:
        """The owners that another table names."""
        if owner not in self._owners:
            model, ids = self._guard_model, {guard.id for guard in self._guards()}
            found = select(model.id, owner(model)).where(model.id.in_(ids))
            self._owners[owner] = dict(self._session.execute(found).all())
        return self._owners[owner]

    def _team_of_page(self) -> directory.Team:
        if self._team is None:
            people: set[UUID] = set()
            columns = {*self._scope.owners, *([self._scope.orphans] if self._scope.orphans else [])}
            for guard in self._guards():
                people |= {self._owner(guard, column) for column in columns} - {None}
            self._team = directory.Team(self._session, self._actor, people)
        return self._team

    def _found(self, blocked: Blocked) -> Collection[UUID]:
        if blocked not in self._blocked:
            self._blocked[blocked] = blocked.find(self._session, [row.id for row in self._rows])
        return self._blocked[blocked]
