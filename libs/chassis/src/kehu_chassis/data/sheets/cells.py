"""The columns of a sheet and the values in its cells, whatever the format of the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma

from kehu_chassis import clock
from kehu_chassis.data.fields import Actions, Editable
from kehu_chassis.data.schemas import component_name
from kehu_chassis.data.sheets.labels import DAY, Labels

Cell = str | bool | int | float | Decimal | date | datetime | None


class Sheet:
    """Items of a schema as a table, with labels for the names of its fields and for codes.

    A moment is in the company's time, without an offset, and its day has a column of its own after
    it, by which spreadsheets can group and join.  What the caller may do to a record is no column.
    """

    def __init__(self, schema: type[ma.Schema], items: Iterable[Any], labels: Labels) -> None:
        self._schema = schema()
        self._items = items
        self.columns: list[str] = []
        self._readers: list[tuple[str, Callable[[Any], list[Cell]]]] = []
        component = component_name(schema)
        for name, field in self._schema.fields.items():
            if isinstance(field, (Actions, Editable)):
                continue
            heads = [labels.column(name, field, component, end) for end in (("", ""), DAY)]
            self.columns += heads if _is_moment(field) else heads[:1]
            codes = labels.codes(name, field)
            self._readers.append((name, _labelled(codes) if codes else _reader(field)))

    def rows(self) -> Iterator[list[Cell]]:
        """The cells of each item, in the order of the columns."""
        for item in self._items:
            shown: Any = self._schema.dump(item)
            cells: list[Cell] = []
            for name, read in self._readers:
                cells += read(shown.get(name))
            yield cells


def _is_moment(field: ma.fields.Field[Any]) -> bool:
    return isinstance(field, ma.fields.DateTime) and not isinstance(field, ma.fields.Date)


def _reader(field: ma.fields.Field[Any]) -> Callable[[Any], list[Cell]]:
    """What turns the values of a field, as they are in JSON, into cells."""
    if _is_moment(field):
        return _moment
    if isinstance(field, ma.fields.Date):
        return lambda value: [None if value is None else date.fromisoformat(value)]
    if isinstance(field, ma.fields.Decimal):
        return lambda value: [None if value is None else Decimal(value)]
    return _plain


def _labelled(codes: Mapping[Any, str]) -> Callable[[Any], list[Cell]]:
    return lambda value: [codes.get(value, value)]


def _moment(value: str | None) -> list[Cell]:
    if value is None:
        return [None, None]
    local = datetime.fromisoformat(value).astimezone(clock.timezone()).replace(tzinfo=None)
    return [local, local.date()]


def _plain(value: Any) -> list[Cell]:
    if value is None or isinstance(value, (str, bool, int, float)):
        return [value]
    if isinstance(value, list):
        return [", ".join(map(_text, value))]
    return [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
