"""Rows as files for spreadsheets: one mechanism for lists and reports."""

from collections.abc import Callable
from typing import IO

from kehu_chassis.data.sheets.cells import Sheet
from kehu_chassis.data.sheets.csv_file import write_csv
from kehu_chassis.data.sheets.labels import Labels
from kehu_chassis.data.sheets.xlsx_file import write_xlsx

__all__ = ["TYPES", "WRITERS", "Labels", "Sheet"]

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WRITERS: dict[str, Callable[[Sheet, IO[bytes]], None]] = {"csv": write_csv, "xlsx": write_xlsx}
