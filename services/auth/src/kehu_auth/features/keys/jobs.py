"""Rotating old keys."""

from typing import Any

from kehu_auth.features.keys import service
from kehu_chassis.actor import SYSTEM
from kehu_chassis.runtime.jobs import Job, JobContext


def _rotate(context: JobContext) -> dict[str, Any]:
    return {
        "deleted": context.database.run(SYSTEM, service.purge),
        "made": context.database.run(SYSTEM, service.rotate_if_old),
    }


JOBS = [Job("signing-keys", _rotate, cron="27 3 * * *")]
