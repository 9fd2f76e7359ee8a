"""Statements about many rows, whose text does not depend on how many there are.

New rows travel as one JSON document, and values to compare with as one array (ADR 0042). A VALUES
list of a hundred rows has thousands of parameters: compiling and parsing it took longer than
PostgreSQL needs to store the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    inspect,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from kehu_chassis import jsontext


def one_of(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """SQL: a column has one of hundreds of values; ``in_`` is as good for a few."""
    found: ColumnElement[bool] = column == any_(cast(list(values), ARRAY(column.type)))
    return found


def insert_rows(model: Any, rows: Collection[Mapping[str, Any]]) -> Insert:
    """Insert rows in their order; ``on_conflict_…`` and ``returning`` can be added.

    Every row has the same keys: names of attributes. A column without a key gets the database's
    default, not the model's. Columns of bytes are not supported.
    """
    attributes = inspect(model).columns
    columns = {key: attributes[key] for key in next(iter(rows))}
    document = [{str(one.name): row[key] for key, one in columns.items()} for row in rows]
    table = model.__table__.name
    source = func.json_populate_recordset(
        literal_column(f'CAST(NULL AS "{table}")'),
        cast(bindparam(None, jsontext.write(document).decode(), Text), JSON),
    ).table_valued(
        *(column(one.name, one.type) for one in columns.values()),
        with_ordinality="ordinality",
        name="given",
    )
    given = select(*(source.c[one.name] for one in columns.values())).order_by(source.c.ordinality)
    return insert(model).from_select(list(columns.values()), given, include_defaults=False)
