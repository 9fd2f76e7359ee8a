"""A sheet as an Excel workbook, in which every cell has its type."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from kehu_chassis.data.sheets.cells import Cell, Sheet

_DIGITS = 15  # a spreadsheet keeps no more of a number
_LONGEST = 32_767  # characters in a cell
_FIRST_YEAR = 1900
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_xlsx(sheet: Sheet, out: IO[bytes]) -> None:
    """Write the workbook: a fixed header that filters, one row for each item."""
    with xlsxwriter.Workbook(out, _OPTIONS) as workbook:
        formats = _formats(workbook)
        page = workbook.add_worksheet()
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.columns) - 1, 18)
        page.write_row(0, 0, sheet.columns, workbook.add_format({"bold": True}))
        last = 0
        for last, cells in enumerate(sheet.rows(), start=1):
            for column, cell in enumerate(cells):
                _write(page, last, column, cell, formats)
        page.autofilter(0, 0, last, len(sheet.columns) - 1)


def _formats(workbook: Any) -> dict[Any, Any]:
    """The format of each type of cell, and of amounts by the number of their decimals."""
    patterns: dict[Any, str] = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd"}
    patterns |= {places: f"#,##0{_point(places)}" for places in range(_DIGITS + 1)}
    return {kind: workbook.add_format({"num_format": form}) for kind, form in patterns.items()}


def _write(page: Any, row: int, column: int, cell: Cell, formats: dict[Any, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, date) and cell.year >= _FIRST_YEAR:
        page.write_datetime(row, column, cell, formats[type(cell)])
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, (int, float, Decimal)) and _fits(cell):
        page.write_number(row, column, cell, formats.get(_decimals(cell)))
    else:
        page.write_string(row, column, str(cell)[:_LONGEST])


def _point(places: int) -> str:
    return "." + "0" * places if places else ""


def _decimals(cell: int | float | Decimal) -> int | None:
    """How many decimals are shown of an amount: all that it has."""
    return -int(cell.as_tuple().exponent) if isinstance(cell, Decimal) else None


def _fits(number: int | float | Decimal) -> bool:
    return isinstance(number, float) or len(Decimal(number).as_tuple().digits) <= _DIGITS
