"""What may be done to a record, declared once: the use case that does it and the ``actions`` that
responses show follow the same declaration.

::

    # features/notes/operations.py
    ARCHIVE = Operation("archive_note", Note, "note:update", transition="archive")
    EDIT_COMMENT = Operation(
        "edit_comment", Comment, "note:comment", transition="comment", require=rules.require_own
    )

    # features/notes/service.py
    note = records.lock(session, actor, operations.ARCHIVE, note_id)

`testing.operations` holds the declarations against the routes: none is missing, and none names
another permission than its route.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor

T = TypeVar("T")


@dataclass(frozen=True)
class Blocked:
    """A refusal that depends on other records: ``find`` returns the ids, among those given, of the
    records whose operation is refused with 409 and this ``code``, by one query."""

    code: str
    find: Callable[[Session, Collection[UUID]], Collection[UUID]]


@dataclass(frozen=True)
class Operation(Generic[T]):
    """An operation of the API on a record (``model``) that has an address.

    ``name`` is its operationId and ``permission`` that of its route, which must cover the record.
    It is refused with 403 unless it does, or instead

    * unless the permission ``within`` covers the record, not counting a setting that shares it;
    * unless ``allowed`` returns True: a rule of the feature.

    It is then refused with 409 unless the record's state, or that of the record of which it is a
    part, allows the ``transition``; by the problem that ``require`` raises; and if it is
    ``blocked`` by other records. An operation ``on_deleted`` concerns deleted records, all others
    those that are not.

    ``fields`` are the fields that it edits, of which ``fields_by`` some need another operation,
    too: ``{field: operation}``.
    """

    name: str
    model: type[T]
    permission: str
    transition: str | None = None
    within: str | None = None
    allowed: Callable[[Actor, T], bool] | None = None
    require: Callable[[Actor, T], None] | None = None
    blocked: Blocked | None = None
    on_deleted: bool = False
    fields: Collection[str] = ()
    fields_by: Mapping[str, Operation[T]] = field(default_factory=dict)
