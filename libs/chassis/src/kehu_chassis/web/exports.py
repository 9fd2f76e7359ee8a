"""Lists as files: the rows that a list shows, in its order, as CSV or as an Excel workbook.

The list is read page by page and written to a file on disk, so that memory does not depend on its
length; only a complete file is sent. See docs/adr/0039.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

import marshmallow as ma
from flask import Response
from sqlalchemy.orm import Session
from werkzeug.wsgi import FileWrapper

from kehu_chassis.data import people, validate
from kehu_chassis.data.listing import PAGING, Page
from kehu_chassis.data.sheets import TYPES, WRITERS, Labels, Sheet
from kehu_chassis.jsontext import plain
from kehu_chassis.problems import Problem
from kehu_chassis.records import audit, system_settings
from kehu_chassis.web.people import name_people

ROWS = "export_rows"  # the setting with the most rows of a file
PROBLEMS = {422: ("export-too-large", "export-too-slow"), 503: ("export-running",)}
SECONDS = 20.0  # the gateway waits 30 s for a response
_PAGE = 500
_UNRECORDED = ("format", "sort")
# Writing a file needs a processor: one at a time leaves the others to the other requests.
_writing = threading.BoundedSemaphore()

List = Callable[[dict[str, Any]], Page]


def query_of(listing: type[ma.Schema]) -> type[ma.Schema]:
    """The query of an export: that of the list or report without pages, and the format."""
    paging = tuple(set(PAGING) & listing._declared_fields.keys())
    members = {
        "Meta": type("Meta", (), {"exclude": paging}),
        "format": ma.fields.String(load_default="csv", validate=validate.OneOf(WRITERS)),
    }
    return type(f"{listing.__name__.removesuffix('Query')}Export", (listing,), members)


def respond(
    session: Session,
    list_: List,
    args: Mapping[str, Any],
    item: type[ma.Schema],
    name: str,
    labels: Labels,
) -> Response:
    """The list as a file, recorded in the audit trail with its filters and number of rows.

    422 if it is longer than the setting allows, or than can be written in time; 503 while this
    process writes another one.
    """
    if not _writing.acquire(blocking=False):
        raise Problem(503, "export-running", headers={"Retry-After": "5"})
    try:
        rows = _Rows(list_, args, item, system_settings.get(session, ROWS))
        file = written(args["format"], Sheet(item, rows, labels))
    finally:
        _writing.release()
    record(session, name, args, rows.count)
    return sent(file, name, args["format"])


def sent(file: IO[bytes], name: str, kind: str) -> Response:
    """The response with a file, which is deleted once it is sent."""
    size = file.seek(0, 2)
    file.seek(0)
    response = Response(FileWrapper(file), content_type=TYPES[kind], direct_passthrough=True)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def record(session: Session, name: str, args: Mapping[str, Any], rows: int) -> None:
    """Record an export in the audit trail."""
    filters = {key: value for key, value in args.items() if key not in _UNRECORDED}
    audit.note(
        session,
        action="exported",
        record_type=name,
        changes=[
            {"field": key, "old": None, "new": plain(value)}
            for key, value in sorted((filters | {"rows": rows}).items())
        ],
    )


class _Rows:
    """The items of a list, page by page, and how many there were."""

    def __init__(
        self, list_: List, args: Mapping[str, Any], item: type[ma.Schema], limit: int
    ) -> None:
        self._list = list_
        self._people = people.places(item())
        self._args = {key: value for key, value in args.items() if key != "format"}
        self._limit = limit
        self._deadline = time.monotonic() + SECONDS
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        more: dict[str, Any] = {}
        while True:
            page = self._list(self._args | {"limit": _PAGE} | more)
            self.count += len(page.items)
            if max(self.count, page.total or 0) > self._limit:
                raise Problem(422, "export-too-large", params={"limit": self._limit})
            if time.monotonic() > self._deadline:
                raise Problem(422, "export-too-slow")
            name_people(self._people, page.items)
            yield from page.items
            if page.next_cursor is None:
                return
            more = {"cursor": page.next_cursor}


def written(kind: str, sheet: Sheet) -> IO[bytes]:
    """The sheet in a file on disk that has no name."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the server closes it with the response
    try:
        WRITERS[kind](sheet, file)
    except BaseException:
        file.close()
        raise
    return file
