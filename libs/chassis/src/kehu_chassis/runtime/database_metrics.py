"""Metrics that are read from the database on each scrape."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import Database
from kehu_chassis.messaging import failures, outbox
from kehu_chassis.observability import metrics
from kehu_chassis.runtime import jobs
from kehu_chassis.runtime.service import Service

# A plain login sees only the transactions of its own role, which is the only one here.
_DATABASE = text("""
    SELECT pg_database_size(current_database()) AS size,
           current_setting('max_connections')::integer AS max_connections,
           (SELECT sum(numbackends) FROM pg_stat_database) AS connections,
           (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
              FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()) AS oldest
""")


def measure(service: Service, database: Database) -> None:
    """Set the gauges of outbox, failed events, scheduled jobs and the database itself."""
    database.run(SYSTEM, lambda session: _measure(service, session))


def _measure(service: Service, session: Session) -> None:
    pending, oldest = outbox.backlog(session)
    metrics.OUTBOX_PENDING.set(pending)
    metrics.OUTBOX_OLDEST.set(oldest)
    for state, count in failures.counts(session).items():
        metrics.FAILED_EVENTS.labels(state).set(count)
    scheduled = [*service.jobs(), *jobs.housekeeping()]
    for name, seconds in jobs.overdue(session, scheduled, clock.timezone()).items():
        metrics.JOB_OVERDUE.labels(name).set(seconds)
    row = session.execute(_DATABASE).one()
    metrics.DB_SIZE.set(row.size)
    metrics.DB_CONNECTIONS.set(row.connections)
    metrics.DB_MAX_CONNECTIONS.set(row.max_connections)
    metrics.DB_OLDEST_TRANSACTION.set(row.oldest)
