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

`walking` reads the rows of a page.
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
from sqlalchemy import (
    ColumnElement,
    Select,
    SmallInteger,
    UniqueConstraint,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.exc import DataError
from sqlalchemy.orm import InstrumentedAttribute, Session

from kehu_chassis.data import search, validate, walking
from kehu_chassis.data.fields import CommaList, Integer, Moment, Money, Text, Timestamp
from kehu_chassis.data.walking import Part, Search
from kehu_chassis.problems import Problem
from kehu_chassis.strictjson import storable

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
PAGING = ("limit", "cursor", "exact_total")  # what concerns pages, not which records there are
COUNT_CAP = 10_000
COUNT_WALK = COUNT_CAP + 1  # rows that are looked at to count what is frequent
Column = InstrumentedAttribute[Any]


class Listing:
    """What a list can be filtered and sorted by.

    ``filters`` are equality filters taking several values (``status=a,b``), beside ``id``, which
    every list has; ``ranges`` give ``<name>_from`` and ``<name>_to`` (both inclusive, moments also
    as days); ``sorts`` are the sortable fields; ``choices`` limits a text filter to known codes;
    ``names`` are the filters that compare texts of people as searches do; ``text`` is what ``q``
    searches instead of all searchable texts, and ``found_by`` a condition by which a word finds
    more than texts; ``extra`` are further fields of the query schema that the use case handles
    itself.
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
        names: Sequence[str] = (),
        text: ColumnElement[str] | None = None,
        found_by: Callable[[Session, str], ColumnElement[bool] | None] | None = None,
        extra: Mapping[str, ma.fields.Field[Any]] | None = None,
    ) -> None:
        self.model = model
        self._sorts = _named(model, sorts)
        self._default_sort = default_sort
        self._filters = _named(model, filters)
        self._ranges = _named(model, ranges)
        self._choices = dict(choices or {})
        self._names = frozenset(names)
        self._text = text
        self._found_by = found_by
        self._walked = _indexed(model) & {column.key for column in self._sorts.values()}
        self.query = self._query_schema(dict(extra or {}))

    @property
    def filter_fields(self) -> dict[str, ma.fields.Field[Any]]:
        """The query's filters, without pages and order: for counts of the same records."""
        declared = self.query._declared_fields
        return {name: field for name, field in declared.items() if name not in (*PAGING, "sort")}

    def _query_schema(self, extra: dict[str, ma.fields.Field[Any]]) -> type[ma.Schema]:
        directions = [name for key in self._sorts for name in (key, f"-{key}")]
        members: dict[str, Any] = {
            "limit": Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT)),
            "cursor": Text(max_length=2000),
            "exact_total": ma.fields.Boolean(
                load_default=False,
                metadata={"description": f"Count all; else `total` is {COUNT_CAP} at the most."},
            ),
            "sort": ma.fields.String(
                load_default=self._default_sort, validate=validate.OneOf(directions)
            ),
        }
        if hasattr(self.model, "search_grams"):
            members["q"] = Text(max_length=search.MAX_QUERY)
        members["id"] = CommaList(ma.fields.UUID(), validate=validate.Length(1, MAX_LIMIT))
        for name, column in self._filters.items():
            members[name] = CommaList(self._field(name, column), validate=validate.Length(1, 50))
        for name, column in self._ranges.items():
            moment = column.type.python_type is datetime
            members[f"{name}_from"] = Moment() if moment else self._field(name, column)
            members[f"{name}_to"] = Moment(end=True) if moment else self._field(name, column)
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
        found_by = self._searched(session, args)
        descending, key = self._direction(args["sort"])
        fingerprint = self._fingerprint(args)
        first = "cursor" not in args
        cursor = None if first else _read_cursor(args["cursor"], fingerprint)
        wanted = args["limit"] + 1
        try:
            parts = self._parts(cursor, key, descending)
            rows, walked = walking.rows(session, statement, found_by, parts, wanted)
        except DataError:
            if first:
                raise
            # A forged cursor may contain a value that does not fit the column's type.
            raise _bad_cursor() from None
        total, capped, more = None, None, len(rows) > args["limit"]
        if first and not more:
            total, capped = len(rows), False
        elif first and args.get("exact_total"):
            total, capped = _number(session, found_by.limited(statement).order_by(None)), False
        elif first:
            total, capped = self._count(session, statement, found_by, walked)
        rows = rows[: args["limit"]]
        column = self._sorts[key]
        last = (
            _write_cursor(fingerprint, getattr(rows[-1], column.key), rows[-1].id) if more else None
        )
        return Page(rows, last, total, capped)

    def some(
        self, session: Session, statement: Select[Any], query: str, *, wanted: int, enough: int
    ) -> list[Any]:
        """Some rows that ``q`` finds in a statement as above, without pages: see `walking.some`."""
        found_by = self._searched(session, {"q": query})
        descending, key = self._direction(self._default_sort)
        first = next(self._parts(None, key, descending))
        return walking.some(session, statement, found_by, first, wanted, enough=enough)

    def _count(
        self, session: Session, statement: Select[Any], found_by: Search, walked: bool
    ) -> tuple[int, bool]:
        """How many rows there are, and whether there are more than that.

        What filled the page from the beginning of the order may be most of the table: it is counted
        among the first rows of the default order only.
        """
        descending, key = self._direction(self._default_sort)
        part = next(self._parts(None, key, descending))
        walked = walked and part.indexed
        end = part.end(session, COUNT_WALK) if walked else []
        rows = statement.where(*end, *found_by.texts, *([] if walked else found_by.grams))
        # The order makes the planner begin where the rows to look at are.
        rows = rows.order_by(None).order_by(*(part.order if end else ()))
        count = _number(session, rows.limit(COUNT_CAP + 1))
        return min(count, COUNT_CAP), bool(end) or count > COUNT_CAP

    def _direction(self, sort: str) -> tuple[bool, str]:
        return sort.startswith("-"), sort.removeprefix("-")

    def filtered(
        self, session: Session, statement: Select[Any], args: Mapping[str, Any]
    ) -> Select[Any]:
        """A statement limited by filters, ranges and search."""
        found_by = self._searched(session, args)
        return found_by.limited(self._filtered(statement, args))

    def _filtered(self, statement: Select[Any], args: Mapping[str, Any]) -> Select[Any]:
        if "id" in args:
            statement = statement.where(self.model.id.in_(args["id"]))
        for name, column in self._filters.items():
            if name in args:
                statement = statement.where(self._equals(name, column, args[name]))
        for name, column in self._ranges.items():
            if f"{name}_from" in args:
                statement = statement.where(column >= args[f"{name}_from"])
            if f"{name}_to" in args:
                statement = statement.where(column <= args[f"{name}_to"])
        return statement

    def _equals(self, name: str, column: Column, values: list[Any]) -> ColumnElement[bool]:
        if name in self._names:
            return search.folded(column.expression).in_(
                [search.normalise(value) for value in values]
            )
        return column.in_(values)

    def _searched(self, session: Session, args: Mapping[str, Any]) -> Search:
        """The conditions of ``q``.  A model without grams is searched by its use case."""
        if not hasattr(self.model, "search_grams"):
            return Search([], [])
        text = self.model.search_text if self._text is None else self._text
        found = Search([], [])
        for word in search.words(args.get("q") or ""):
            more = self._found_by(session, word) if self._found_by else None
            others = [] if more is None else [more]
            found.grams.append(or_(search.has_grams(self.model.search_grams, word), *others))
            found.texts.append(or_(search.has_text(text, word), *others))
        return found

    def _parts(self, cursor: list[Any] | None, key: str, descending: bool) -> Iterator[Part]:
        """The remaining rows: those with a value, then those without.

        One statement for both could not use an index on the column and the id, which has the empty
        values first in one of the two directions; each part alone can.
        """
        column, ident = self._sorts[key], self.model.id
        indexed = column.key in self._walked
        value: Any = None
        last_id: UUID | None = None
        if cursor is not None:
            value, last_id = self._value(column, cursor[0]), UUID(cursor[1])
        if cursor is None or value is not None:
            filled = Part(column, ident, descending, empty=False, indexed=indexed)
            if column.nullable:
                filled.after.append(column.is_not(None))
            if value is not None:
                filled.after.append(filled.beyond(value, last_id))
            yield filled
        if column.nullable:
            empty = Part(column, ident, descending, empty=True, indexed=indexed)
            empty.after.append(column.is_(None))
            if cursor is not None and value is None:
                empty.after.append(empty.beyond(None, last_id))
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
        relevant = {k: str(v) for k, v in args.items() if k not in PAGING}
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
                allow_none=True, metadata={"description": "True: there are more than `total`."}
            ),
        }
        name = item.__name__.removesuffix("Schema")
        _page_schemas[item] = type(f"{name}Page", (ma.Schema,), members)
    return _page_schemas[item]


def _number(session: Session, statement: Select[Any]) -> int:
    rows = statement.with_only_columns(literal(1), maintain_column_froms=True)
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _named(model: Any, columns: Sequence[str]) -> dict[str, Column]:
    return {name: getattr(model, name) for name in columns}


def _indexed(model: Any) -> set[str]:
    """The columns with whose values an index of the model begins, for all its rows."""
    table = model.__table__
    whole = [one for one in table.indexes if one.dialect_options["postgresql"]["where"] is None]
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    firsts = [next(iter(one.columns), None) for one in (*whole, *unique)]
    return {column.key for column in firsts if column is not None}


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
