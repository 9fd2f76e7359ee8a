"""How PostgreSQL would answer a list: whether an index gives the order of its rows."""

from __future__ import annotations

import re
from typing import Any, cast

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from kehu_chassis.listing import Listing

_SORTS = re.compile(r"(?<!Incremental )Sort {2}\(cost")
_INDEXES_ONLY = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"


class _Listener:
    """A session that remembers for which rows it was asked."""

    def __init__(self, session: Session) -> None:
        self.scalar = session.scalar
        self.asked: list[Select[Any]] = []
        self._session = session

    def scalars(self, statement: Select[Any]) -> Any:
        self.asked.append(statement)
        return self._session.scalars(statement)


def sorted_in_memory(session: Session, listing: Listing, model: Any) -> dict[str, list[str]]:
    """The ways to sort a list for which all rows would be sorted, with the plans; there must be
    two rows, so that there is a second page."""
    session.execute(text(_INDEXES_ONLY))
    found: dict[str, list[str]] = {}
    for sort in listing.query().fields["sort"].validate.choices:  # type: ignore[union-attr]
        listener = _Listener(session)
        args = {"sort": sort, "limit": 1}
        first = listing.page(cast(Session, listener), select(model), args)
        assert first.next_cursor is not None
        following = args | {"cursor": first.next_cursor, "limit": 100}
        listing.page(cast(Session, listener), select(model), following)
        plans = [_plan(session, statement) for statement in listener.asked]
        if any(_SORTS.search(plan) for plan in plans):
            found[sort] = plans
    return found


def _plan(session: Session, statement: Select[Any]) -> str:
    connection = session.connection()
    spelt = statement.compile(connection, compile_kwargs={"literal_binds": True})
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {spelt}"))
