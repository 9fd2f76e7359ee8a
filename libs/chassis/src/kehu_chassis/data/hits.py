"""The hits of one search box: a few records of each kind, the best first.

An exact number, phone or name comes before one that begins with what was typed, and that before one
that contains it; equals keep the order of the list.  The hits are chosen from what the list itself
finds first, so that a search costs no more than the first page of a list, however frequent a word
is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
from sqlalchemy import Select
from sqlalchemy.orm import Session

from kehu_chassis.data import search
from kehu_chassis.data.fields import Text
from kehu_chassis.data.listing import Listing

MOST = 8  # of a kind
_COMPARED = 50
_EXACT, _PREFIX, _CONTAINED, _ELSEWHERE = range(4)


class HitsQuery(ma.Schema):
    """What was typed."""

    q = Text(required=True, min_length=2, max_length=search.MAX_QUERY)


class HitSchema(ma.Schema):
    """A record that was found; the service adds its type."""

    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True, allow_none=True)
    name = ma.fields.String(required=True)
    detail = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What tells it from others of its name."},
    )
    match = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The phone or other text that was found, if not shown above."},
    )


@dataclass(frozen=True)
class Hit:
    """A record, and which of its texts was found; None if it is none of those compared."""

    record: Any
    text: str | None

    def shown(self, kind: str, *, name: str, detail: str | None, **more: Any) -> dict[str, Any]:
        """The hit in the shape of `HitSchema`, with its type."""
        number = more.pop("number", None)
        seen = self.text in (number, name, detail)
        return {
            "type": kind,
            "id": self.record.id,
            "number": number,
            "name": name,
            "detail": detail,
            "match": None if seen else self.text,
            **more,
        }


def best(
    session: Session, listing: Listing, statement: Select[Any], query: str, by: Sequence[str]
) -> list[Hit]:
    """The best hits among the records of a statement that is limited to visible ones.

    ``by`` names the columns by which they are compared; the most important first.
    """
    if not search.words(query):
        return []
    found = listing.some(session, statement, query, wanted=_COMPARED, enough=MOST)
    typed = _Typed(query)
    ranked = [(*typed.best_of(search.texts_of(record, by)), record) for record in found]
    ranked.sort(key=lambda one: one[0])
    return [Hit(record, text) for _, text, record in ranked[:MOST]]


class _Typed:
    """What was typed, in the forms in which texts are searched."""

    def __init__(self, query: str) -> None:
        self._words = search.words(query)
        self._forms = search.forms(query)

    def best_of(self, texts: Iterable[str | None]) -> tuple[int, str | None]:
        """How good the best of these texts is, and which it is."""
        ranked = [(self._rank(text), text) for text in texts if text]
        rank, text = min(ranked, key=lambda one: one[0], default=(_ELSEWHERE, ""))
        return rank, None if rank == _ELSEWHERE else text

    def _rank(self, text: str) -> int:
        document = search.line(text)
        lines = document.splitlines()
        if not self._forms.isdisjoint(lines):
            return _EXACT
        if any(line.startswith(form) for line in lines for form in self._forms):
            return _PREFIX
        return _CONTAINED if any(word in document for word in self._words) else _ELSEWHERE
