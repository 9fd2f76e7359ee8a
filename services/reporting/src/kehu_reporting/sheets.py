"""Reports as files: the same rows as in JSON, in the same scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy.orm import Session

from kehu_chassis import web
from kehu_chassis.data import people
from kehu_chassis.data.sheets import Labels, Sheet
from kehu_chassis.problems import Problem
from kehu_chassis.web import exports
from kehu_reporting import pages


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
    items = result["items"] if isinstance(result, dict) else result.items
    more = result.get("next_cursor") if isinstance(result, dict) else result.next_cursor
    if more:
        raise Problem(422, "report-too-large", params={"limit": pages.MAX_ROWS})
    web.name_people(people.places(schema()), items)
    exports.record(session, name, args, len(items))
    sheet = Sheet(schema, items, Labels(web.texts(), web.language(), dict(codes or {})))
    return exports.sent(exports.written(args["format"], sheet), name, args["format"])
