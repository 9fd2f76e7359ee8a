"""Reports as JSON or as a file: the same rows, the same scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy.orm import Session

from kehu_chassis import web
from kehu_chassis.data import people, validate
from kehu_chassis.data.sheets import WRITERS, Labels, Sheet
from kehu_chassis.problems import Problem
from kehu_chassis.web import exports

MAX_ROWS = 100_000


def fields() -> dict[str, ma.fields.Field[Any]]:
    """The query parameter ``format``, by which reports gave files before they had an export."""
    return {
        "format": ma.fields.String(
            load_default="json",
            validate=validate.OneOf(["json", *WRITERS]),
            metadata={"deprecated": True, "description": "Use the export for files."},
        )
    }


def query(report: type[ma.Schema]) -> type[ma.Schema]:
    """The query of a report's export: as the report's, without pages."""

    class Export(report):  # type: ignore[valid-type, misc]
        class Meta:
            exclude = tuple({"limit", "cursor"} & report._declared_fields.keys())

        format = ma.fields.String(load_default="csv", validate=validate.OneOf(list(WRITERS)))

    return type(f"{report.__name__}Export", (Export,), {})


def wants_file(args: Mapping[str, Any]) -> bool:
    """Whether the caller requested a file."""
    return args["format"] in WRITERS


def row_limit(args: Mapping[str, Any]) -> int:
    """How many rows to fetch: one page as JSON, everything as a file."""
    return MAX_ROWS if wants_file(args) else int(args["limit"])


def respond(
    session: Session, name: str, args: Mapping[str, Any], schema: type[ma.Schema], result: Any
) -> Any:
    """The result itself or, in the old way, its ``items`` as a file with the fields' own names."""
    return _file(session, name, args, schema, result) if wants_file(args) else result


def export(
    session: Session,
    name: str,
    args: Mapping[str, Any],
    schema: type[ma.Schema],
    result: Any,
    codes: Mapping[str, str] | None = None,
) -> Response:
    """The ``items`` of a result as a file in the caller's language; recorded in the audit trail.

    ``codes`` names the context of the labels of fields whose codes depend on the query.
    """
    labels = Labels(web.texts(), web.language(), dict(codes or {}))
    return _file(session, name, args, schema, result, labels)


def _file(
    session: Session,
    name: str,
    args: Mapping[str, Any],
    schema: type[ma.Schema],
    result: Any,
    labels: Labels | None = None,
) -> Response:
    items = result["items"] if isinstance(result, dict) else result.items
    more = result.get("next_cursor") if isinstance(result, dict) else result.next_cursor
    if more:
        raise Problem(422, "report-too-large", params={"limit": MAX_ROWS})
    web.name_people(people.places(schema()), items)
    exports.record(session, name, args, len(items))
    kind = args["format"]
    return exports.sent(exports.written(kind, Sheet(schema, items, labels)), name, kind)
