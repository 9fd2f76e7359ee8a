"""Reading the next rows of an order that meet conditions, at a bounded cost.

They are read in two ways, as no estimate tells which is fast: the planner knows neither how often a
word occurs nor where in an order the rows of a person are.  First the next `WALK` rows of the order
are filtered, which is all for whatever is frequent.  If they are not enough, there are few matching
rows, which are collected by the indexes of the conditions and sorted
(docs/adr/0034-lists-walk-then-collect.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

WALK = 3_000  # rows of an order
SOME = 500  # rows that may contain a word


@dataclass(frozen=True)
class Search:
    """The conditions of a search: by the index of grams, and by the texts themselves.

    They are apart because the planner overrates grams: it takes those of one word for independent,
    and would collect a fifth of the table to fill a page.
    """

    grams: list[ColumnElement[bool]]
    texts: list[ColumnElement[bool]]

    def limited(self, statement: Select[Any]) -> Select[Any]:
        """A statement limited by both."""
        return statement.where(*self.grams, *self.texts)


class Part:
    """One part of an order; its rows meet all conditions of ``after``.  ``indexed``: an index has
    this order."""

    def __init__(
        self,
        column: InstrumentedAttribute[Any],
        ident: Any,
        descending: bool,
        *,
        empty: bool,
        indexed: bool,
    ) -> None:
        self.column, self.after = column, list[ColumnElement[bool]]()
        self.indexed = indexed
        self.ident, self._descending = ident, descending
        self._columns = [ident] if empty else [column, ident]

    @property
    def whole(self) -> Select[Any]:
        """All rows of the table."""
        return select(self.ident.class_)

    @property
    def order(self) -> list[Any]:
        """The order, which an index may have."""
        return [one.desc() if self._descending else one.asc() for one in self._columns]

    @property
    def unindexed(self) -> list[Any]:
        """The same order by expressions that no index has: rows are found first, then sorted."""
        same = [func.greatest(one, one) for one in self._columns]
        return [one.desc() if self._descending else one.asc() for one in same]

    def beyond(self, value: Any, last_id: UUID | None) -> ColumnElement[bool]:
        """SQL: a row comes after that one."""
        here, there = self._compared(value, last_id)
        after: ColumnElement[bool] = here < there if self._descending else here > there
        return after

    def end(self, session: Session, rows: int) -> list[ColumnElement[bool]]:
        """The condition that a row is among the next ones; none if all are."""
        last = select(self.column, self.ident).where(*self.after).order_by(*self.order)
        found = session.execute(last.offset(rows - 1).limit(1)).first()
        return [] if found is None else [self._until(*found)]

    def _until(self, value: Any, last_id: UUID | None) -> ColumnElement[bool]:
        here, there = self._compared(value, last_id)
        before: ColumnElement[bool] = here >= there if self._descending else here <= there
        return before

    def _compared(self, value: Any, last_id: UUID | None) -> tuple[Any, Any]:
        if len(self._columns) == 1:
            return self.ident, literal(last_id)
        there = tuple_(literal(value, self.column.type), literal(last_id))
        return tuple_(self.column, self.ident), there


def rows(
    session: Session,
    statement: Select[Any],
    found_by: Search,
    parts: Iterable[Part],
    wanted: int,
) -> tuple[list[Any], bool]:
    """At most ``wanted`` rows, and whether the beginning of the order was enough."""
    read: list[Any] = []
    walked = True
    for part in parts:
        missing = wanted - len(read)
        filtered = statement.where(*part.after, *found_by.texts)
        found: Sequence[Any] = []
        done, order = False, part.order
        if part.indexed:
            end = part.end(session, max(WALK, 2 * missing))
            found = session.scalars(filtered.where(*end).order_by(*order).limit(missing)).all()
            done, order = len(found) == missing or not end, part.unindexed
        if not done:
            collected = filtered.where(*found_by.grams).order_by(*order).limit(missing)
            found = session.scalars(collected).all()
        walked = walked and done
        read += found
        if len(read) == wanted:
            break
    return read, walked


def some(
    session: Session,
    statement: Select[Any],
    found_by: Search,
    part: Part,
    wanted: int,
    *,
    enough: int,
) -> list[Any]:
    """At most ``wanted`` rows, at a bounded cost also where a word is frequent but not in what is
    asked for: without order, if the beginning of the order has not ``enough``, and only from the
    first `SOME` rows that the index of grams finds."""
    end = part.end(session, WALK)
    walked = statement.where(*end, *found_by.texts).order_by(*part.order).limit(wanted)
    found = list(session.scalars(walked))
    if len(found) >= enough or not end:
        return found
    likely = statement.where(*found_by.grams).with_only_columns(part.ident).limit(SOME)
    rows = part.whole.where(part.ident.in_(likely), *found_by.texts)
    return list(session.scalars(rows.order_by(*part.unindexed).limit(wanted)))
