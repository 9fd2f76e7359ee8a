"""The columns of a sheet and the values in its cells, whatever the format of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma

from kehu_chassis import clock
from kehu_chassis.data import validate
from kehu_chassis.data.schemas import component_name
from kehu_chassis.texts import LANGUAGES, Text, Texts

Cell = str | bool | int | float | Decimal | date | datetime | None


_DAY: Text = (" (day)", "（日期）")
_ID: Text = (" (id)", "（标识）")


@dataclass(frozen=True)
class Labels:
    """What people read instead of the names of fields and of codes, in one language.

    ``contexts`` are those of the codes of fields without choices.
    """

    texts: Texts
    language: str
    contexts: Mapping[str, str]

    def column(self, name: str, field: ma.fields.Field[Any], schema: str, end: Text) -> str:
        """The head of a column; that of an id says so, as the name beside it has the same label."""
        label = self.texts.field(name, schema) or (name, name)
        if isinstance(field, ma.fields.UUID) and name != "id":
            end = _ID
        return self._said(label) + self._said(end)

    def codes(self, name: str, field: ma.fields.Field[Any]) -> dict[Any, str]:
        """The labels of a field's codes."""
        if name in self.contexts:
            return self._all_said(self.texts.labels[self.contexts[name]])
        for check in field.validators:
            if isinstance(check, validate.OneOf):
                return self._all_said(self.texts.of_codes(check.choices, name) or {})
        return {}

    def _all_said(self, labels: Mapping[Any, Text]) -> dict[Any, str]:
        said = {code: self._said(text) for code, text in labels.items()}
        return {code: text[:1].upper() + text[1:] for code, text in said.items()}

    def _said(self, text: Text) -> str:
        return text[LANGUAGES.index(self.language)]


class Sheet:
    """Items of a schema as a table, with the names of its fields or with labels.

    A moment is in the company's time, without an offset, and its day has a column of its own after
    it, by which spreadsheets can group and join.
    """

    def __init__(
        self, schema: type[ma.Schema], items: Sequence[Any], labels: Labels | None = None
    ) -> None:
        self._schema = schema()
        self._items = items
        self._codes: dict[str, dict[Any, str]] = {}
        self.columns: list[str] = []
        component = component_name(schema)
        for name, field in self._schema.fields.items():
            self._codes[name] = labels.codes(name, field) if labels else {}
            heads = [name, f"{name}_day"]
            if labels:
                heads = [labels.column(name, field, component, end) for end in (("", ""), _DAY)]
            self.columns += heads if _is_moment(field) else heads[:1]

    def rows(self) -> Iterator[list[Cell]]:
        """The cells of each item, in the order of the columns."""
        for item in self._items:
            shown: Any = self._schema.dump(item)
            cells: list[Cell] = []
            for name, field in self._schema.fields.items():
                value = shown.get(name)
                label = self._codes[name].get(value) if isinstance(value, (str, int)) else None
                cells += [label] if label else _cells(field, value)
            yield cells


def _is_moment(field: ma.fields.Field[Any]) -> bool:
    return isinstance(field, ma.fields.DateTime) and not isinstance(field, ma.fields.Date)


def _cells(field: ma.fields.Field[Any], value: Any) -> list[Cell]:
    if _is_moment(field):
        if value is None:
            return [None, None]
        local = datetime.fromisoformat(value).astimezone(clock.timezone()).replace(tzinfo=None)
        return [local, local.date()]
    if value is None or isinstance(value, (bool, int, float)):
        return [value]
    if isinstance(field, ma.fields.Date):
        return [date.fromisoformat(value)]
    if isinstance(field, ma.fields.Decimal):
        return [Decimal(value)]
    if isinstance(value, list):
        return [", ".join(map(str, value))]
    return [str(value)]
