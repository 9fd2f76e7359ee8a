"""Reports as JSON or as a file: the same rows, the same scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import marshmallow as ma
from sqlalchemy.orm import Session

from kehu_chassis.data import people, validate
from kehu_chassis.data.sheets import TYPES, WRITERS, Sheet
from kehu_chassis.problems import Problem
from kehu_chassis.web import Blueprint, exports, name_people

MAX_ROWS = 100_000


def fields() -> dict[str, ma.fields.Field[Any]]:
    """The query parameter ``format``."""
    return {
        "format": ma.fields.String(load_default="json", validate=validate.OneOf(["json", *WRITERS]))
    }


def documented(blueprint: Blueprint) -> Callable[[Any], Any]:
    """Document that the response may also be a file; goes between ``access`` and ``arguments``."""
    text: Any = {"type": "string"}
    binary: Any = {"type": "string", "format": "binary"}

    def decorate(view: Any) -> Any:
        for schema, kind in ((binary, "xlsx"), (text, "csv")):
            content_type = TYPES[kind].partition(";")[0]
            view = blueprint.alt_response(200, schema=schema, content_type=content_type)(view)
        return view

    return decorate


def wants_file(args: Mapping[str, Any]) -> bool:
    """Whether the caller requested a file."""
    return args["format"] in WRITERS


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
    name_people(people.places(schema()), items)
    exports.record(session, name, args, len(items))
    kind = args["format"]
    return exports.sent(exports.written(kind, Sheet(schema, items)), name, kind)
