"""Writing JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kehu_chassis import jsontext

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1200.00"), "1200.00"),
        (Decimal("1E+3"), "1E+3"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 8, tzinfo=UTC), "2026-03-01T08:00:00Z"),
        (datetime(2026, 3, 1, 8, 0, 0, 5, tzinfo=UTC), "2026-03-01T08:00:00.000005Z"),
        (datetime(2026, 3, 1, 8, tzinfo=CHINA), "2026-03-01T08:00:00+08:00"),
        ((1, 2.5, True, None), [1, 2.5, True, None]),
        ({"x"}, ["x"]),
        ({"客户": 'a "b" \\ \n'}, {"客户": 'a "b" \\ \n'}),
        (2**63 - 1, 2**63 - 1),
    ],
)
def test_values_have_one_form(value: Any, shown: Any) -> None:
    assert jsontext.plain(value) == shown
    assert json.loads(jsontext.write([value])) == [shown]


def test_it_is_compact_and_in_utf_8() -> None:
    assert jsontext.write({"a": [1, "客"]}) == '{"a":[1,"客"]}'.encode()


@pytest.mark.parametrize("value", [object(), b"bytes", {1: "a number as a key"}, "\ud800"])
def test_what_has_no_json_form_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError):
        jsontext.write(value)
