"""How PostgreSQL executes a list, judged by its plans, not by timing."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Select, event, text

from kehu_chassis.data.listing import Listing
from kehu_chassis.testing.harness import Harness

# Disabled, so that the plans for a few rows show as much as those for millions.
_DISABLED = ("enable_sort", "enable_seqscan", "enable_bitmapscan")


def plans_of(harness: Harness, listing: Listing, statement: Select[Any], **args: Any) -> str:
    """The plans of the queries for one page, as JSON."""
    queries: list[tuple[str, Any]] = []

    def record(_connection: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        queries.append((sql, values))

    with harness.session() as session:
        for setting in _DISABLED:
            session.execute(text(f"SET LOCAL {setting} = off"))
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", record)
        listing.page(session, statement, {"limit": 5, **args})
        event.remove(connection, "before_cursor_execute", record)
        plans = [
            connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", values).scalar_one()
            for sql, values in queries
            if "ORDER BY" in sql  # the other query counts
        ]
    assert plans
    return json.dumps(plans)


def sorts_rows(harness: Harness, listing: Listing, statement: Select[Any], sort: str) -> bool:
    """Whether a page in that order must sort its rows, as no index serves the order."""
    return '"Node Type": "Sort"' in plans_of(harness, listing, statement, sort=sort)


def unserved_sorts(harness: Harness, listing: Listing, statement: Select[Any]) -> list[str]:
    """The sort keys of a list that no index serves."""
    offered = listing.query().fields["sort"].validate.choices  # type: ignore[union-attr]
    return [sort for sort in offered if sorts_rows(harness, listing, statement, sort)]
