"""Deleting old audit entries."""

from functools import partial
from typing import Any

from kehu_auth.features.audit import service
from kehu_auth.features.audit.models import OUTCOMES
from kehu_chassis.runtime.jobs import Job, JobContext, delete_all


def _purge(context: JobContext) -> dict[str, Any]:
    return {each: delete_all(context, partial(service.purge, outcome=each)) for each in OUTCOMES}


JOBS = [Job("delete-old-audit-entries", _purge, cron="47 3 * * *")]
