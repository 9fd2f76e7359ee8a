"""The ``actions`` and ``editable`` of records in responses.

Every schema of a record with an address has a field `data.fields.Actions`. Before a result is
serialised, all its records are given what the caller may do to them now, so that a page costs at
most one query for each thing that the records do not hold themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


def add(session: Session, actor: Actor, declared: Declared, schema: Any, result: Any) -> None:
    """Set ``actions`` and ``editable`` of every record that a schema shows of a result."""
    shown = result[0] if isinstance(result, tuple) else result  # without headers
    for path, model in _places(schema if isinstance(schema, type) else type(schema)):
        rows = list(_at(path, shown))
        checks = Checks(session, actor, model, rows)
        operations = checks.held(declared.get(model, ()))
        for row in rows:
            row.actions = checks.names(operations, row)
            row.editable = _editable(operations, row.actions)


def _editable(operations: Sequence[Operation[Any]], actions: Sequence[str]) -> list[str]:
    return [
        name
        for operation in operations
        if operation.fields and operation.name in actions
        for name in operation.fields
        if name not in operation.fields_by or operation.fields_by[name].name in actions
    ]


@cache
def _places(schema: type[ma.Schema]) -> list[tuple[Path, type]]:
    """Where a schema shows records: the names that lead there, and their model."""
    return list(_found(schema()))


def _found(schema: ma.Schema) -> Iterator[tuple[Path, type]]:
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if isinstance(field, Actions):
            yield (), field.model or schema.opts.model
        elif isinstance(inner, ma.fields.Nested):
            for path, model in _found(inner.schema):
                yield (field.attribute or name, *path), model


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
