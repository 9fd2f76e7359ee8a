"""The weekly scan while the clock of its process is played: it jumps, goes back, changes.

The process is the customer service's own, in a container of its own; only its clock is ours.
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

from tests.faults.ledger import Ledger, with_care
from tests.support.compose import Installation, docker
from tests.support.stack import eventually

DATABASE = "kehu_customer"
COMPANY, GAZA = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Gaza")
# The jobs process with a clock that runs as far from the real one as a file says.
PLAYED = """
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
    """An hour ahead at half past one, and back again when somebody mends it."""
    saturday = _next_saturday()
    with with_care(containers) as ledger:
        with played(containers, saturday.replace(hour=1, minute=30)) as jobs:
            jobs.go_round()
            assert jobs.scans() == []
            jobs.jump(timedelta(hours=1))
            eventually(lambda: jobs.scans() == [_week(saturday)], what="the scan of the week")
            jobs.jump(timedelta(hours=-1))
            jobs.go_round()
            jobs.pass_by(saturday.replace(hour=2))
            assert jobs.scans() == [_week(saturday)]
        _is_warned_once(ledger)


@pytest.mark.fault("F41")
@pytest.mark.long
def test_a_clock_that_goes_back_after_the_scan_does_not_repeat_it(containers: Installation) -> None:
    """Two hours back as soon as it has run, and to two o'clock once more."""
    saturday = _next_saturday()
    two = saturday.replace(hour=2)
    with with_care(containers) as ledger:
        with played(containers, saturday.replace(hour=1, minute=30)) as jobs:
            jobs.pass_by(two)
            assert jobs.scans() == [_week(saturday)]
            jobs.jump(timedelta(hours=-2))
            jobs.go_round()
            jobs.pass_by(two)
            assert jobs.scans() == [_week(saturday)]
        _is_warned_once(ledger)


@pytest.mark.fault("F43")
@pytest.mark.long
def test_a_clock_change_in_the_hour_of_the_scan_neither_skips_nor_repeats_it(
    containers: Installation,
) -> None:
    """In Gaza there was no two o'clock on 20 April 2024; on 26 October the clock that came to two
    went back to one, and came to two again."""
    spring = datetime(2024, 4, 20, 3, tzinfo=GAZA)
    autumn = datetime(2024, 10, 26, 1, tzinfo=GAZA, fold=1)
    with with_care(containers) as ledger:
        traffic = ledger.traffic
        traffic.tell(traffic.order("old", ordered_at="2023-09-01T10:00:00+03:00"))
        asked = f"SELECT count(*) FROM sales_order WHERE order_no = '{traffic.word}-old'"
        eventually(lambda: containers.sql(DATABASE, asked) == "1")
        with played(containers, spring - timedelta(hours=3)) as jobs:
            assert jobs.scans() == []
            jobs.pass_by(spring)
            assert jobs.scans() == [_week(spring)]
            jobs.pass_by(autumn)
            jobs.pass_by(datetime(2024, 10, 26, 2, tzinfo=GAZA))
            # Of the weeks between, in which it did not run, the last one is caught up.
            weeks = [spring, autumn - timedelta(days=7), autumn]
            assert jobs.scans() == [_week(day) for day in weeks]
        _is_warned_once(ledger)


@dataclass
class Played:
    """The jobs process whose clock we set."""

    containers: Installation
    name: str

    def set(self, moment: datetime) -> None:
        """Let its clock show this moment now."""
        offset = moment.timestamp() - time.time()
        write = f"echo {offset} > /tmp/offset.new && mv /tmp/offset.new /tmp/offset"
        docker("exec", self.name, "sh", "-c", write)

    def jump(self, much: timedelta) -> None:
        """Let its clock jump."""
        offset = float(docker("exec", self.name, "cat", "/tmp/offset"))
        self.set(datetime.fromtimestamp(time.time() + offset, COMPANY) + much)

    def pass_by(self, moment: datetime) -> None:
        """Let its clock run from two seconds before a moment to after it, and the work be done."""
        self.set(moment.astimezone(ZoneInfo("UTC")) - timedelta(seconds=2))
        passed = time.time() + 2
        eventually(lambda: time.time() > passed, what="the clock passes by")
        self.go_round()
        running = f"SELECT count(*) {OF_WEEKS} AND state <> 'done'"
        eventually(lambda: self.containers.sql(DATABASE, running) == "0", what="the scan ends")

    def go_round(self) -> None:
        """Wait until it has looked at everything that may be due since now.

        A sign of progress is given at the beginning of a round and once within it.
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
        """The weeks that have been scanned; each has one run of the job."""
        runs = "SELECT run_key FROM job_run WHERE job = 'churn-scan' ORDER BY run_key"
        scans = f"SELECT run_key {OF_WEEKS} ORDER BY run_key"
        found = self.containers.sql(DATABASE, scans).split()
        assert self.containers.sql(DATABASE, runs).split() == found
        return found


@contextmanager
def played(containers: Installation, moment: datetime) -> Iterator[Played]:
    """Another jobs process in the place of customer's, whose clock starts at a moment, before which
    there was no scan; it leads all the time, as the database's clock is not played."""
    zone = str(moment.tzinfo)
    usual = containers.container("customer-jobs")
    offset = str(moment.timestamp() - time.time())
    before = containers.sql(DATABASE, "SELECT epoch FROM lease WHERE name = 'jobs'")
    docker("stop", usual)
    _forget(containers, moment)
    name = containers.compose(
        *("run", "--detach", "--no-deps", "-e", f"KEHU_TIMEZONE={zone}", "--entrypoint", "python"),
        *("customer-jobs", "-c", PLAYED, offset),
    ).stdout.strip()
    try:
        led = eventually(
            lambda: {containers.sql(DATABASE, LEADS)} - {before, ""}, within=60, what="it leads"
        )
        yield Played(containers, name)
        assert {containers.sql(DATABASE, LEADS)} == led, "nobody else has led"
    finally:
        docker("rm", "--force", name)
        _forget(containers, datetime.now(COMPANY))
        docker("start", usual)


def _forget(containers: Installation, since: datetime) -> None:
    """No scan of a week was ever made, and the installation knows of them since a moment."""
    containers.sql(
        DATABASE,
        "DELETE FROM job_run WHERE job = 'churn-scan' OR started_at > now() + interval '1 hour';"
        f" DELETE {OF_WEEKS};"
        f" UPDATE job SET first_seen_at = '{since.isoformat()}' WHERE name = 'churn-scan'",
    )


def _next_saturday() -> datetime:
    """The beginning of the next one that has not begun anywhere yet."""
    today = datetime.now(COMPANY).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=(5 - today.weekday()) % 7 or 7)


def _week(day: datetime) -> str:
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02d}"


def _is_warned_once(ledger: Ledger) -> None:
    """The customer of long ago, and nobody else more often."""
    path = f"/api/v1/customer/churn-warnings?customer_id={ledger.traffic.customer}"
    assert ledger.traffic.manager.get(path)["total"] == 1
    told = "FROM outbox WHERE type = 'customer.churn-warned.v1'"
    twice = f"SELECT subject {told} GROUP BY subject HAVING count(*) > 1"
    assert ledger.installation.sql(DATABASE, twice) == ""
