"""Tables fed by other services' state events: replicas and read models.

A row is written unless the stored one is newer. An equal version is written again, which is
harmless and lets a resync repair rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, case, func
from sqlalchemy.orm import Session

from kehu_chassis.data.bulk import insert_rows
from kehu_chassis.messaging.events import Received

Row = dict[str, Any]


def blank(model: Any, **values: Any) -> Row:
    """A row with these values and empty values in the other columns."""
    return {column.name: _empty_value(column) for column in model.__table__.columns} | values


def newest(rows: Iterable[Row], *key: str, added: Collection[str] = ()) -> list[Row]:
    """The newest row of each key, ordered to prevent deadlocks; ``added`` as in `store`."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        ident = tuple(row[name] for name in key)
        known = found.get(ident)
        if known is None or known["version"] < row["version"]:
            found[ident] = row
        elif known["version"] == row["version"]:
            kept = {name: known[name] for name in added if row[name] is None}
            found[ident] = row | kept
    return [found[ident] for ident in sorted(found)]


def store(
    session: Session,
    model: Any,
    rows: Iterable[Row],
    *key: str,
    added: Collection[str] = (),
    only: Collection[str] = (),
) -> None:
    """Insert or replace rows; an older version never overwrites a newer one.

    ``only`` are the columns to replace of a known row; all unless given.
    ``added`` are columns that the producer may fill in later without a new version: of two events
    of one version the one with a value wins, in any order.
    """
    values = newest(rows, *key, added=added)
    if not values:
        return
    statement = insert_rows(model, values)
    columns: dict[str, Any] = {
        name: statement.excluded[name] for name in only or values[0] if name not in key
    }
    for name in added:
        same = model.version == statement.excluded.version
        known = func.coalesce(columns[name], getattr(model, name))
        columns[name] = case((same, known), else_=columns[name])
    session.execute(
        statement.on_conflict_do_update(
            index_elements=list(key),
            set_=columns,
            where=model.version <= statement.excluded.version,
        )
    )


def add_missing(session: Session, model: Any, rows: Iterable[Row], *key: str) -> None:
    """Insert the rows whose key does not exist yet; leave the others unchanged."""
    values = newest(rows, *key)
    if values:
        session.execute(insert_rows(model, values).on_conflict_do_nothing())


def uuid_of(value: str | None) -> UUID | None:
    """An id from an event, or None."""
    return UUID(value) if value else None


_FROM_JSON: dict[Any, Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
}

_WITH_AN_EMPTY_VALUE = (str, int, bool, list)


def row_of(model: Any, event: Received, more: Mapping[str, Any] | None = None) -> Row:
    """The row of a state event: each column is the field of that name, ``version`` the event's;
    ``more`` are the other columns."""
    row = blank(model, version=event.version)
    data = event.data | dict(more or {})
    for column in model.__table__.columns:
        value = data.get(column.name)
        if value is not None and column.name not in ("version", "deleted"):
            row[column.name] = _value(column.type.python_type, value)
    return row


def _value(kind: Any, value: Any) -> Any:
    convert = _FROM_JSON.get(kind)
    return convert(value) if convert and isinstance(value, str) else value


def _empty_value(column: Column[Any]) -> Any:
    kind = column.type.python_type
    return kind() if kind in _WITH_AN_EMPTY_VALUE and not column.nullable else None
