"""A sheet as an Excel workbook, in which every cell has its type."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from kehu_reporting.sheets.cells import Cell, Sheet

_DIGITS = 15  # a spreadsheet keeps no more of a number
_LONGEST = 32_767  # characters in a cell
_FIRST_YEAR = 1900
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def xlsx_of(sheet: Sheet) -> bytes:
    """The workbook: a fixed header that filters, one row for each item."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as workbook:
        formats = {
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            Decimal: workbook.add_format({"num_format": "#,##0.00"}),
        }
        page = workbook.add_worksheet()
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.columns) - 1, 18)
        page.write_row(0, 0, sheet.columns, workbook.add_format({"bold": True}))
        last = 0
        for last, cells in enumerate(sheet.rows(), start=1):
            for column, cell in enumerate(cells):
                _write(page, last, column, cell, formats)
        page.autofilter(0, 0, last, len(sheet.columns) - 1)
    return out.getvalue()


def _write(page: Any, row: int, column: int, cell: Cell, formats: dict[type, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, date) and cell.year >= _FIRST_YEAR:
        page.write_datetime(row, column, cell, formats[type(cell)])
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, (int, float, Decimal)) and _fits(cell):
        page.write_number(row, column, cell, formats.get(type(cell)))
    else:
        page.write_string(row, column, str(cell)[:_LONGEST])


def _fits(number: int | float | Decimal) -> bool:
    return isinstance(number, float) or len(Decimal(number).as_tuple().digits) <= _DIGITS
