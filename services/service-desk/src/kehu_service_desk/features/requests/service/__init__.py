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
    COUNTS,
    REQUESTS,
    assignee_candidates,
    correct,
    count,
    create,
    find,
    follow_names,
    get,
    list_,
    list_changes,
    list_rounds,
    readable,
    searched_texts,
)

notifications.LINKS["service_request"] = notifications.Link("service-request:read", readable)

__all__ = [
    "COUNTS", "REQUESTS", "archive_unanswered", "assign", "assignee_candidates", "cancel", "close",
    "correct", "count", "create", "feedback", "find", "follow_names", "get", "handle", "list_",
    "list_changes", "list_rounds", "searched_texts", "take",
    "withdraw",
]  # fmt: skip
