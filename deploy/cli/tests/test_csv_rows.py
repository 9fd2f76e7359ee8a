"""Tables are read as people export them, or not at all."""

from pathlib import Path

import pytest

from kehu_cli.demo.book import DataError
from kehu_cli.demo.csv_rows import Table, read_table

COLUMNS = ("code", "name")
TEXT = "code,name\n1,客户\n2,Ünal\n"
ROWS = [(2, {"code": "1", "name": "客户"}), (3, {"code": "2", "name": "Ünal"})]


def table_of(folder: Path, content: str | bytes) -> Table:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, COLUMNS)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
def test_the_encoding_is_recognised(tmp_path: Path, encoding: str) -> None:
    table = table_of(tmp_path, TEXT.encode(encoding))
    assert table.rows == ROWS
    assert (table.note is None) == encoding.startswith("utf-8")


def test_a_byte_order_mark_of_big_endian_utf_16_is_recognised(tmp_path: Path) -> None:
    assert table_of(tmp_path, b"\xfe\xff" + TEXT.encode("utf-16-be")).rows == ROWS


@pytest.mark.parametrize(
    "content",
    [
        b"code,name\n1,\xff\xff\n",
        b"PK\x03\x04\x00\x00",
        TEXT.encode("utf-32"),
        b"code,name\n1,\0\n",
    ],
)
def test_another_encoding_is_named(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match="not text in UTF-8, UTF-16 or GB18030"):
        table_of(tmp_path, content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    table = table_of(tmp_path, TEXT.replace(",", delimiter))
    assert (table.rows, table.delimiter) == (ROWS, delimiter)


def test_the_delimiter_may_be_in_quoted_fields_and_other_headings(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'code;"a,b,c";name\n1;"x;y,z";"say ""no"",\nor; yes"\n')
    assert table.rows == [(2, {"code": "1", "name": 'say "no",\nor; yes'})]


def test_the_delimiter_may_be_stated_as_spreadsheets_do(tmp_path: Path) -> None:
    assert table_of(tmp_path, "sep=;\r\ncode;name\r\n1;客户\r\n").rows == [(3, ROWS[0][1])]


@pytest.mark.parametrize(
    "header", [" code , NAME ", "Code,\tName", "ＣＯＤＥ,name", '"code","name"']
)
def test_headings_may_have_outer_spaces_and_any_case(tmp_path: Path, header: str) -> None:
    assert table_of(tmp_path, f"{header}\n1,客户\n").rows == ROWS[:1]


def test_line_ends_of_all_systems_and_empty_lines_are_skipped(tmp_path: Path) -> None:
    table = table_of(tmp_path, "code,name\r\n\r\n1,客户\r\n , \r\n2,Ünal")
    assert table.rows == [(3, ROWS[0][1]), (5, ROWS[1][1])]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("code,name\n1,a,b\n2,c\n", "1 of 2 rows do not have the 2 fields .*: line 2 has 3"),
        ("code,name\n1\n", "1 of 1 rows .*: line 2 has 1"),
        ("code,name\n" + "1\n" * 400, r"400 of 400 rows .*line 4 has 1 and 397 more"),
        ("code,Name,name \n1,a,b\n", "columns occur twice: name"),
        ("code,name,x,X\n1,a,b,c\n", "columns occur twice: x"),
        ('code,name\n1,"a\n2,b\n3,c\n', "row that begins in line 2 has a misplaced or unclosed"),
        ('code,name\n1,"a" b\n', "row that begins in line 2 has a misplaced or unclosed quote"),
        ("code,title\n1,a\n", "the column is missing: name. The header is: 'code', 'title'"),
        ("", "the columns are missing: code, name. The header is: empty"),
        ("\n\n", "the columns are missing: code, name"),
    ],
)
def test_a_file_whose_rows_are_not_certain_is_not_read(
    tmp_path: Path, content: str, reason: str
) -> None:
    with pytest.raises(DataError, match=reason):
        table_of(tmp_path, content)


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert table_of(tmp_path, "code,name\n").rows == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"table.csv cannot be read: No such file"):
        read_table(tmp_path / "table.csv", COLUMNS)
