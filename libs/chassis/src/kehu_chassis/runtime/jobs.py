"""Scheduled work: each due time runs once, by a unique run key, in whichever process.

A job with ``cron`` is due at local wall-clock times of ``KEHU_TIMEZONE``. The latest due time is
caught up after an outage, unless it precedes the installation of the job. A job with ``every`` runs
repeatedly; such jobs pick up work requested through the API.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.config import Settings
from kehu_chassis.data import idempotency
from kehu_chassis.data.database import Base, Database, delete_some
from kehu_chassis.data.lease import Lease
from kehu_chassis.messaging import inbox, outbox
from kehu_chassis.observability import metrics
from kehu_chassis.records import changes

log = logging.getLogger(__name__)

_ROUND_SECONDS = 1.0
_RETRY_SECONDS = 60
# Longer than the longest pause between two due times of a job: the latest run must stay known.
_RUNS_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class JobContext:
    """The context of a job, which opens as many transactions as it needs, one per batch."""

    database: Database
    settings: Settings
    scheduled: datetime | None  # local wall-clock time without zone; None for `every` jobs
    stopping: Callable[[], bool]


@dataclass(frozen=True)
class Job:
    """Scheduled work. ``run`` returns a small JSON result to store, or None.

    ``run`` must be safe to repeat from the beginning: an interrupted run is repeated. ``run_key``
    names the run of a due time; by default the due time itself.
    """

    name: str
    run: Callable[[JobContext], dict[str, Any] | None]
    cron: str | None = None
    every: float | None = None
    run_key: Callable[[datetime], str] = lambda due: due.isoformat(timespec="minutes")


class Interrupted(Exception):
    """A run stopped before it was done, or another process leads: it is repeated."""


class JobRow(Base):
    """A job of this installation, known since ``first_seen_at``."""

    __tablename__ = "job"

    name: Mapped[str] = mapped_column(primary_key=True)
    first_seen_at: Mapped[datetime]


class JobRun(Base):
    """One run of a scheduled job."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(primary_key=True)
    run_key: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


def due_time(cron: str, local_now: datetime) -> datetime:
    """The latest time of ``cron`` that is not after ``local_now``: wall-clock, without zone."""
    return due_times(cron, local_now)[0]


def due_times(cron: str, local_now: datetime) -> tuple[datetime, datetime]:
    """The latest wall-clock time of ``cron`` that is not after ``local_now``, and the next one.

    Wall-clock arithmetic without zones makes a run happen once across clock changes: a skipped time
    is past once the clock is beyond it, and a repeated time has the same run key.
    """
    # croniter returns times before a whole second, and a time within the current one counts, too.
    next_second = local_now.replace(microsecond=0) + timedelta(seconds=1)
    times = croniter(cron, next_second)
    return times.get_prev(datetime), times.get_next(datetime)


class JobLoop:
    """The jobs process: the leader runs what is due.  :meth:`run` ends when ``stop`` is set."""

    def __init__(
        self, jobs: list[Job], database: Database, settings: Settings, stop: threading.Event
    ) -> None:
        self._jobs = [*jobs, *housekeeping()]
        self._database = database
        self._settings = settings
        self._stop = stop
        self._lease = Lease(database, "jobs")
        self._next: dict[str, float] = {}
        self._interrupted = False
        self._settled: dict[str, datetime] = {}  # by job: the last due time that is settled
        self._due: dict[str, tuple[datetime, datetime]] = {}  # by job: the last one, and the next
        for job in self._jobs:
            metrics.JOB_FAILURES.labels(job.name)  # so that the first failure shows as an increase

    def run(self) -> None:
        """Run due jobs while leading; a failed job is logged and retried a minute later."""
        while not self._stop.is_set():
            metrics.note_progress("jobs")
            try:
                if self._lease.held():
                    self.run_due()
            except Exception as error:  # An outage of the database must not end the process.
                log.warning("jobs wait: %s", type(error).__name__, exc_info=True)
            self._stop.wait(_ROUND_SECONDS)
        self.end()

    def end(self) -> None:
        """Let another process take over at once."""
        self._lease.release()

    def run_due(self) -> None:
        """Run every job that is due now."""
        for job in self._jobs:
            if self._stop.is_set():
                return
            if time.monotonic() < self._next.get(job.name, 0.0):
                continue
            try:
                self._run_if_due(job)
            except Interrupted:
                log.info("job %s was interrupted and will be run again", job.name)
                return
            except Exception:
                metrics.JOB_FAILURES.labels(job.name).inc()
                log.exception("job %s failed", job.name)
                self._next[job.name] = time.monotonic() + _RETRY_SECONDS

    def _run_if_due(self, job: Job) -> None:
        if job.cron is None:
            self._measured(job, None)
            self._next[job.name] = time.monotonic() + (job.every or 60.0)
            return
        zone = self._settings.timezone
        local_now = clock.now().astimezone(zone).replace(tzinfo=None)
        due = self._due_time(job.name, job.cron, local_now)
        if due == self._settled.get(job.name):
            return
        first_seen = self._database.run(SYSTEM, lambda session: _first_seen(session, job.name))
        if due >= first_seen.astimezone(zone).replace(tzinfo=None):
            self._run_once(job, due)
        self._settled[job.name] = due

    def _due_time(self, name: str, cron: str, local_now: datetime) -> datetime:
        # Kept, as reading the expression again every second is most of what an idle process does.
        known = self._due.get(name)
        if known is None or not known[0] <= local_now < known[1]:
            known = self._due[name] = due_times(cron, local_now)
        return known[0]

    def _run_once(self, job: Job, due: datetime) -> None:
        key = job.run_key(due)
        if self._database.run(SYSTEM, lambda session: _begin(session, job.name, key)):
            result = self._measured(job, due)
            self._database.run(SYSTEM, lambda session: self._end(session, job.name, key, result))

    def _measured(self, job: Job, due: datetime | None) -> dict[str, Any] | None:
        """Run a job; raises Interrupted if it had to stop, as it may be incomplete."""
        started = time.monotonic()
        self._interrupted = False
        context = JobContext(self._database, self._settings, due, self._should_stop)
        result = job.run(context)
        if self._interrupted:
            raise Interrupted
        metrics.JOB_SUCCESS.labels(job.name).set(time.time())
        metrics.JOB_SECONDS.labels(job.name).set(time.monotonic() - started)
        return result

    def _should_stop(self) -> bool:
        """For long jobs, between batches: whether to stop, on SIGTERM or without the lease."""
        metrics.note_progress("jobs")
        if self._stop.is_set() or not self._lease.held():
            self._interrupted = True
        return self._interrupted

    def _end(self, session: Session, name: str, key: str, result: dict[str, Any] | None) -> None:
        if self._lease.is_taken(session):
            self._lease.lost()
            raise Interrupted
        run = session.get_one(JobRun, (name, key))
        run.finished_at, run.result = clock.now(), result


def _first_seen(session: Session, name: str) -> datetime:
    session.execute(
        insert(JobRow).values(name=name, first_seen_at=clock.now()).on_conflict_do_nothing()
    )
    return session.scalars(select(JobRow.first_seen_at).where(JobRow.name == name)).one()


def _begin(session: Session, name: str, key: str) -> bool:
    """Whether this run is still to be done, such as one that began and never ended."""
    session.execute(
        insert(JobRun)
        .values(job=name, run_key=key, started_at=clock.now())
        .on_conflict_do_nothing()
    )
    finished = select(JobRun.finished_at).where(JobRun.job == name, JobRun.run_key == key)
    return session.scalars(finished).one() is None


def delete_all(context: JobContext, some: Callable[[Session], int]) -> int:
    """Delete with ``some`` in separate transactions until no rows are left; returns how many."""
    total = 0
    while not context.stopping() and (deleted := context.database.run(SYSTEM, some)):
        total += deleted
    return total


def _purge_runs(session: Session) -> int:
    return delete_some(session, JobRun, JobRun.finished_at < clock.now() - _RUNS_KEPT)


def overdue(session: Session, jobs: list[Job], zone: ZoneInfo) -> dict[str, float]:
    """For each scheduled job, how many seconds its latest run has been overdue."""
    local_now = clock.now().astimezone(zone).replace(tzinfo=None)
    first_seen = dict(session.execute(select(JobRow.name, JobRow.first_seen_at)).all())
    late = {}
    for job in jobs:
        if job.cron is None or job.name not in first_seen:
            continue
        due = due_time(job.cron, local_now)
        run = session.get(JobRun, (job.name, job.run_key(due)))
        done = run is not None and run.finished_at is not None
        if done or due < first_seen[job.name].astimezone(zone).replace(tzinfo=None):
            late[job.name] = 0.0
        else:
            late[job.name] = (local_now - due).total_seconds()
    return late


def housekeeping() -> list[Job]:
    """The jobs of every service: delete expired rows."""

    def purge(context: JobContext) -> dict[str, Any]:
        return {
            "outbox": delete_all(context, outbox.purge),
            "inbox": delete_all(context, inbox.purge),
            "received_events": delete_all(context, inbox.purge_claims),
            "idempotency": delete_all(context, idempotency.purge),
            "record_changes": delete_all(context, changes.purge),
            "job_run": delete_all(context, _purge_runs),
        }

    return [Job("housekeeping", purge, cron="17 3 * * *")]
