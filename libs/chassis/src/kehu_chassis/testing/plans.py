"""How PostgreSQL would answer a list, known by the shape of its plans and not by the clock."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Select, event, text

from kehu_chassis.data.listing import Listing
from kehu_chassis.testing.harness import Harness

# Done only where there is no other way, so that a few rows show as much as millions.
_UNWILLINGLY = ("enable_sort", "enable_seqscan", "enable_bitmapscan")


def plans_of(harness: Harness, listing: Listing, statement: Select[Any], **args: Any) -> str:
    """The plans of the queries for one page, as JSON."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        asked.append((sql, values))

    with harness.session() as session:
        for setting in _UNWILLINGLY:
            session.execute(text(f"SET LOCAL {setting} = off"))
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        listing.page(session, statement, {"limit": 5, **args})
        event.remove(connection, "before_cursor_execute", note)
        plans = [
            connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", values).scalar_one()
            for sql, values in asked
            if "ORDER BY" in sql  # the other one counts
        ]
    assert plans
    return json.dumps(plans)


def sorts_rows(harness: Harness, listing: Listing, statement: Select[Any], sort: str) -> bool:
    """Whether a page in that order needs its rows to be sorted, as no index has them so."""
    return '"Node Type": "Sort"' in plans_of(harness, listing, statement, sort=sort)


def unserved_sorts(harness: Harness, listing: Listing, statement: Select[Any]) -> list[str]:
    """The ways to sort that a list offers and no index serves."""
    offered = listing.query().fields["sort"].validate.choices  # type: ignore[union-attr]
    return [sort for sort in offered if sorts_rows(harness, listing, statement, sort)]
