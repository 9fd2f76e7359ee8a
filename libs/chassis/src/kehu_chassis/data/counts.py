"""How many records of a list have each state, stage or person: for tabs and boards.

::

    COUNTS = Counts(NOTES, by=("status", "assignee_id"))

is used as ``@blp.arguments(COUNTS.query, location="query")``, ``@blp.response(200, CountsSchema)``
and ``COUNTS.of(session, statement, args)``. It takes the filters of the list. Each column of ``by``
needs an index, by which counting stops early, however many records there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma
from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from kehu_chassis.data import validate
from kehu_chassis.data.columns import limits_of
from kehu_chassis.data.listing import COUNT_CAP, Column, Listing
from kehu_chassis.data.people import PersonName


class Counts:
    """The counts of a list's records by one of its columns."""

    def __init__(self, listing: Listing, *, by: Sequence[str]) -> None:
        self._listing = listing
        self._by: dict[str, Column] = {name: getattr(listing.model, name) for name in by}
        of = ma.fields.String(
            load_default=by[0],
            validate=validate.OneOf(list(by)),
            metadata={"description": "The field whose values are counted."},
        )
        self.query = ma.Schema.from_dict(
            {"by": of, **listing.filter_fields}, name=f"{listing.model.__name__}CountsQuery"
        )

    def of(
        self, session: Session, statement: Select[Any], args: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The counts of a statement that selects the model and is limited to visible records, in
        the shape of `CountsSchema`: of coded fields every code, in order, otherwise what occurs."""
        column = self._by[args["by"]]
        matching = self._listing.filtered(session, statement, args).order_by(None)
        rows = matching.with_only_columns(column.label("value")).limit(COUNT_CAP + 1).subquery()
        counts: dict[Any, int] = dict(
            session.execute(select(rows.c.value, func.count()).group_by(rows.c.value)).all()
        )
        codes = limits_of([column.property.columns[0]]).choices
        if sum(counts.values()) > COUNT_CAP:
            values = codes or session.scalars(_distinct(column)).all()
            counts = _of_each(session, matching, column, values)
        items = [
            {
                "value": value,
                "count": min(counts[value], COUNT_CAP),
                "capped": counts[value] > COUNT_CAP,
            }
            for value in _sorted(counts, codes)
        ]
        return {"by": args["by"], "items": items}


class CountSchema(ma.Schema):
    """How many records have one value."""

    value = ma.fields.String(required=True, allow_none=True)
    name = PersonName("value")
    count = ma.fields.Integer(required=True)
    capped = ma.fields.Boolean(
        required=True, metadata={"description": f"True: there are over {COUNT_CAP}."}
    )


class CountsSchema(ma.Schema):
    """How many records have each value of a field; `name` is that of a person."""

    by = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(CountSchema), required=True)


def _of_each(
    session: Session, matching: Select[Any], column: Column, values: Sequence[Any]
) -> dict[Any, int]:
    """Counts of each value, none beyond one more than the cap."""
    value = select(func.unnest(literal(list(values), ARRAY(column.type))).label("value")).cte()
    of_value = matching.with_only_columns(literal(1)).where(column == value.c.value)
    some = of_value.limit(COUNT_CAP + 1).correlate(value).subquery()
    counted = select(value.c.value, select(func.count()).select_from(some).scalar_subquery())
    found = {row[0]: row[1] for row in session.execute(counted) if row[1]}
    if column.nullable:
        empty = matching.with_only_columns(literal(1)).where(column.is_(None)).limit(COUNT_CAP + 1)
        if none := session.scalar(select(func.count()).select_from(empty.subquery())):
            found[None] = none
    return found


def _distinct(column: Column) -> Select[Any]:
    """The values of a column, each found by a step in its index."""
    first = select(column).where(column.is_not(None)).order_by(column).limit(1)
    steps = select(first.scalar_subquery().label("value")).cte(recursive=True)
    following = select(column).where(column > steps.c.value).order_by(column).limit(1)
    steps = steps.union_all(
        select(following.correlate(steps).scalar_subquery()).where(steps.c.value.is_not(None))
    )
    return select(steps.c.value).where(steps.c.value.is_not(None))


def _sorted(counts: dict[Any, int], codes: Sequence[Any] | None) -> list[Any]:
    """Every code in its order, or the values that occur, the most frequent first."""
    if codes:
        for code in codes:
            counts.setdefault(code, 0)
        return [*codes, *(value for value in counts if value not in codes)]
    return sorted(counts, key=lambda value: (-counts[value], str(value)))
