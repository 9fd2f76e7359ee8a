"""Deleting notes that were archived long ago, and making those findable that an earlier release
indexed."""

from typing import Any

from kehu_chassis.runtime import search_index
from kehu_chassis.runtime.jobs import Job, JobContext, delete_all
from kehu_notes.features.notes import service
from kehu_notes.features.notes.models import Note


def purge(context: JobContext) -> dict[str, Any]:
    """Delete what was archived over a year ago, batch by batch."""
    return {"notes": delete_all(context, service.delete_old)}


JOBS = [
    Job("delete-old-notes", purge, cron="20 3 * * *"),
    search_index.job("index-notes", Note),
]
