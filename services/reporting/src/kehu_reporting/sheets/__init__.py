"""Reports as JSON or as a file: the same rows, the same scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy.orm import Session

from kehu_chassis.data import people, validate
from kehu_chassis.messaging.events import to_json
from kehu_chassis.problems import Problem
from kehu_chassis.records import audit
from kehu_chassis.web import Blueprint, name_people
from kehu_reporting.sheets.cells import Sheet
from kehu_reporting.sheets.csv_file import csv_of
from kehu_reporting.sheets.xlsx_file import xlsx_of

MAX_ROWS = 100_000
_PAGING = ("format", "limit", "cursor", "sort")
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WRITERS: dict[str, Callable[[Sheet], bytes]] = {"csv": csv_of, "xlsx": xlsx_of}


def fields() -> dict[str, ma.fields.Field[Any]]:
    """The query parameter ``format``."""
    return {
        "format": ma.fields.String(
            load_default="json", validate=validate.OneOf(["json", *_WRITERS])
        )
    }


def documented(blueprint: Blueprint) -> Callable[[Any], Any]:
    """Document that the response may also be a file; goes between ``access`` and ``arguments``."""
    text: Any = {"type": "string"}
    binary: Any = {"type": "string", "format": "binary"}

    def decorate(view: Any) -> Any:
        for schema, kind in ((binary, "xlsx"), (text, "csv")):
            content_type = _TYPES[kind].partition(";")[0]
            view = blueprint.alt_response(200, schema=schema, content_type=content_type)(view)
        return view

    return decorate


def wants_file(args: Mapping[str, Any]) -> bool:
    """Whether the caller requested a file."""
    return args["format"] in _WRITERS


def row_limit(args: Mapping[str, Any]) -> int:
    """How many rows to fetch: one page as JSON, everything as a file."""
    return MAX_ROWS if wants_file(args) else int(args["limit"])


def respond(
    session: Session, name: str, args: Mapping[str, Any], schema: type[ma.Schema], result: Any
) -> Any:
    """The result itself, or its ``items`` as a file; a file is recorded in the audit trail."""
    if not wants_file(args):
        return result
    items = result["items"] if isinstance(result, dict) else result.items
    more = result.get("next_cursor") if isinstance(result, dict) else result.next_cursor
    if more:
        raise Problem(422, "report-too-large", params={"limit": MAX_ROWS})
    _record_export(session, name, args, len(items))
    name_people(people.places(schema()), items)
    kind = args["format"]
    response = Response(_WRITERS[kind](Sheet(schema, items)), content_type=_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


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
