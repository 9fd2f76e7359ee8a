"""Deleting sessions that are over."""

from typing import Any

from kehu_auth.features.sessions import service
from kehu_chassis.runtime.jobs import Job, JobContext, delete_all


def _purge(context: JobContext) -> dict[str, Any]:
    return {"deleted": delete_all(context, service.purge)}


JOBS = [Job("delete-old-sessions", _purge, cron="37 3 * * *")]
