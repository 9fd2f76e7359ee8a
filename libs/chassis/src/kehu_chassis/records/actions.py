"""The ``actions`` and ``editable`` of records in responses.

Every schema of a record with an address has a field `data.fields.Actions`. Before a result is
serialised, all its records are given what the caller may do to them now, so that a page costs at
most one query for each thing that the records do not hold themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import marshmallow as ma
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data.fields import Actions
from kehu_chassis.records.checks import Checks
from kehu_chassis.records.operations import Operation

Path = tuple[str, ...]
Declared = Mapping[type, Sequence[Operation[Any]]]


@dataclass(frozen=True)
class _Place:
    """Where a schema shows records: the names that lead there, their model, the fields shown."""

    path: Path
    model: type
    fields: frozenset[str]


def add(session: Session, actor: Actor, declared: Declared, schema: Any, result: Any) -> None:
    """Set ``actions`` of every record that a schema shows of a result, and which of the fields
    shown are ``editable``."""
    shown = result[0] if isinstance(result, tuple) else result  # without headers
    for place in _places(schema if isinstance(schema, type) else type(schema)):
        rows = list(_at(place.path, shown))
        checks = Checks(session, actor, place.model, rows)
        operations = checks.held(declared.get(place.model, ()))
        editable: dict[tuple[str, ...], list[str]] = {}
        for row in rows:
            row.actions = checks.names(operations, row)
            known = tuple(row.actions)
            if known not in editable:
                editable[known] = _editable(operations, known, place.fields)
            row.editable = editable[known]


def _editable(
    operations: Sequence[Operation[Any]], actions: Sequence[str], shown: Collection[str]
) -> list[str]:
    return [
        name
        for operation in operations
        if operation.name in actions
        for name in operation.fields
        if name in shown
        and (name not in operation.fields_by or operation.fields_by[name].name in actions)
    ]


@cache
def _places(schema: type[ma.Schema]) -> list[_Place]:
    return list(_found(schema()))


def _found(schema: ma.Schema) -> Iterator[_Place]:
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if isinstance(field, Actions):
            yield _Place((), field.model or schema.opts.model, frozenset(schema.fields))
        elif isinstance(inner, ma.fields.Nested):
            for place in _found(inner.schema):
                yield replace(place, path=(field.attribute or name, *place.path))


def _at(path: Path, value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _at(path, item)
    elif value is not None and not path:
        yield value
    elif value is not None:
        name, *rest = path
        inner = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        yield from _at(tuple(rest), inner)
