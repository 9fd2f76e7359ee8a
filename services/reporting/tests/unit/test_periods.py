"""Periods are business days of the company's time zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import column
from sqlalchemy.dialects import postgresql

from kehu_chassis import clock
from kehu_chassis.problems import Problem
from kehu_reporting.periods import Period, period_of


def test_all_time_a_year_or_from_and_to() -> None:
    assert period_of({}) == Period(None, None)
    assert period_of({"year": 2024}) == Period(date(2024, 1, 1), date(2024, 12, 31))
    assert period_of({"first": date(2024, 2, 1)}) == Period(date(2024, 2, 1), None)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"year": 2024, "last": date(2024, 2, 1)}, "period-or-year"),
        ({"first": date(2024, 2, 2), "last": date(2024, 2, 1)}, "period-reversed"),
    ],
)
def test_contradictory_periods_are_refused(args: dict[str, object], code: str) -> None:
    with pytest.raises(Problem) as refused:
        period_of(args)
    assert refused.value.errors[0]["code"] == code


@pytest.mark.parametrize(
    ("zone", "begins", "ends"),
    [
        ("Asia/Shanghai", "2024-03-30T16:00", "2024-03-31T16:00"),
        # The day on which clocks go forward in Berlin has 23 hours.
        ("Europe/Berlin", "2024-03-30T23:00", "2024-03-31T22:00"),
    ],
)
def test_a_day_begins_at_local_midnight(zone: str, begins: str, ends: str) -> None:
    before = clock.timezone()
    clock.use_timezone(ZoneInfo(zone))
    try:
        day = date(2024, 3, 31)
        conditions = Period(day, day).conditions(column("moment"))
    finally:
        clock.use_timezone(before)
    bounds = [
        next(iter(c.compile(dialect=postgresql.dialect()).params.values())).astimezone(UTC)
        for c in conditions
    ]
    assert bounds == [datetime.fromisoformat(f"{b}:00+00:00") for b in (begins, ends)]
