"""Sheets carry data, never a formula."""

import marshmallow as ma
import pytest

from kehu_chassis.fields import Money
from kehu_reporting import sheets


class _Row(ma.Schema):
    name = ma.fields.String(allow_none=True)
    amount = Money(negative=True, allow_none=True)
    share = ma.fields.Float(allow_none=True)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "  =1",
        "\t=1",
        "\r\n=1",
        "\u00a0=1",
        "\u200b=1",
        "\x01=1",
        "\ufeff=1",
        "\tharmless",
        "\nharmless",
        "＝1+1",
        "＠x",
    ],
)
def test_what_a_spreadsheet_would_run_is_escaped(text: str) -> None:
    assert sheets.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "北京长城", "a=b", "1-2", " plain", "'=1", "(=1)"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert sheets.harmless(text) == text


def test_a_sheet_has_a_mark_a_header_and_plain_numbers() -> None:
    rows = [
        {"name": '=HYPERLINK("x")', "amount": "-12.00", "share": -0.5},
        {"name": "长城, Ltd.", "amount": None, "share": None},
        {"name": None, "amount": "3.00", "share": 0.1},
    ]
    assert sheets.to_csv(_Row, rows) == (
        "\ufeffname,amount,share\r\n"
        '"\'=HYPERLINK(""x"")",-12.00,-0.5\r\n'
        '"长城, Ltd.",,\r\n'
        ",3.00,0.1\r\n"
    )
