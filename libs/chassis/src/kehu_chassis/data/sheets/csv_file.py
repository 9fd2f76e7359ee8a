"""A sheet as CSV, so that a spreadsheet shows what is in it and runs nothing."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import datetime
from typing import IO

from kehu_chassis.data.sheets.cells import Cell, Sheet

_BOM = "\ufeff"  # without it, spreadsheets misread Chinese
_FORMULA = tuple("=+-@＝＋－＠")
_SEPARATORS = re.compile(r"([;\t\r\n])")
_MONTH = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?"
    "|nov(ember)?|dec(ember)?"
)
# What a spreadsheet turns into a number, a date or a truth value: 00123 into 123, 1E5 into 100000,
# MAR1, 1/2 and 1月2日 into days, and every number of more than 15 digits into another one.
_CONVERTED = re.compile(
    r"[0-9][0-9.,:/ \-]*(e[+-]?[0-9]+)?%?"
    rf"|([0-9]{{1,4}}[ \-/]?)?({_MONTH})[ \-/]?[0-9]{{0,4}}"
    r"|([0-9]{1,4}[年月日时分秒])+"
    r"|true|false",
    re.IGNORECASE,
)


def write_csv(sheet: Sheet, out: IO[bytes]) -> None:
    """Write the sheet in UTF-8 with a byte order mark."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    text.write(_BOM)
    writer = csv.writer(text)
    writer.writerow(sheet.columns)
    for cells in sheet.rows():
        writer.writerow(map(_shown, cells))
    text.detach()


def _shown(cell: Cell) -> object:
    if isinstance(cell, str):
        return f'="{cell}"' if _CONVERTED.fullmatch(cell) else harmless(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return cell


def harmless(text: str) -> str:
    """Text with ' before whatever a spreadsheet would take for a formula.

    Not only at the beginning: where the decimal sign is a comma, spreadsheets begin a new cell
    behind each ; and a new row behind each line, regardless of quotes.
    """
    if text[:1].isalpha() and _SEPARATORS.search(text) is None:  # most texts: no formula
        return text
    pieces = _SEPARATORS.split(text)
    return "".join(f"'{piece}" if _is_formula(piece) else piece for piece in pieces)


def _is_formula(piece: str) -> bool:
    """Whether it begins with a formula's sign, ignoring quotes, spaces, control and other invisible
    characters."""
    shown = (char for char in piece if char != '"' and unicodedata.category(char)[0] not in "CZ")
    return next(shown, "") in _FORMULA
