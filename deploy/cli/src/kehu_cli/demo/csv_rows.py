"""Reads the rows of the CSV files that the demonstration plays."""

import csv
from collections.abc import Iterator
from pathlib import Path

from kehu_cli.demo.book import DataError


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line number and these columns of each row; others are ignored.

    Raises DataError when the file cannot be read or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(f"{path}: the column {missing[0]} is missing")
            for row in reader:
                yield reader.line_num, {name: row[name].strip() for name in columns}
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV file in UTF-8: {error}") from None
