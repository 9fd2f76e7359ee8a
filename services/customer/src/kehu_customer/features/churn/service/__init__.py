"""Finding customers about to be lost, acting on it, and noticing that they are back."""

from kehu_customer.features.churn.rules import KINDS, SCAN_STATES, STATES
from kehu_customer.features.churn.service.reminders import remind_reviews, tell_unattended
from kehu_customer.features.churn.service.scans import (
    get_scan,
    list_scans,
    next_scan,
    request_scan,
    schedule_scan,
    step,
)
from kehu_customer.features.churn.service.warnings import (
    any_of,
    confirm,
    follow,
    get,
    list_,
    reprieve,
    snapshots,
)
from kehu_customer.features.churn.service.watch import effect_seen

__all__ = [
    "KINDS",
    "SCAN_STATES",
    "STATES",
    "any_of",
    "confirm",
    "effect_seen",
    "follow",
    "get",
    "get_scan",
    "list_",
    "list_scans",
    "next_scan",
    "remind_reviews",
    "reprieve",
    "request_scan",
    "schedule_scan",
    "snapshots",
    "step",
    "tell_unattended",
]
