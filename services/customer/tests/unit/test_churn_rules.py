"""Who is due a warning, and from which day on."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from kehu_customer.features.churn import rules
from kehu_customer.features.churn.jobs import iso_week

CUT_OFF = date(2026, 5, 22)


@pytest.mark.parametrize(
    ("as_of", "months", "expected"),
    [
        (date(1998, 6, 30), 6, date(1997, 12, 30)),
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2024, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 6, date(2026, 6, 30)),
        (date(2026, 6, 30), 18, date(2024, 12, 30)),
        (date(1900, 1, 1), 60, date(1895, 1, 1)),
    ],
)
def test_cut_off_is_calendar_months_before_within_the_month(
    as_of: date, months: int, expected: date
) -> None:
    assert rules.cut_off(as_of, months) == expected


def _customer(**fields: Any) -> Any:
    defaults = {
        "is_prospect": False,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "churn_months": None,
        "level": "ordinary",
    }
    return SimpleNamespace(**(defaults | fields))


def test_only_an_order_strictly_before_the_cut_off_is_too_old() -> None:
    assert rules.kind_due(_customer(), date(2026, 5, 21), CUT_OFF) == "inactive"
    assert rules.kind_due(_customer(), CUT_OFF, CUT_OFF) is None


def test_never_ordered_concerns_old_customers_that_are_no_prospects() -> None:
    assert rules.kind_due(_customer(), None, CUT_OFF) == "never_ordered"
    assert rules.kind_due(_customer(is_prospect=True), None, CUT_OFF) is None
    late = datetime(2026, 5, 21, 15, 59, tzinfo=UTC)  # 23:59 of the 21st in Shanghai
    assert rules.kind_due(_customer(created_at=late), None, CUT_OFF) == "never_ordered"
    later = datetime(2026, 5, 21, 16, 0, tzinfo=UTC)  # the 22nd has begun there
    assert rules.kind_due(_customer(created_at=later), None, CUT_OFF) is None


def test_a_prospect_that_ordered_is_watched_like_every_customer() -> None:
    assert rules.kind_due(_customer(is_prospect=True), date(2026, 5, 21), CUT_OFF) == "inactive"


def test_months_of_the_customer_come_before_those_of_its_level() -> None:
    by_level = {"partner": 9}
    assert rules.months_of(_customer(), 6, by_level) == 6
    assert rules.months_of(_customer(level="partner"), 6, by_level) == 9
    assert rules.months_of(_customer(level="partner", churn_months=3), 6, by_level) == 3


def test_an_iso_week_is_one_run_also_at_the_turn_of_the_year() -> None:
    assert iso_week(datetime(2026, 1, 3, 2)) == "2026-W01"  # noqa: DTZ001
    assert iso_week(datetime(2027, 1, 2, 2)) == "2026-W53"  # noqa: DTZ001
