"""The use cases of service requests: ``(session, actor, …) → result``; none of them commits."""

from kehu_service_desk.features.requests.service.closing import (
    archive_unanswered,
    cancel,
    close,
    feedback,
    withdraw,
)
from kehu_service_desk.features.requests.service.handling import assign, handle, take
from kehu_service_desk.features.requests.service.records import (
    assignee_candidates,
    create,
    follow_names,
    get,
    list_,
    list_rounds,
    snapshots,
)
from kehu_service_desk.features.requests.service.versions import VERSIONS

__all__ = [
    "VERSIONS",
    "archive_unanswered", "assign", "assignee_candidates", "cancel", "close", "create", "feedback",
    "follow_names", "get", "handle", "list_", "list_rounds", "snapshots", "take", "withdraw",
]  # fmt: skip
