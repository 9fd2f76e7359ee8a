"""Finding records for a caller and locking them for a change, with checks in a fixed order.

Records that the caller may not read give 404, like records that do not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, inspect, select, true
from sqlalchemy.orm import Session, object_session
from sqlalchemy.sql.elements import True_

from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.problems import not_found, wrong_state
from kehu_chassis.records import precondition, system_settings
from kehu_chassis.records.checks import Checks
from kehu_chassis.records.operations import Operation
from kehu_chassis.records.record import Owner, Record

R = TypeVar("R", bound=Record)


def in_scope(
    session: Session, actor: Actor, model: type[Record], permission: str, *, shared: bool = True
) -> ColumnElement[bool]:
    """SQL: a record is present and within the caller's scope of a permission; ``shared=False``
    ignores a setting that shares the records."""
    if model.__part_of__ is not None:
        whole, column = model.__part_of__.model, getattr(model, model.__part_of__.column)
        guarded = in_scope(session, actor, whole, permission, shared=shared)
        if isinstance(guarded, True_):  # no part is without its whole
            return guarded
        within: ColumnElement[bool] = column.in_(select(whole.id).where(guarded))
        return within
    scope = model.__scope__
    allowed = _owned(session, actor, model, permission, shared=shared)
    return allowed if scope.present is None else and_(allowed, scope.present(model))


def readable(session: Session, actor: Actor, model: type[Record]) -> ColumnElement[bool]:
    """SQL: the caller may read a record."""
    guard = model if model.__part_of__ is None else model.__part_of__.model
    return in_scope(session, actor, model, guard.__scope__.read)


def get(
    session: Session, actor: Actor, model: type[R], record_id: UUID, *, within: UUID | None = None
) -> R:
    """A record that the caller may read; 404 otherwise. ``within`` is the id of its parent."""
    if model.__part_of__ is not None:
        get(session, actor, model.__part_of__.model, _required(within))
        return _part(session.get(model, record_id), model, within)
    found = select(model).where(model.id == record_id, readable(session, actor, model))
    record = session.scalar(found)
    if record is None:
        raise not_found()
    return record


def is_own(session: Session, actor: Actor, model: type[Record], record_id: UUID) -> bool:
    """Whether the caller may read a record without any setting that shares it with others."""
    own = in_scope(session, actor, model, model.__scope__.read, shared=False)
    return session.scalar(select(model.id).where(model.id == record_id, own)) is not None


def lock(
    session: Session,
    actor: Actor,
    operation: Operation[R],
    record_id: UUID,
    *,
    within: UUID | None = None,
    repeated: Callable[[R], bool] | None = None,
) -> R:
    """The record on which the caller may perform an operation, locked until the end of the
    transaction.

    Checks in this order: 404 if the caller may read no such record, 403 without the permission for
    it, 412 if the request names another version, 409 if its state does not allow the transition,
    and the operation's further rules. A record ``within`` a parent (`PartOf`) is guarded by it: the
    parent's permission and state count, and it is locked first, so that it cannot change meanwhile;
    the version is the part's own. The further rules are not asked for a request of which
    ``repeated`` says that it changes nothing.
    """
    model, part_of = operation.model, operation.model.__part_of__
    if part_of is None:
        guard: Record = _locked(session, actor, operation, record_id)
        record = cast(R, guard)
    else:
        guard = _readable_locked(session, actor, part_of.model, _required(within))
        record = _part(for_update(session, model, record_id), model, within)
    checks = Checks(session, actor, model, [record], wholes=[guard])
    checks.require_permission(operation, record)
    precondition.check(record)
    checks.require_state(operation, record)
    if repeated is None or not repeated(record):
        checks.require_rules(operation, record)
    return record


def find(session: Session, actor: Actor, operation: Operation[R], record_id: UUID) -> R:
    """The same without a lock, for operations that do not change the record."""
    record = get(session, actor, operation.model, record_id)
    checks = Checks(session, actor, operation.model, [record])
    checks.require_permission(operation, record)
    checks.require_state(operation, record)
    checks.require_rules(operation, record)
    return record


def permits(session: Session, actor: Actor, operation: Operation[R], record: R) -> bool:
    """Whether the caller has an operation's permission for a loaded record, whatever its state."""
    return Checks(session, actor, type(record), [record]).permitted(operation, record)


def for_update(session: Session, model: type[R], record_id: UUID) -> R | None:
    """The current record, locked, for changes without a caller: events and jobs."""
    found = select(model).where(model.id == record_id).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def page(
    session: Session,
    actor: Actor,
    listing: Listing,
    args: Mapping[str, Any],
    *conditions: ColumnElement[bool],
) -> Page:
    """One page of the records that the caller may read."""
    model = listing.model
    statement = select(model).where(readable(session, actor, model), *conditions)
    return listing.page(session, statement, args)


def show(record: Any, **more: Any) -> SimpleNamespace:
    """A record as it will be committed, with values from elsewhere: names, counts."""
    session = object_session(record)
    if session is not None:
        session.flush()
    loaded = vars(record)  # a third of the time that its attributes take, on each row of a list
    names = (attribute.key for attribute in inspect(record).mapper.column_attrs)
    columns = {name: loaded[name] if name in loaded else getattr(record, name) for name in names}
    return SimpleNamespace(**columns | more)


def _readable_locked(session: Session, actor: Actor, model: type[R], record_id: UUID) -> R:
    record = for_update(session, model, record_id)
    if record is None or not _is_readable(session, actor, record):
        raise not_found()
    return record


def _is_readable(session: Session, actor: Actor, record: Record) -> bool:
    """Queries the database only if the record does not suffice."""
    model = type(record)
    scope = model.__scope__
    held = actor.scope(scope.read)
    if held is None:
        return False
    if scope.present is None and (held == "all" or _is_own(actor, record, scope.read)):
        return True
    found = select(model.id).where(model.id == record.id, readable(session, actor, model))
    return session.scalar(found) is not None


def _locked(session: Session, actor: Actor, operation: Operation[R], record_id: UUID) -> R:
    if not operation.on_deleted:
        return _readable_locked(session, actor, operation.model, record_id)
    # The scope to read covers only what is not deleted.
    record = for_update(session, operation.model, record_id)
    if record is None or not permits(session, actor, operation, record):
        raise not_found()
    return record


def require_transition(record: Record, transition: str | None) -> None:
    """Raise 409 unless the state of a record allows the transition, if any."""
    if transition is None:
        return
    transitions = type(record).__transitions__
    assert transitions is not None, f"{type(record).__name__} declares no transitions"
    state = getattr(record, transitions.column)
    if state not in transitions.allowed[transition]:
        raise wrong_state(type(record).__scope__.resource, state)


def _part(record: R | None, model: type[R], within: UUID | None) -> R:
    assert model.__part_of__ is not None
    if record is None or getattr(record, model.__part_of__.column) != within:
        raise not_found()
    return record


def _required(within: UUID | None) -> UUID:
    assert within is not None, "`within` must name the parent"
    return within


def _is_own(actor: Actor, record: Record, permission: str) -> bool:
    owners = type(record).__scope__.owners_of(permission)
    return any(isinstance(one, str) and getattr(record, one) == actor.id for one in owners)


def _owned(
    session: Session, actor: Actor, model: type[Record], permission: str, *, shared: bool
) -> ColumnElement[bool]:
    scope = model.__scope__
    held = actor.scope(permission)
    if held == "all":
        return true()
    if not scope.owners:
        return true() if held else false()
    if shared and held and permission == scope.read and _is_shared(session, scope.shared_by):
        return true()
    owners = [_expression(model, owner) for owner in scope.owners_of(permission)]
    orphans = getattr(model, scope.orphans) if scope.orphans else None
    return directory.visible(actor, permission, *owners, orphans=orphans)


def _is_shared(session: Session, setting: str | None) -> bool:
    return setting is not None and system_settings.get(session, setting) == "full"


def _expression(model: type[Record], owner: Owner) -> Any:
    return getattr(model, owner) if isinstance(owner, str) else owner(model)
