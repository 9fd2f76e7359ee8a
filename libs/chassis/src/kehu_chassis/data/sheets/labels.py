"""What people read in a sheet instead of the names of fields and of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.texts import LANGUAGES, Text, Texts

DAY: Text = (" (day)", "（日期）")
_ID: Text = (" (id)", "（标识）")


@dataclass(frozen=True)
class Labels:
    """The labels in one language; ``contexts`` are those of the codes of fields without choices."""

    texts: Texts
    language: str
    contexts: Mapping[str, str]

    def column(self, name: str, field: ma.fields.Field[Any], schema: str, end: Text) -> str:
        """The head of a column; that of an id says so, as the name beside it has the same label."""
        label = self.texts.field(name, schema) or (name, name)
        if isinstance(field, ma.fields.UUID) and name != "id":
            end = _ID
        return self._in_language(label) + self._in_language(end)

    def codes(self, name: str, field: ma.fields.Field[Any]) -> dict[Any, str]:
        """The labels of a field's codes."""
        if name in self.contexts:
            return self._all_in_language(self.texts.labels[self.contexts[name]])
        for check in field.validators:
            if isinstance(check, validate.OneOf):
                return self._all_in_language(self.texts.of_codes(check.choices, name) or {})
        return {}

    def _all_in_language(self, labels: Mapping[Any, Text]) -> dict[Any, str]:
        shown = {code: self._in_language(text) for code, text in labels.items()}
        return {code: text[:1].upper() + text[1:] for code, text in shown.items()}

    def _in_language(self, text: Text) -> str:
        return text[LANGUAGES.index(self.language)]
