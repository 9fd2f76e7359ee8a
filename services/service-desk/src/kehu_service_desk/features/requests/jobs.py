"""Scheduled work on service requests."""

from typing import Any

from kehu_chassis import audit
from kehu_chassis.actor import SYSTEM
from kehu_chassis.jobs import Job, JobContext
from kehu_service_desk.features.requests import service

_BATCH = 500


def archive_unanswered(context: JobContext) -> dict[str, Any]:
    """Archive what the customer has not answered in time, a batch per transaction."""
    archived = 0
    while not context.stopping():
        with context.database.transaction(SYSTEM) as session:
            count = service.archive_unanswered(session, _BATCH)
            if count:
                audit.note(
                    session,
                    action="archived-unanswered",
                    record_type="service_request",
                    changes=[{"field": "status", "old": "handled", "new": f"{count} archived"}],
                )
        archived += count
        if count < _BATCH:
            break
    return {"archived": archived}


JOBS = [Job("archive-unanswered-requests", archive_unanswered, cron="30 1 * * *")]
