"""The weekly scan, requested scans, and reminders."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.runtime.jobs import Job, JobContext
from kehu_customer.features.churn import service


def iso_week(due: datetime) -> str:
    """The run key of the weekly scan, so that it runs once in an ISO week."""
    year, week, _day = due.isocalendar()
    return f"{year}-W{week:02d}"


def schedule(context: JobContext) -> dict[str, Any]:
    """Request this week's scan; it runs like every other."""
    due = context.scheduled or clock.now().astimezone(context.settings.timezone)
    key = iso_week(due)
    context.database.run(SYSTEM, lambda session: service.schedule_scan(session, key))
    return {"run_key": key}


def run_scans(context: JobContext) -> None:
    """Run the requested scans, batch by batch."""
    while not context.stopping():
        scan_id = context.database.run(SYSTEM, service.next_scan)
        if scan_id is None:
            return
        while not context.stopping():
            if not context.database.run(SYSTEM, lambda s, i=scan_id: service.step(s, i)):  # type: ignore[misc]
                break


def remind(context: JobContext) -> dict[str, Any]:
    """Remind directors and managers of pending warnings."""
    return {
        "unattended": _all(context, service.report_unattended),
        "reviews": _all(context, service.remind_reviews),
    }


def _all(context: JobContext, report: Callable[[Session], int]) -> int:
    total = 0
    while not context.stopping() and (reported := context.database.run(SYSTEM, report)):
        total += reported
    return total


JOBS = [
    Job("churn-scan", schedule, cron="0 2 * * 6", run_key=iso_week),
    Job("churn-scan-requests", run_scans, every=3.0),
    Job("churn-measures", remind, cron="10 * * * *"),
]
