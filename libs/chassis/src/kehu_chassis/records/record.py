"""The declarations of a record: owners by permission, transitions, published state.

::

    class Note(Record, Base):
        __tablename__ = "note"
        __scope__ = Scope("note", owners=("created_by", "owner_id"))
        __transitions__ = Transitions("status", rules.TRANSITIONS)
        __state__ = PublishedState("notes.note-changed.v1", deleted="notes.note-deleted.v1")

`records.get`, `records.lock` and `records.page` follow the scope, `records.lock` the transitions,
and `records.states` publishes the state with every commit that changes the record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, inspect
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.data.database import Entity, actor_of

# The name of a column, or a function that returns the SQL expression for a model, for an owner that
# another table names.
Owner = str | Callable[[Any], ColumnElement[Any]]


@dataclass(frozen=True)
class Scope:
    """Who owns a record.

    ``resource`` names its permissions (``<resource>:read`` …). ``owners`` are the owners for the
    scopes ``own`` and ``team``; without any the record is the company's, and the permission alone
    decides. ``owners_for`` limits the owners for single permissions. ``reserved`` lists permissions
    that only these people have for a record, whatever their scope; while there is no such person,
    the record's state decides. ``orphans`` names the column of a person whose records belong to
    every team if that person has no leader.

    ``shared_by`` is a system setting: while it is ``full``, a caller who may read any of these
    records may read all. ``present`` returns the SQL condition that a record exists for callers:
    deleted ones may be kept for a while.
    """

    resource: str
    owners: tuple[Owner, ...] = ()
    owners_for: Mapping[str, tuple[Owner, ...]] = field(default_factory=dict)
    reserved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    orphans: str | None = None
    shared_by: str | None = None
    present: Callable[[Any], ColumnElement[bool]] | None = None

    @property
    def read(self) -> str:
        """The permission to read."""
        return f"{self.resource}:read"

    def owners_of(self, permission: str) -> tuple[Owner, ...]:
        """The owners that count for a permission."""
        return self.owners_for.get(permission, self.owners)


@dataclass(frozen=True)
class PartOf:
    """A part of a parent record, whose scope and transitions apply; ``column`` holds the parent's
    id. It has its own version, and changing it does not change the parent's."""

    model: Any
    column: str


@dataclass(frozen=True)
class Transitions:
    """The states that allow each transition: ``{transition: states}``, from ``rules.py``."""

    column: str
    allowed: Mapping[str, Collection[str]]


@dataclass(frozen=True)
class PublishedState:
    """The event that carries a record's whole public state after every change.

    Its data are the record's columns, except those listed in ``inside``, secret ones, and
    bookkeeping (who changed it, version, search texts). ``deleted`` is the event of its deletion; a
    record that is deleted by setting the column ``deleted_at`` may be restored with a newer state,
    so its deletion carries the state, too.
    """

    event: str
    deleted: str | None = None
    inside: Collection[str] = ()
    deleted_at: str | None = None


class Record(Entity):
    """Base of aggregates: an entity that declares its scope."""

    __scope__: ClassVar[Scope]
    __part_of__: ClassVar[PartOf | None] = None
    __transitions__: ClassVar[Transitions | None] = None
    __state__: ClassVar[PublishedState | None] = None


def sign(session: Session) -> None:
    """Set when and by whom the records about to be written are created or changed."""
    now, who = clock.now(), actor_of(session).id
    for record in session.new:
        if isinstance(record, Entity):
            _fill(record)
            record.created_at = record.created_at or now
            record.created_by = record.created_by or who
            record.updated_at, record.updated_by = now, who
    for record in session.dirty:
        if isinstance(record, Entity) and session.is_modified(record, include_collections=False):
            record.updated_at, record.updated_by = now, who


def _fill(record: Entity) -> None:
    """Set defaults now and not in the INSERT, so that the audit trail contains them."""
    state = inspect(record)
    for column in state.mapper.columns:
        default = column.default
        if default is not None and column.key not in state.dict:
            value = default.arg(None) if default.is_callable else default.arg
            setattr(record, column.key, value)


def column_changes(record: Any) -> Iterator[tuple[str, Any, Any]]:
    """``(column, old, new)`` of every column of a loaded record that is about to change."""
    state = inspect(record)
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes():
            old = history.deleted[0] if history.deleted else None
            new = history.added[0] if history.added else None
            yield attribute.key, old, new
