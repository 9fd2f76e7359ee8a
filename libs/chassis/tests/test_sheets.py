"""Sheets carry data as it is, never a formula."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import marshmallow as ma
import openpyxl
import pytest

from kehu_chassis.data.fields import Money, Text, Timestamp
from kehu_chassis.data.sheets import WRITERS, Labels, Sheet
from kehu_chassis.data.sheets.csv_file import harmless
from kehu_chassis.texts import Texts


class _Row(ma.Schema):
    name = Text(allow_none=True)
    amount = Money(negative=True, allow_none=True)
    share = ma.fields.Float(allow_none=True)


class _Moment(ma.Schema):
    at = Timestamp(allow_none=True)
    on = ma.fields.Date(allow_none=True)
    done = ma.fields.Boolean()
    count = ma.fields.Integer()
    tags = ma.fields.List(ma.fields.String())


MOMENT = {
    "at": datetime(2026, 1, 31, 16, 30, tzinfo=UTC),  # half past midnight in Shanghai
    "on": date(2026, 2, 1),
    "done": True,
    "count": 12,
    "tags": ["a", "b"],
}


def _csv(schema: type[ma.Schema], *rows: dict[str, Any]) -> str:
    return _file("csv", schema, rows).decode()


def _xlsx(schema: type[ma.Schema], *rows: dict[str, Any]) -> Any:
    return openpyxl.load_workbook(io.BytesIO(_file("xlsx", schema, rows))).active


def _file(kind: str, schema: type[ma.Schema], rows: Any) -> bytes:
    out = io.BytesIO()
    WRITERS[kind](Sheet(schema, rows, Labels(Texts(), "en", {})), out)
    return out.getvalue()


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
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "北京长城", "a=b", "1-2", " plain", "'=1", "(=1)", "a; b\nc"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("text", ["{}=1+1", "a{}=1+1", 'a{}"=1+1', "a{} +1", "a;b{}@SUM(A1)"])
@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n", ";;", ";\t"])
def test_no_cell_is_a_formula_whatever_a_spreadsheet_separates_by(
    delimiter: str, text: str, separator: str
) -> None:
    row = {"name": text.format(separator), "amount": "-1.00", "share": None}
    sheet = io.StringIO(_csv(_Row, row, row))
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
    assert _csv(_Row, *rows) == (
        "\ufeffname,amount,share\r\n"
        '"\'=HYPERLINK(""x"")",-12.00,-0.5\r\n'
        '"长城, Ltd.",,\r\n'
        ",3.00,0.1\r\n"
    )


def test_moments_are_in_the_companys_time_with_a_column_for_the_day() -> None:
    assert _csv(_Moment, MOMENT, {"at": None, "on": None, "done": False}) == (
        "\ufeffat,at (day),on,done,count,tags\r\n"
        '2026-02-01 00:30:00,2026-02-01,2026-02-01,True,12,"a, b"\r\n'
        ",,,False,,\r\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        "00123", "123456789012345678", "1E5", "1e-5", "1/2", "3-4", "2026-02-01", "12:30", "MAR1",
        "1-Mar", "SEPT2", "dec", "true", "FALSE", "100", "1.50", "50%", "010-12345678",
        "1月2日", "2026年1月",
    ],
)  # fmt: skip
def test_codes_survive_a_spreadsheet(code: str) -> None:
    (row,) = csv.DictReader(io.StringIO(_csv(_Row, {"name": code})[1:]))
    assert row["name"] == f'="{code}"'
    assert _xlsx(_Row, {"name": code})["A2"].value == code


@pytest.mark.parametrize("text", ["P-100", "KH-2026-000001", "Marx", "Decor 5", "1 箱", "truely"])
def test_other_codes_stay_as_they_are(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(_csv(_Row, {"name": text})[1:]))
    assert row["name"] == text


def test_a_workbook_has_typed_cells() -> None:
    page = _xlsx(_Moment, MOMENT)
    assert [cell.value for cell in page[1]] == ["at", "at (day)", "on", "done", "count", "tags"]
    day = datetime(2026, 2, 1)  # noqa: DTZ001 - a workbook knows no zones
    assert [cell.value for cell in page[2]] == [
        day.replace(minute=30), day, day, True, 12, "a, b",
    ]  # fmt: skip
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:F2")


@pytest.mark.parametrize("text", ["=1+1", "{=1}", "https://example.com", "@x", "'=1"])
def test_a_workbook_has_no_formula_and_no_link(text: str) -> None:
    cell = _xlsx(_Row, {"name": text})["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_workbook_has_exact_amounts() -> None:
    page = _xlsx(_Row, {"amount": "1234.50"}, {"amount": "9999999999999999.99"}, {"amount": None})
    assert [page.cell(row, 2).value for row in (2, 3, 4)] == [1234.5, "9999999999999999.99", None]
    assert page["B2"].number_format == "#,##0.00"


def test_a_workbook_without_rows_has_its_header() -> None:
    assert [cell.value for cell in _xlsx(_Row)[1]] == ["name", "amount", "share"]
