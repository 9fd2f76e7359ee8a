"""The names of people beside their ids, in every response.

A column declared by `columns.person` is shown with a name: ``assignee_id`` with ``assignee_name``,
``closed_by`` with ``closed_by_name``. Where the id is no such column of the schema's model, the
schema declares the name, too::

    manager_id = ma.fields.UUID(allow_none=True)
    manager_name = PersonName("manager_id")

`web.name_people` looks up the names of a whole response in one query, just before it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import marshmallow as ma
from marshmallow.utils import get_value

# The names of the people in the response that is being written, by id.
names: ContextVar[Mapping[UUID, str] | None] = ContextVar("names", default=None)


class PersonName(ma.fields.String):
    """The display name of the person whose id is in the attribute ``person``, also of a disabled
    one; that of the system in the caller's language; null for an unknown person or none."""

    def __init__(self, person: str) -> None:
        super().__init__(attribute=person, dump_only=True, required=True, allow_none=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return (names.get() or {}).get(value)


def name_of(column: str) -> str:
    """The field with the name of the person in a column."""
    return f"{column.removesuffix('_id')}_name"


@dataclass(frozen=True)
class Places:
    """The attributes of what a schema shows that hold ids of people, and its parts with such."""

    ids: tuple[str, ...]
    parts: tuple[tuple[str, Places], ...]

    def people(self, shown: Any) -> Iterator[UUID]:
        """The ids of all people in a response, or in several."""
        if isinstance(shown, (list, tuple)):
            for one in shown:
                yield from self.people(one)
            return
        for name in self.ids:
            value = get_value(shown, name)
            if isinstance(value, UUID):
                yield value
        for name, part in self.parts:
            yield from part.people(get_value(shown, name))


def places(schema: ma.Schema) -> Places:
    """Where the responses of a schema name people."""
    ids = [field.attribute for field in schema.fields.values() if isinstance(field, PersonName)]
    parts = [
        (field.attribute or name, places(nested))
        for name, field in schema.dump_fields.items()
        if (nested := _nested(field)) is not None
    ]
    return Places(
        tuple(ident for ident in ids if ident),
        tuple((name, part) for name, part in parts if part.ids or part.parts),
    )


def _nested(field: ma.fields.Field[Any]) -> ma.Schema | None:
    inner = field.inner if isinstance(field, ma.fields.List) else field
    return inner.schema if isinstance(inner, ma.fields.Nested) else None
