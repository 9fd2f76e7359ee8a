"""Deleting old attempts."""

from typing import Any

from kehu_auth.features.throttle import service
from kehu_chassis.runtime.jobs import Job, JobContext, delete_all


def _purge(context: JobContext) -> dict[str, Any]:
    return {"forgotten": delete_all(context, service.purge)}


JOBS = [Job("forget-login-attempts", _purge, cron="7 3 * * *")]
