"""Timing a request against its own SQL statements, for the benchmarks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from kehu_chassis.testing import Harness


def statements_of(harness: Harness, request: Callable[[], Any]) -> list[tuple[str, Any]]:
    """The SQL statements of a request, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def record(_connection: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        sent.append((sql, values))

    event.listen(harness.database.engine, "before_cursor_execute", record)
    request()
    event.remove(harness.database.engine, "before_cursor_execute", record)
    return sent


def bare(connection: Connection, statements: list[tuple[str, Any]]) -> None:
    """Run the statements in one transaction; fetch and discard their rows."""
    with connection.begin():
        for sql, values in statements:
            connection.exec_driver_sql(sql, values).all()


def milliseconds(work: Callable[[], Any]) -> float:
    """The duration of a piece of work in milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1]
