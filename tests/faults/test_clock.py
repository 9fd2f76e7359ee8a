"""The weekly scan when the clock of its process jumps, goes back or changes.

The process is a jobs process of the customer service with a clock set by the test.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.faults.ledger import Ledger, checked
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

DATABASE = "kehu_customer"
COMPANY, GAZA = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Gaza")
# The jobs process with a clock whose offset from the real one, in seconds, is in a file.
PROGRAM = """
import sys
from datetime import timedelta
from pathlib import Path
from kehu_chassis import clock
from kehu_chassis.cli import main
from kehu_customer.app import service
offset, real = Path("/tmp/offset"), clock.now
offset.write_text(sys.argv[1])
clock.now = lambda: real() + timedelta(seconds=float(offset.read_text()))
sys.exit(main(service, ["jobs"]))
"""
LEADS = "SELECT epoch FROM lease WHERE name = 'jobs' AND expires_at > clock_timestamp()"
OF_WEEKS = "FROM churn_scan WHERE run_key IS NOT NULL"


@pytest.mark.fault("F40")
@pytest.mark.long
def test_a_clock_that_jumps_past_the_scan_does_not_skip_it(containers: Installation) -> None:
    """It jumps an hour ahead at half past one, and is corrected later."""
    saturday = _next_saturday()
    with checked(containers) as ledger:
        with jobs_at(containers, saturday.replace(hour=1, minute=30)) as jobs:
            jobs.wait_for_round()
            assert jobs.scans() == []
            jobs.jump(timedelta(hours=1))
            eventually(lambda: jobs.scans() == [_week(saturday)], what="the scan of the week")
            jobs.jump(timedelta(hours=-1))
            jobs.wait_for_round()
            jobs.pass_by(saturday.replace(hour=2))
            assert jobs.scans() == [_week(saturday)]
        _assert_warned_once(ledger)


@pytest.mark.fault("F41")
@pytest.mark.long
def test_a_clock_that_goes_back_after_the_scan_does_not_repeat_it(containers: Installation) -> None:
    """It goes back two hours right after the scan, and reaches two o'clock again."""
    saturday = _next_saturday()
    two = saturday.replace(hour=2)
    with checked(containers) as ledger:
        with jobs_at(containers, saturday.replace(hour=1, minute=30)) as jobs:
            jobs.pass_by(two)
            assert jobs.scans() == [_week(saturday)]
            jobs.jump(timedelta(hours=-2))
            jobs.wait_for_round()
            jobs.pass_by(two)
            assert jobs.scans() == [_week(saturday)]
        _assert_warned_once(ledger)


@pytest.mark.fault("F43")
@pytest.mark.long
def test_a_clock_change_in_the_hour_of_the_scan_neither_skips_nor_repeats_it(
    containers: Installation,
) -> None:
    """In Gaza 20 April 2024 had no two o'clock, and 26 October had it twice."""
    spring = datetime(2024, 4, 20, 3, tzinfo=GAZA)
    autumn = datetime(2024, 10, 26, 1, tzinfo=GAZA, fold=1)
    with checked(containers) as ledger:
        traffic = ledger.traffic
        traffic.publish(traffic.order("old", ordered_at="2023-09-01T10:00:00+03:00"))
        ingested = f"SELECT count(*) FROM sales_order WHERE order_no = '{traffic.tag}-old'"
        eventually(lambda: containers.sql(DATABASE, ingested) == "1")
        with jobs_at(containers, spring - timedelta(hours=3)) as jobs:
            assert jobs.scans() == []
            jobs.pass_by(spring)
            assert jobs.scans() == [_week(spring)]
            jobs.pass_by(autumn)
            jobs.pass_by(datetime(2024, 10, 26, 2, tzinfo=GAZA))
            # Of the missed weeks between, only the last one is scanned.
            weeks = [spring, autumn - timedelta(days=7), autumn]
            assert jobs.scans() == [_week(day) for day in weeks]
        _assert_warned_once(ledger)


@dataclass
class JobsProcess:
    """A jobs process whose clock the test sets."""

    containers: Installation
    name: str

    def set(self, moment: datetime) -> None:
        """Set its clock to this moment."""
        offset = moment.timestamp() - time.time()
        write = f"echo {offset} > /tmp/offset.new && mv /tmp/offset.new /tmp/offset"
        docker("exec", self.name, "sh", "-c", write)

    def jump(self, distance: timedelta) -> None:
        """Move its clock by this much."""
        offset = float(docker("exec", self.name, "cat", "/tmp/offset"))
        self.set(datetime.fromtimestamp(time.time() + offset, COMPANY) + distance)

    def pass_by(self, moment: datetime) -> None:
        """Run its clock from two seconds before a moment past it, and wait for the work to end."""
        self.set(moment.astimezone(ZoneInfo("UTC")) - timedelta(seconds=2))
        passed = time.time() + 2
        eventually(lambda: time.time() > passed, what="the clock passes")
        self.wait_for_round()
        running = f"SELECT count(*) {OF_WEEKS} AND state <> 'done'"
        eventually(lambda: self.containers.sql(DATABASE, running) == "0", what="the scan ends")

    def wait_for_round(self) -> None:
        """Wait until it has checked every job that may be due by now.

        It reports progress at the beginning of a round and once within it.
        """
        seen = time.time()
        for _sign in range(3):
            before = seen
            seen = eventually(lambda before=before: self._progress_after(before), what="a round")

    def _progress_after(self, before: float) -> float:
        shown = self.containers.probe_of(self.name, "/metrics")
        found = re.search(r"^last_progress_timestamp_seconds\{.*\} (\S+)$", shown, re.MULTILINE)
        assert found, shown
        return float(found[1]) if float(found[1]) > before else 0.0

    def scans(self) -> list[str]:
        """The scanned weeks; each has one run of the job."""
        runs = "SELECT run_key FROM job_run WHERE job = 'churn-scan' ORDER BY run_key"
        scans = f"SELECT run_key {OF_WEEKS} ORDER BY run_key"
        found = self.containers.sql(DATABASE, scans).split()
        assert self.containers.sql(DATABASE, runs).split() == found
        return found


@contextmanager
def jobs_at(containers: Installation, moment: datetime) -> Iterator[JobsProcess]:
    """Replace customer's jobs process by one whose clock starts at a moment, without earlier scans;
    it leads all the time, as the database's clock stays real."""
    zone = str(moment.tzinfo)
    usual = containers.container("customer-jobs")
    offset = str(moment.timestamp() - time.time())
    before = containers.sql(DATABASE, "SELECT epoch FROM lease WHERE name = 'jobs'")
    docker("stop", usual)
    _forget(containers, moment)
    name = containers.compose(
        *("run", "--detach", "--no-deps", "-e", f"KEHU_TIMEZONE={zone}", "--entrypoint", "python"),
        *("customer-jobs", "-c", PROGRAM, offset),
    ).stdout.strip()
    try:
        led = eventually(
            lambda: {containers.sql(DATABASE, LEADS)} - {before, ""}, within=60, what="it leads"
        )
        yield JobsProcess(containers, name)
        assert {containers.sql(DATABASE, LEADS)} == led, "no other process has led"
    finally:
        docker("rm", "--force", name)
        _forget(containers, datetime.now(COMPANY))
        docker("start", usual)


def _forget(containers: Installation, since: datetime) -> None:
    """Delete all weekly scans and set the moment since which the installation has the job."""
    containers.sql(
        DATABASE,
        "DELETE FROM job_run WHERE job = 'churn-scan' OR started_at > now() + interval '1 hour';"
        f" DELETE {OF_WEEKS};"
        f" UPDATE job SET first_seen_at = '{since.isoformat()}' WHERE name = 'churn-scan'",
    )


def _next_saturday() -> datetime:
    """The start of the next Saturday that has not started anywhere."""
    today = datetime.now(COMPANY).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=(5 - today.weekday()) % 7 or 7)


def _week(day: datetime) -> str:
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02d}"


def _assert_warned_once(ledger: Ledger) -> None:
    """The customer with the old order has one warning, and no customer has more."""
    path = f"/api/v1/customer/churn-warnings?customer_id={ledger.traffic.customer}"
    assert ledger.traffic.manager.get(path)["total"] == 1
    events = "FROM outbox WHERE type = 'customer.churn-warned.v1'"
    twice = f"SELECT subject {events} GROUP BY subject HAVING count(*) > 1"
    assert ledger.installation.sql(DATABASE, twice) == ""
