"""Sheets carry data, never a formula."""

import csv
import io

import marshmallow as ma
import pytest

from kehu_chassis.data.fields import Money
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
        '"=1"',
        "\u00a0=1",
        "\u200b=1",
        "\x01=1",
        "\ufeff=1",
        "＝1+1",
        "＠x",
    ],
)
def test_formulas_are_escaped(text: str) -> None:
    assert sheets.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "北京长城", "a=b", "1-2", " plain", "'=1", "(=1)", "a; b\nc"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert sheets.harmless(text) == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("text", ["{}=1+1", "a{}=1+1", 'a{}"=1+1', "a{} +1", "a;b{}@SUM(A1)"])
@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n", ";;", ";\t"])
def test_no_cell_is_a_formula_whatever_a_spreadsheet_separates_by(
    delimiter: str, text: str, separator: str
) -> None:
    row = {"name": text.format(separator), "amount": "-1.00", "share": None}
    sheet = io.StringIO(sheets.to_csv(_Row, [row, row]))
    cells = [
        cell.lstrip(' "\t\r\n')
        for cells in csv.reader(sheet, delimiter=delimiter)
        for cell in cells
    ]
    assert any("1" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


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
