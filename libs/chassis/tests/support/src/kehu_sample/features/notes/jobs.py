"""Scheduled work; most tests define their own."""

from __future__ import annotations

from sqlalchemy import func, select

from kehu_chassis.actor import SYSTEM
from kehu_chassis.runtime import search_index
from kehu_chassis.runtime.jobs import Job, JobContext
from kehu_sample.features.notes.models import Note


def count(context: JobContext) -> dict[str, int]:
    with context.database.transaction(SYSTEM) as session:
        return {"notes": session.scalars(select(func.count(Note.id))).one()}


JOBS = [
    Job("count-notes", count, cron="0 2 * * 6"),
    search_index.job("index-notes", Note),
]
