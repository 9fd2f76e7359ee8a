"""Lists: one declaration defines the query schema, filters, order and keyset pages.

``Listing`` is declared once beside a list's schemas::

    NOTES = Listing(
        Note,
        filters=("status", "author_id"),
        ranges=("created_at",),
        sorts=("created_at", "title"),
        default_sort="-created_at",
    )

and used as ``@blp.arguments(NOTES.query, location="query")`` and ``NOTES.page(session, statement,
args)``, which returns ``items, next_cursor, total, total_capped``. Page 1,000 costs as much as
page 1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import Select, SmallInteger, func, literal, select, tuple_
from sqlalchemy.exc import DataError
from sqlalchemy.orm import InstrumentedAttribute, Session

from kehu_chassis.data import search, validate
from kehu_chassis.data.fields import CommaList, Integer, Money, Text, Timestamp
from kehu_chassis.problems import Problem
from kehu_chassis.strictjson import storable

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
COUNT_CAP = 100_000
Column = InstrumentedAttribute[Any]


class Listing:
    """What a list can be filtered and sorted by.

    ``filters`` are equality filters taking several values (``status=a,b``); ``ranges`` give
    ``<name>_from`` and ``<name>_to`` (both inclusive); ``sorts`` are the sortable fields;
    ``choices`` limits a text filter to known codes; ``extra`` are further fields of the query
    schema that the use case handles itself.
    """

    def __init__(
        self,
        model: Any,
        *,
        sorts: Sequence[str],
        default_sort: str,
        filters: Sequence[str] = (),
        ranges: Sequence[str] = (),
        choices: Mapping[str, Any] | None = None,
        extra: Mapping[str, ma.fields.Field[Any]] | None = None,
    ) -> None:
        self.model = model
        self._sorts = _named(model, sorts)
        self._default_sort = default_sort
        self._filters = _named(model, filters)
        self._ranges = _named(model, ranges)
        self._choices = dict(choices or {})
        self.query = self._query_schema(dict(extra or {}))

    def _query_schema(self, extra: dict[str, ma.fields.Field[Any]]) -> type[ma.Schema]:
        directions = [name for key in self._sorts for name in (key, f"-{key}")]
        members: dict[str, Any] = {
            "limit": Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT)),
            "cursor": Text(max_length=2000),
            "sort": ma.fields.String(
                load_default=self._default_sort, validate=validate.OneOf(directions)
            ),
        }
        if hasattr(self.model, "search_grams"):
            members["q"] = Text(max_length=search.MAX_QUERY)
        for name, column in self._filters.items():
            members[name] = CommaList(self._field(name, column), validate=validate.Length(1, 50))
        for name, column in self._ranges.items():
            members[f"{name}_from"] = self._field(name, column)
            members[f"{name}_to"] = self._field(name, column)
        return type(f"{self.model.__name__}Query", (ma.Schema,), members | extra)

    def _field(self, name: str, column: Column) -> ma.fields.Field[Any]:
        if name in self._choices:
            return ma.fields.String(validate=validate.OneOf(list(self._choices[name])))
        python_type = column.type.python_type
        limit = 2**15 if isinstance(column.type, SmallInteger) else 2**31
        builders: dict[type, Callable[[], ma.fields.Field[Any]]] = {
            UUID: ma.fields.UUID,
            bool: ma.fields.Boolean,
            int: lambda: Integer(validate=validate.Range(-limit, limit - 1)),
            Decimal: lambda: Money(negative=True),
            datetime: Timestamp,
            date: ma.fields.Date,
        }
        return builders.get(python_type, lambda: Text(max_length=200))()

    def page(self, session: Session, statement: Select[Any], args: Mapping[str, Any]) -> Page:
        """One page of a statement that selects the model and is limited to visible records."""
        statement = self._filtered(statement, args)
        direction, key = self._direction(args["sort"])
        fingerprint = self._fingerprint(args)
        first = "cursor" not in args
        total, capped = _count(session, statement) if first else (None, None)
        cursor = None if first else _read_cursor(args["cursor"], fingerprint)
        column, wanted = self._sorts[key], args["limit"] + 1
        rows: list[Any] = []
        try:
            for part in self._parts(statement, cursor, key, direction):
                rows += session.scalars(part.limit(wanted - len(rows)))
                if len(rows) == wanted:
                    break
        except DataError:
            if first:
                raise
            # A forged cursor may contain a value that does not fit the column's type.
            raise _bad_cursor() from None
        more = len(rows) > args["limit"]
        rows = rows[: args["limit"]]
        last = (
            _write_cursor(fingerprint, getattr(rows[-1], column.key), rows[-1].id) if more else None
        )
        return Page(rows, last, total, capped)

    def _direction(self, sort: str) -> tuple[bool, str]:
        return sort.startswith("-"), sort.removeprefix("-")

    def _filtered(self, statement: Select[Any], args: Mapping[str, Any]) -> Select[Any]:
        for name, column in self._filters.items():
            if name in args:
                statement = statement.where(column.in_(args[name]))
        for name, column in self._ranges.items():
            if f"{name}_from" in args:
                statement = statement.where(column >= args[f"{name}_from"])
            if f"{name}_to" in args:
                statement = statement.where(column <= args[f"{name}_to"])
        # A model without grams is searched by its use case, which adds `q` to the query.
        if args.get("q") and hasattr(self.model, "search_grams"):
            statement = statement.where(
                search.matches(args["q"], self.model.search_grams, self.model.search_text)
            )
        return statement

    def _parts(
        self, statement: Select[Any], cursor: list[Any] | None, key: str, descending: bool
    ) -> Iterator[Select[Any]]:
        """The remaining rows: those with a value, then those without.

        One statement for both could not use an index on the column and the id, which has the empty
        values first in one of the two directions; each part alone can.
        """
        column, ident = self._sorts[key], self.model.id
        tie = ident.desc() if descending else ident.asc()
        value: Any = None
        last_id: UUID | None = None
        if cursor is not None:
            value, last_id = self._value(column, cursor[0]), UUID(cursor[1])
        if cursor is None or value is not None:
            filled = statement.order_by(column.desc() if descending else column.asc(), tie)
            if column.nullable:
                filled = filled.where(column.is_not(None))
            if value is not None:
                here = tuple_(column, ident)
                there = tuple_(literal(value, column.type), literal(last_id))
                filled = filled.where(here < there if descending else here > there)
            yield filled
        if column.nullable:
            empty = statement.where(column.is_(None)).order_by(tie)
            if cursor is not None and value is None:
                empty = empty.where(ident < last_id if descending else ident > last_id)
            yield empty

    def _value(self, column: Column, stored: Any) -> Any:
        if stored is None:
            return None
        try:
            python_type = column.type.python_type
            if python_type in (datetime, date):
                return python_type.fromisoformat(stored)
            return python_type(stored)
        except (ValueError, TypeError, AttributeError, ArithmeticError):
            raise _bad_cursor() from None

    def _fingerprint(self, args: Mapping[str, Any]) -> str:
        relevant = {k: str(v) for k, v in args.items() if k not in ("cursor", "limit")}
        text = json.dumps([self.model.__name__, relevant], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Page:
    """One page of a list, in the shape of :func:`page_schema`."""

    def __init__(
        self, items: list[Any], next_cursor: str | None, total: int | None, capped: bool | None
    ) -> None:
        self.items = items
        self.next_cursor = next_cursor
        self.total = total
        self.total_capped = capped

    def map(self, change: Callable[[Any], Any]) -> Page:
        """The same page with every item changed."""
        return Page(
            [change(item) for item in self.items], self.next_cursor, self.total, self.total_capped
        )


_page_schemas: dict[type[ma.Schema], type[ma.Schema]] = {}


def page_schema(item: type[ma.Schema]) -> type[ma.Schema]:
    """The response schema of a list of ``item``."""
    if item not in _page_schemas:
        members: dict[str, Any] = {
            "items": ma.fields.List(ma.fields.Nested(item), required=True),
            "next_cursor": ma.fields.String(allow_none=True, required=True),
            "total": ma.fields.Integer(
                allow_none=True, metadata={"description": "Given on the first page only."}
            ),
            "total_capped": ma.fields.Boolean(
                allow_none=True, metadata={"description": f"True: there are over {COUNT_CAP}."}
            ),
        }
        name = item.__name__.removesuffix("Schema")
        _page_schemas[item] = type(f"{name}Page", (ma.Schema,), members)
    return _page_schemas[item]


def _named(model: Any, columns: Sequence[str]) -> dict[str, Column]:
    return {name: getattr(model, name) for name in columns}


def _count(session: Session, statement: Select[Any]) -> tuple[int, bool]:
    rows = statement.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    count = session.scalar(select(func.count()).select_from(rows.limit(COUNT_CAP + 1).subquery()))
    found = count or 0
    return min(found, COUNT_CAP), found > COUNT_CAP


def _write_cursor(fingerprint: str, value: Any, ident: UUID) -> str:
    shown = value.isoformat() if isinstance(value, (datetime, date)) else value
    shown = str(shown) if isinstance(shown, (Decimal, UUID)) else shown
    raw = json.dumps([fingerprint, shown, str(ident)], ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read_cursor(cursor: str, fingerprint: str) -> list[Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mark, value, ident = json.loads(raw)
        UUID(ident)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise _bad_cursor() from None
    if mark != fingerprint or not storable(value):
        raise _bad_cursor()
    return [value, ident]


def _bad_cursor() -> Problem:
    return Problem(422, "invalid-cursor")
