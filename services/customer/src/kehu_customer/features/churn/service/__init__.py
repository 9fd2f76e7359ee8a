"""Finding customers about to be lost, acting on warnings, and detecting recovery."""

from kehu_customer.features.churn.service.reactions import react_to_orders
from kehu_customer.features.churn.service.reminders import remind_reviews, report_unattended
from kehu_customer.features.churn.service.scans import (
    SCANS,
    get_scan,
    list_scans,
    next_scan,
    request_scan,
    schedule_scan,
    step,
)
from kehu_customer.features.churn.service.versions import VERSIONS
from kehu_customer.features.churn.service.warnings import (
    ACTIVE,
    COUNTS,
    WARNINGS,
    active,
    any_of,
    confirm,
    count,
    follow,
    get,
    list_,
    list_changes,
    reprieve,
)

__all__ = [
    "ACTIVE",
    "COUNTS",
    "SCANS",
    "VERSIONS",
    "WARNINGS",
    "active",
    "any_of",
    "confirm",
    "count",
    "react_to_orders",
    "follow",
    "get",
    "get_scan",
    "list_",
    "list_changes",
    "list_scans",
    "next_scan",
    "remind_reviews",
    "reprieve",
    "request_scan",
    "schedule_scan",
    "step",
    "report_unattended",
]
