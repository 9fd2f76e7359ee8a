"""Reports as JSON or CSV: the same rows, the same scope."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy.orm import Session

from kehu_chassis.data import validate
from kehu_chassis.messaging.events import to_json
from kehu_chassis.problems import Problem
from kehu_chassis.records import audit
from kehu_chassis.web import Blueprint

MAX_ROWS = 100_000
_BOM = "\ufeff"
_FORMULA = tuple("=+-@＝＋－＠")
_SEPARATORS = re.compile(r"([;\t\r\n])")
_PAGING = ("format", "limit", "cursor", "sort")


def fields() -> dict[str, ma.fields.Field[Any]]:
    """The query parameter ``format``."""
    return {
        "format": ma.fields.String(load_default="json", validate=validate.OneOf(["json", "csv"]))
    }


def documented(blueprint: Blueprint) -> Callable[[Any], Any]:
    """Document that the response may also be CSV; goes between ``access`` and ``arguments``."""
    text: Any = {"type": "string"}
    return blueprint.alt_response(200, schema=text, content_type="text/csv")


def wants_csv(args: Mapping[str, Any]) -> bool:
    """Whether the caller requested a file."""
    return bool(args["format"] == "csv")


def row_limit(args: Mapping[str, Any]) -> int:
    """How many rows to fetch: one page as JSON, everything as a file."""
    return MAX_ROWS if wants_csv(args) else int(args["limit"])


def respond(
    session: Session, name: str, args: Mapping[str, Any], schema: type[ma.Schema], result: Any
) -> Any:
    """The result itself, or its ``items`` as a file; a file is recorded in the audit trail."""
    if not wants_csv(args):
        return result
    items = result["items"] if isinstance(result, dict) else result.items
    more = result.get("next_cursor") if isinstance(result, dict) else result.next_cursor
    if more:
        raise Problem(422, "report-too-large", params={"limit": MAX_ROWS})
    _record_export(session, name, args, len(items))
    response = Response(to_csv(schema, items), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def to_csv(schema: type[ma.Schema], items: Any) -> str:
    """Items as CSV with a byte order mark, so that a spreadsheet reads Chinese as it is.

    Text that a spreadsheet would take for a formula is escaped; numbers are written as they are.
    """
    shown = schema()
    names = list(shown.fields)
    out = io.StringIO()
    out.write(_BOM)
    writer = csv.writer(out)
    writer.writerow(names)
    for item in items:
        values = shown.dump(item)
        writer.writerow([_cell(shown.fields[name], values.get(name)) for name in names])
    return out.getvalue()


def _cell(field: ma.fields.Field[Any], value: Any) -> Any:
    return harmless(value) if type(field) is ma.fields.String and value is not None else value


def harmless(text: str) -> str:
    """Text with ' before whatever a spreadsheet would take for a formula.

    Not only at the beginning: where the decimal sign is a comma, spreadsheets begin a new cell
    behind each ; and a new row behind each line, regardless of quotes.
    """
    pieces = _SEPARATORS.split(text)
    return "".join(f"'{piece}" if _is_formula(piece) else piece for piece in pieces)


def _is_formula(piece: str) -> bool:
    """Whether it begins with a formula's sign, ignoring quotes, spaces, control and other invisible
    characters."""
    shown = (char for char in piece if char != '"' and unicodedata.category(char)[0] not in "CZ")
    return next(shown, "") in _FORMULA


def _record_export(session: Session, name: str, args: Mapping[str, Any], rows: int) -> None:
    filters = {key: value for key, value in args.items() if key not in _PAGING}
    audit.note(
        session,
        action="exported",
        record_type=name,
        changes=[
            {"field": key, "old": None, "new": to_json(value)}
            for key, value in sorted((filters | {"rows": rows}).items())
        ],
    )
