"""Removing deleted customers that can no longer be restored."""

from typing import Any

from kehu_chassis.runtime.jobs import Job, JobContext, delete_all
from kehu_customer.features.customer_management import service


def purge(context: JobContext) -> dict[str, Any]:
    """Remove deleted customers that can no longer be restored, batch by batch."""
    return {"customers": delete_all(context, service.purge)}


JOBS = [Job("customer-purge", purge, cron="40 3 * * *")]
