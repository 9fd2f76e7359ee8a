"""Scheduled work on service requests."""

from typing import Any

from kehu_chassis.actor import SYSTEM
from kehu_chassis.records import audit
from kehu_chassis.runtime import search_index
from kehu_chassis.runtime.jobs import Job, JobContext
from kehu_service_desk.features.requests import service
from kehu_service_desk.features.requests.models import ServiceRequest

_BATCH = 500


def archive_unanswered(context: JobContext) -> dict[str, Any]:
    """Archive requests without timely feedback, a batch per transaction; the last one
    records the whole job in the audit trail."""
    archived, more = 0, not context.stopping()
    while more:
        with context.database.transaction(SYSTEM) as session:
            count = service.archive_unanswered(session, _BATCH)
            archived += count
            more = count == _BATCH and not context.stopping()
            if archived and not more:
                audit.note(
                    session,
                    action="archived-unanswered",
                    record_type="service_request",
                    changes=[{"field": "status", "old": "handled", "new": f"{archived} archived"}],
                )
    return {"archived": archived}


JOBS = [
    Job("archive-unanswered-requests", archive_unanswered, cron="30 1 * * *"),
    search_index.job("index-requests", ServiceRequest, service.searched_texts),
]
