"""The use cases of service requests: ``(session, actor, …) → result``; none of them commits."""

from kehu_service_desk.features.notifications import service as notifications
from kehu_service_desk.features.requests.service.closing import (
    archive_unanswered,
    cancel,
    close,
    feedback,
    withdraw,
)
from kehu_service_desk.features.requests.service.handling import assign, handle, take
from kehu_service_desk.features.requests.service.records import (
    REQUESTS,
    assignee_candidates,
    correct,
    create,
    follow_names,
    get,
    list_,
    list_changes,
    list_rounds,
    readable,
)

notifications.LINKS["service_request"] = notifications.Link("service-request:read", readable)

__all__ = [
    "REQUESTS",
    "archive_unanswered", "assign", "assignee_candidates", "cancel", "close", "correct", "create",
    "feedback", "follow_names", "get", "handle", "list_", "list_changes", "list_rounds", "take",
    "withdraw",
]  # fmt: skip
