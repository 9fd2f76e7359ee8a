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
    COUNTS,
    REQUESTS,
    assignee_candidates,
    count,
    create,
    follow_names,
    get,
    list_,
    list_rounds,
    searched_texts,
)

__all__ = [
    "COUNTS", "REQUESTS",
    "archive_unanswered", "assign", "assignee_candidates", "cancel", "close", "count", "create",
    "feedback", "follow_names", "get", "handle", "list_", "list_rounds", "searched_texts", "take",
    "withdraw",
]  # fmt: skip
