"""Scheduled work: each due time runs once, whatever clocks and processes do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy
import time_machine
from chassis_support.waiting import at_once, running, until
from sqlalchemy import func, select, update

from kehu_chassis.actor import SYSTEM
from kehu_chassis.data import database as db
from kehu_chassis.messaging import inbox
from kehu_chassis.messaging.claims import ReceivedEvent
from kehu_chassis.observability import metrics
from kehu_chassis.runtime import jobs
from kehu_chassis.runtime.jobs import Job, JobContext, JobLoop, JobRun, due_time
from kehu_chassis.testing import Harness

SATURDAYS = "0 2 * * 6"


def wall(text: str) -> datetime:
    """A wall-clock time."""
    return datetime.fromisoformat(text)


def week(due: datetime) -> str:
    year, number, _ = due.isocalendar()
    return f"{year}-W{number:02}"


@dataclass
class Company:
    """An installation in a time zone, whose jobs processes start and stop."""

    harness: Harness
    zone: str
    ran: list[datetime | None] = field(default_factory=list)
    fail: Callable[[], Any] | None = None

    def local(self, text: str, *, fold: int = 0) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.zone), fold=fold)

    def process(self, **changes: Any) -> JobLoop:
        """A newly started jobs process."""
        scan = Job("scan", self._run, **{"cron": SATURDAYS, "run_key": week, **changes})
        settings = replace(self.harness.settings, timezone=ZoneInfo(self.zone))
        return JobLoop([scan], self.harness.database, settings, threading.Event())

    def run_at(self, now: datetime, loop: JobLoop | None = None) -> int:
        """Run what is due at a time in a process; returns how often the job has run so far."""
        loop = loop or self.process()
        with time_machine.travel(now, tick=False):
            loop.run_due()
        loop.end()
        return len(self.ran)

    def _run(self, context: JobContext) -> dict[str, Any]:
        self.ran.append(context.scheduled)
        if self.fail is not None:
            self.fail()
        return {"found": 7}

    def runs(self) -> list[JobRun]:
        with self.harness.session() as session:
            statement = select(JobRun).where(JobRun.job == "scan").order_by(JobRun.run_key)
            return list(session.scalars(statement))


@pytest.fixture
def shanghai(harness: Harness) -> Company:
    company = Company(harness, "Asia/Shanghai")
    company.run_at(company.local("2026-11-16 12:00"))  # installed on a Monday
    return company


def test_a_due_time_before_the_installation_does_not_run(harness: Harness) -> None:
    company = Company(harness, "Asia/Shanghai")
    assert company.run_at(company.local("2026-11-21 09:00")) == 0, "installed after two o'clock"
    assert company.run_at(company.local("2026-11-28 01:59:59")) == 0
    assert company.run_at(company.local("2026-11-28 02:00:00")) == 1


def test_a_weekly_job_runs_once_a_week(shanghai: Company) -> None:
    for minutes in range(0, 7 * 24 * 60, 240):
        shanghai.run_at(shanghai.local("2026-11-20 00:00") + timedelta(minutes=minutes))
    assert shanghai.ran == [wall("2026-11-21 02:00")]
    (run,) = shanghai.runs()
    assert (run.run_key, run.result) == ("2026-W47", {"found": 7})
    assert run.finished_at is not None and run.finished_at >= run.started_at


def test_a_finished_run_is_not_queried_again(shanghai: Company) -> None:
    """The loop runs twice a second, and an idle installation should not query the database."""
    loop = shanghai.process()
    statements: list[str] = []
    sqlalchemy.event.listen(
        shanghai.harness.database.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    for time, runs in (("2026-11-20 12:00", 0), ("2026-11-21 02:00", 1)):
        assert shanghai.run_at(shanghai.local(time), loop) == runs
        assert statements
        statements.clear()
        assert shanghai.run_at(shanghai.local(time) + timedelta(minutes=1), loop) == runs
        assert statements == []


@pytest.mark.fault("F40")
def test_a_clock_set_forward_runs_once(shanghai: Company) -> None:
    """F40: an hour ahead at half past one."""
    assert shanghai.run_at(shanghai.local("2026-11-21 01:30")) == 0
    assert shanghai.run_at(shanghai.local("2026-11-21 02:30")) == 1
    assert shanghai.run_at(shanghai.local("2026-11-21 02:31")) == 1


@pytest.mark.fault("F41")
def test_a_clock_set_back_runs_once(shanghai: Company) -> None:
    """F41: two hours back just after the run."""
    loop = shanghai.process()
    assert shanghai.run_at(shanghai.local("2026-11-21 02:01"), loop) == 1
    for minute in (0, 30, 59):
        assert shanghai.run_at(shanghai.local(f"2026-11-21 00:{minute:02}"), loop) == 1
    assert shanghai.run_at(shanghai.local("2026-11-21 02:00"), loop) == 1
    assert shanghai.run_at(shanghai.local("2026-11-21 02:02"), loop) == 1


@pytest.mark.fault("F42")
def test_three_processes_catch_up_one_run(shanghai: Company) -> None:
    """F42: down from one to nine; after two weeks only the latest week's run is caught up."""
    shanghai.run_at(shanghai.local("2026-11-21 00:59"))
    with time_machine.travel(shanghai.local("2026-11-28 09:00"), tick=False):
        stops = [threading.Event() for _ in range(3)]
        loops = [replace_stop(shanghai.process(), stop) for stop in stops]
        with (
            running(loops[0].run, stops[0]),
            running(loops[1].run, stops[1]),
            running(loops[2].run, stops[2]),
        ):
            until(lambda: shanghai.runs() and shanghai.runs()[0].finished_at)
        for loop in loops:
            loop.run_due()
    assert shanghai.ran == [wall("2026-11-28 02:00")]


def replace_stop(loop: JobLoop, stop: threading.Event) -> JobLoop:
    loop._stop = stop
    return loop


@pytest.mark.parametrize(
    ("installed", "week_before", "day", "week_after"),
    [
        ("2024-04-08 12:00", "2024-04-13", "2024-04-20", "2024-04-27"),
        ("2024-10-14 12:00", "2024-10-19", "2024-10-26", "2024-11-02"),
    ],
    ids=["there is no two o'clock", "it is one o'clock twice"],
)
@pytest.mark.fault("F43")
def test_daylight_saving_changes_run_once(
    harness: Harness, installed: str, week_before: str, day: str, week_after: str
) -> None:
    """F43: Gaza changes its clocks on Saturdays at two."""
    gaza = Company(harness, "Asia/Gaza")
    gaza.run_at(gaza.local(installed))
    loop = gaza.process()
    for number, date in enumerate((week_before, day, week_after)):
        midnight = gaza.local(f"{date} 00:00").timestamp()
        zone = ZoneInfo("Asia/Gaza")
        for minutes in range(0, 5 * 60, 15):
            gaza.run_at(datetime.fromtimestamp(midnight + 60 * minutes, zone), loop)
        assert len(gaza.ran) == number + 1, date
    assert [run.run_key for run in gaza.runs()] == sorted({week(due) for due in gaza.ran if due})
    assert len(gaza.runs()) == 3


def test_gaza_has_the_clock_changes_of_the_tests_above() -> None:
    zone = ZoneInfo("Asia/Gaza")
    spring = datetime(2024, 4, 20, 2, 30, tzinfo=zone)
    assert spring.astimezone(ZoneInfo("UTC")).astimezone(zone).hour == 3, "skipped"
    autumn = [datetime(2024, 10, 26, 1, 30, tzinfo=zone, fold=fold) for fold in (0, 1)]
    assert autumn[0].utcoffset() != autumn[1].utcoffset(), "twice"


@pytest.mark.fault("F44")
def test_an_interrupted_run_is_repeated(shanghai: Company) -> None:
    """F44: the process is killed during the run."""

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    shanghai.fail = kill
    with pytest.raises(Killed):
        shanghai.run_at(shanghai.local("2026-11-21 02:00"))
    (run,) = shanghai.runs()
    assert run.finished_at is None
    shanghai.fail = None
    assert shanghai.run_at(shanghai.local("2026-11-21 02:01")) == 2
    (run,) = shanghai.runs()
    assert run.finished_at is not None
    assert shanghai.run_at(shanghai.local("2026-11-21 02:02")) == 2


@pytest.mark.fault("F44")
def test_a_stopped_run_is_not_finished(shanghai: Company) -> None:
    """F44: SIGTERM between two batches; the next process does the rest."""
    successes = metrics.JOB_SUCCESS.labels("scan")
    successes.set(0)
    loop = shanghai.process()

    def stop_in_the_middle() -> None:
        assert not loop._should_stop()
        loop._stop.set()
        assert loop._should_stop()

    shanghai.fail = stop_in_the_middle
    assert shanghai.run_at(shanghai.local("2026-11-21 02:00"), loop) == 1
    assert [run.finished_at for run in shanghai.runs()] == [None]
    assert successes._value.get() == 0, "the alert for a missed run must not be silenced"
    shanghai.fail = None
    assert shanghai.run_at(shanghai.local("2026-11-21 02:01")) == 2
    assert shanghai.runs()[0].finished_at is not None and successes._value.get() > 0


@pytest.mark.fault("F44")
def test_a_process_that_lost_the_lease_finishes_no_run(shanghai: Company) -> None:
    """F44: a paused host notices between two batches, or only at the end."""
    for checks in (True, False):
        loop = shanghai.process()

        def lose(loop: JobLoop = loop, checks: bool = checks) -> None:
            assert loop._lease.held()
            with shanghai.harness.session() as session:
                session.execute(sqlalchemy.text("UPDATE lease SET holder = 'x', epoch = epoch + 1"))
            if checks:
                loop._lease._renew_at = 0.0
                assert loop._should_stop()

        shanghai.fail = lose
        before = len(shanghai.ran)
        assert shanghai.run_at(shanghai.local("2026-11-21 02:00"), loop) == before + 1
        assert [run.finished_at for run in shanghai.runs()] == [None]
        with shanghai.harness.session() as session:
            session.execute(sqlalchemy.text("DELETE FROM lease"))
    shanghai.fail = None
    assert shanghai.run_at(shanghai.local("2026-11-21 02:01"), loop) == 3, "it leads again"
    assert shanghai.runs()[0].finished_at is not None


def test_a_failed_job_is_retried_a_minute_later(
    shanghai: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ValueError("no")

    shanghai.fail = fail
    loop = shanghai.process()
    assert shanghai.run_at(shanghai.local("2026-11-21 02:00"), loop) == 1
    assert shanghai.run_at(shanghai.local("2026-11-21 02:01"), loop) == 1, "not at once"
    monkeypatch.setattr(jobs.time, "monotonic", partial(float, "1e12"))
    shanghai.fail = None
    assert shanghai.run_at(shanghai.local("2026-11-21 02:02"), loop) == 2


def test_the_default_run_key_is_the_due_time(harness: Harness) -> None:
    company = Company(harness, "Asia/Shanghai")
    daily = partial(company.process, cron="30 3 * * *", run_key=Job("x", company._run).run_key)
    company.run_at(company.local("2026-11-20 12:00"), daily())
    for day in (21, 21, 22):
        company.run_at(company.local(f"2026-11-{day} 04:00"), daily())
    assert [run.run_key for run in company.runs()] == ["2026-11-21T03:30", "2026-11-22T03:30"]


def test_a_due_run_that_is_not_done_is_overdue(shanghai: Company) -> None:
    """The basis of the alert for a missed scan: read from the database, not from process memory."""
    jobs_ = [Job("scan", shanghai._run, cron=SATURDAYS, run_key=week), Job("new", shanghai._run)]

    def overdue(time: str) -> dict[str, float]:
        zone = ZoneInfo(shanghai.zone)
        with time_machine.travel(shanghai.local(time), tick=False):
            return shanghai.harness.database.run(
                SYSTEM, lambda session: jobs.overdue(session, jobs_, zone)
            )

    assert overdue("2026-11-21 01:59") == {"scan": 0}, "last week's was before the installation"
    assert overdue("2026-11-21 02:31") == {"scan": 31 * 60}
    shanghai.fail = lambda: 1 / 0
    shanghai.run_at(shanghai.local("2026-11-21 02:40"))
    assert overdue("2026-11-21 03:00") == {"scan": 3600}
    failures = metrics.JOB_FAILURES.labels("scan")._value.get()
    shanghai.run_at(shanghai.local("2026-11-21 03:05"))
    assert metrics.JOB_FAILURES.labels("scan")._value.get() == failures + 1
    shanghai.fail = None
    shanghai.run_at(shanghai.local("2026-11-21 03:10"))
    assert overdue("2026-11-21 03:11") == overdue("2026-11-28 01:59") == {"scan": 0}


def test_a_job_runs_every_few_seconds(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company(harness, "Asia/Shanghai")
    loop = company.process(cron=None, every=5.0)
    time = 1000.0
    monkeypatch.setattr(jobs.time, "monotonic", lambda: time)
    for time, expected in ((1000.0, 1), (1004.9, 1), (1005.0, 2), (1100.0, 3)):  # noqa: B007
        loop.run_due()
        assert len(company.ran) == expected
    assert company.ran == [None] * 3 and company.runs() == []


def test_a_standby_runs_nothing_and_is_alive(harness: Harness) -> None:
    company = Company(harness, "Asia/Shanghai")
    leader = company.process(cron=None, every=1000.0)
    standby = company.process(cron=None, every=1000.0)
    assert leader._lease.held()
    metrics.PROGRESS.labels("jobs").set(0)
    stop = threading.Event()
    with running(replace_stop(standby, stop).run, stop):
        until(lambda: metrics.PROGRESS.labels("jobs")._value.get() > 0)
    assert company.ran == []


def test_a_long_job_sees_the_stop_and_counts_as_alive(harness: Harness) -> None:
    seen: list[bool] = []

    def long(context: JobContext) -> None:
        metrics.PROGRESS.labels("jobs").set(0)
        seen.append(context.stopping())
        assert metrics.PROGRESS.labels("jobs")._value.get() > 0
        stop.set()
        seen.append(context.stopping())

    stop = threading.Event()
    settings = harness.settings
    loop = JobLoop([Job("long", long, every=1000.0)], harness.database, settings, stop)
    loop.run()
    assert seen == [False, True]


def test_housekeeping_and_the_services_own_jobs(harness: Harness) -> None:
    assert harness.run_job("count-notes") == {"notes": 0}
    (housekeeping,) = jobs.housekeeping()
    context = JobContext(harness.database, harness.settings, None, lambda: False)
    assert housekeeping.run(context) == dict.fromkeys(
        ("outbox", "inbox", "received_events", "idempotency", "record_changes", "job_run"), 0
    )


def test_due_times() -> None:
    friday, saturday = wall("2026-11-20 23:59"), wall("2026-11-21 02:00")
    assert due_time(SATURDAYS, friday) == wall("2026-11-14 02:00")
    assert due_time(SATURDAYS, saturday) == saturday
    assert due_time(SATURDAYS, saturday + timedelta(milliseconds=1)) == saturday
    assert due_time(SATURDAYS, saturday - timedelta(milliseconds=1)) == wall("2026-11-14 02:00")


def test_concurrent_processes_record_one_run(shanghai: Company) -> None:
    """Even without a leader the run key allows only one row per run."""
    time = shanghai.local("2026-11-21 02:00")
    with time_machine.travel(time, tick=False):
        at_once(*(shanghai.process().run_due for _ in range(4)))
    assert len(shanghai.runs()) == 1


def test_housekeeping_deletes_in_batches(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a busy week a single statement would time out, every night."""
    monkeypatch.setattr(db, "DELETED_AT_ONCE", 2)
    bodies = [harness.envelope("other.thing-counted.v1", {}) for _ in range(5)]
    harness.inbox.handle(bodies)
    with harness.session() as session:
        old = func.now() - timedelta(days=31)
        session.execute(update(inbox.InboxRow).values(handled_at=old))
        session.execute(update(ReceivedEvent).values(received_at=old))
    [job] = jobs.housekeeping()
    result = job.run(JobContext(harness.database, harness.settings, None, lambda: False))
    assert result is not None and result["inbox"] == result["received_events"] == 5
    with harness.session() as session:
        assert session.scalar(select(func.count()).select_from(inbox.InboxRow)) == 0
