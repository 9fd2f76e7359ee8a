"""The metrics that every process exposes at ``/metrics``.

The modes define how the gauges of several workers are combined.
"""

import time

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter(
    "http_requests_total", "HTTP requests served.", ["service", "route", "method", "code"]
)
REQUEST_SECONDS = Histogram(
    "http_request_duration_seconds", "Time to serve an HTTP request.", ["service", "route"]
)
OUTBOX_PENDING = Gauge(
    "outbox_pending", "Events waiting to be published.", multiprocess_mode="livemax"
)
OUTBOX_OLDEST = Gauge(
    "outbox_oldest_seconds", "Age of the oldest event waiting.", multiprocess_mode="livemax"
)
PUBLISHED = Counter("outbox_publish_total", "Publish results: ok, refused.", ["result"])
INBOX = Counter(
    "inbox_total",
    "Results of consumed events: done, duplicate, failed, or the code of a violation.",
    ["result"],
)
QUEUE_UNUSABLE = Gauge(
    "queue_unusable", "Whether a queue is missing or of another type than ours.", ["queue"]
)
SHARED_LOGIN = Gauge("amqp_shared_login", "Whether all services share one login of the broker.")
FAILED_EVENTS = Gauge("failed_events", "Failed events: retrying, dead.", ["state"])
PROGRESS = Gauge(
    "last_progress_timestamp_seconds", "When a background loop last completed a round.", ["loop"]
)


def note_progress(loop: str) -> None:
    """Record that a loop is alive, also during an outage, when a restart would not help."""
    PROGRESS.labels(loop).set(time.time())


# The label is not called "job": Prometheus uses that label for its scrape targets.
JOB_SUCCESS = Gauge(
    "job_last_success_timestamp_seconds", "When a job last succeeded in this process.", ["name"]
)
JOB_SECONDS = Gauge("job_last_duration_seconds", "Duration of a job's last run.", ["name"])
JOB_FAILURES = Counter("job_failures_total", "Runs of a job that failed.", ["name"])
JOB_OVERDUE = Gauge("job_overdue_seconds", "How long a scheduled run has been overdue.", ["name"])
POOL_IN_USE = Gauge("db_pool_in_use", "Database connections in use.", multiprocess_mode="livesum")
POOL_SIZE = Gauge(
    "db_pool_size", "Database connections that this process keeps.", multiprocess_mode="livesum"
)
DB_CONNECTIONS = Gauge(
    "db_connections", "Connections to the database server.", multiprocess_mode="livemax"
)
DB_MAX_CONNECTIONS = Gauge(
    "db_max_connections", "Connections the database server allows.", multiprocess_mode="livemax"
)
DB_OLDEST_TRANSACTION = Gauge(
    "db_oldest_transaction_seconds",
    "Age of the oldest transaction in this database.",
    multiprocess_mode="livemax",
)
DB_SIZE = Gauge("db_size_bytes", "Size of this database.", multiprocess_mode="livemax")

# Initialised at start, so that the first one shows as an increase.
for _result in ("ok", "refused"):
    PUBLISHED.labels(_result)
for _result in (
    *("done", "duplicate", "failed", "contract-violated", "unknown-type"),
    *("wrong-route", "wrong-publisher", "wrong-source", "reused-id"),
):
    INBOX.labels(_result)
