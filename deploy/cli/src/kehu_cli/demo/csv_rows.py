"""Reads tables from CSV files as people export them.

The usual encodings and delimiters are recognised. A file whose rows cannot be told apart with
certainty is not read at all: an amount in the wrong column is worse than an error.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kehu_chassis.data.cleaning import clean
from kehu_cli.demo.book import DataError
from kehu_cli.demo.faults import listed

DELIMITERS = ",;\t|"
# By their byte order marks, the longer first.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SPREADSHEET_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """The rows of a file, each with the number of its first line, and how the file was read."""

    rows: list[tuple[int, dict[str, str]]]
    encoding: str
    delimiter: str

    @property
    def note(self) -> str | None:
        """How the file was read, unless it is what it should be."""
        if self.encoding.startswith("utf-8") and self.delimiter == ",":
            return None
        return f"read as {self.encoding.upper()} with {self.delimiter!r} between the fields"


def read_table(path: Path, columns: Sequence[str]) -> Table:
    """Read these columns of every row that is not empty; other columns are ignored.

    Headings may have outer spaces and any case. Raises DataError if the file cannot be read, lacks
    a column or has one twice, or if rows do not have the fields of the header.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    text, encoding = _decode(path, raw)
    hint = _SPREADSHEET_HINT.match(text)
    delimiter = hint[1] if hint else _delimiter(text, columns)
    records = _records(path, text, delimiter)
    if hint:
        next(records)
    _, header = next(records, (1, []))
    places = _places(path, header, columns)
    rows, wrong = [], []
    for line, record in records:
        if len(record) != len(header):
            wrong.append(f"line {line} has {len(record)}")
        else:
            rows.append((line, {name: clean(record[places[name]]) for name in columns}))
    if wrong:
        raise DataError(
            f"{path}: nothing was read, as {len(wrong)} of {len(rows) + len(wrong)} rows do not"
            f" have the {len(header)} fields of the header: {listed(wrong)}"
        )
    return Table(rows, encoding, delimiter)


def _decode(path: Path, raw: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding."""
    for encoding in _candidates(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise DataError(f"{path} is not text in UTF-8, UTF-16 or GB18030; save it as CSV UTF-8")


def _candidates(raw: bytes) -> Sequence[str]:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return [encoding]
    # The header is ASCII, so one byte of each of its characters in UTF-16 is zero.
    if raw[1:2] == b"\0":
        return ["utf-16-le"]
    if raw[:1] == b"\0":
        return ["utf-16-be"]
    return ["utf-8", "gb18030"]


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """Return the delimiter with which the header has most of the columns."""
    header = io.StringIO(text, newline="")

    def found(delimiter: str) -> int:
        header.seek(0)
        try:
            names = next(csv.reader(header, delimiter=delimiter), [])
        except csv.Error:
            return 0
        return len({_heading(name) for name in names} & set(columns))

    return max(DELIMITERS, key=found)


def _records(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not empty, with the numbers of their first lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise DataError(
                f"{path}: nothing was read, as the row that begins in line {line} has a"
                f" misplaced or unclosed quote, or too long a field: {error}"
            ) from None
        if record is None:
            return
        if any(map(clean, record)):
            yield line, record


def _places(path: Path, header: list[str], columns: Sequence[str]) -> dict[str, int]:
    """Return the place of each column in the header."""
    headings = [_heading(name) for name in header]
    missing = [name for name in columns if name not in headings]
    if missing:
        columns_are = "column is" if len(missing) == 1 else "columns are"
        raise DataError(
            f"{path}: the {columns_are} missing: {', '.join(missing)}."
            f" The header is: {', '.join(map(repr, header)) or 'empty'}"
        )
    twice = [name for name, count in Counter(headings).items() if name and count > 1]
    if twice:
        raise DataError(f"{path}: nothing was read, as columns occur twice: {listed(twice)}")
    return {name: headings.index(name) for name in columns}


def _heading(name: str) -> str:
    return unicodedata.normalize("NFKC", clean(name)).casefold()
