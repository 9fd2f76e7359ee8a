"""The period of a report: business days in the company's time zone, both ends included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import marshmallow as ma
from sqlalchemy import ColumnElement

from kehu_chassis import clock
from kehu_chassis.data import validate
from kehu_chassis.data.fields import Integer
from kehu_chassis.problems import invalid

_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)
ALL_TIME = 0  # in place of a year


@dataclass(frozen=True)
class Period:
    """From one day to another; None means open at that end."""

    first: date | None
    last: date | None

    @property
    def year(self) -> int | None:
        """The calendar year that this is, or `ALL_TIME`; None for any other period."""
        if self.first is None and self.last is None:
            return ALL_TIME
        first, last = self.first, self.last
        if first is None or (first, last) != (date(first.year, 1, 1), date(first.year, 12, 31)):
            return None
        return first.year

    def conditions(self, moment: Any) -> list[ColumnElement[bool]]:
        """SQL: the column's moment lies within the period."""
        found = []
        if self.first is not None:
            found.append(moment >= _midnight(self.first))
        if self.last is not None:
            found.append(moment < _midnight(self.last + timedelta(days=1)))
        return found


def fields() -> dict[str, ma.fields.Field[Any]]:
    """The query parameters ``from``, ``to`` and ``year``."""
    day = validate.Range(_FIRST, _LAST)
    return {
        "first": ma.fields.Date(
            data_key="from", validate=day, metadata={"description": "First day of the period."}
        ),
        "last": ma.fields.Date(
            data_key="to", validate=day, metadata={"description": "Last day of the period."}
        ),
        "year": Integer(
            validate=validate.Range(_FIRST.year, _LAST.year),
            metadata={"description": "A calendar year, instead of from and to."},
        ),
    }


def period_of(args: Mapping[str, Any]) -> Period:
    """The period that query parameters name; all time if they name none."""
    first, last, year = args.get("first"), args.get("last"), args.get("year")
    if year is not None:
        if first is not None or last is not None:
            raise invalid("/year", "period-or-year")
        return Period(date(year, 1, 1), date(year, 12, 31))
    if first is not None and last is not None and last < first:
        raise invalid("/to", "period-reversed")
    return Period(first, last)


class PeriodSchema(ma.Schema):
    """The period that a report covers, in business days; null where it is open."""

    first = ma.fields.Date(data_key="from", allow_none=True, required=True)
    last = ma.fields.Date(data_key="to", allow_none=True, required=True)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.timezone())
