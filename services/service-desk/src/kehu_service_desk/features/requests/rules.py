"""What may happen to a service request in which state.  Pure decisions: no framework here.

Source: product specification, service-desk D1 to D5.
"""

from uuid import UUID

from kehu_chassis.problems import forbidden, wrong_state

CREATED = "created"
ASSIGNED = "assigned"
HANDLED = "handled"
ARCHIVED = "archived"
CANCELLED = "cancelled"
STATUSES = (CREATED, ASSIGNED, HANDLED, ARCHIVED, CANCELLED)

TYPES = ("consultation", "suggestion", "complaint", "after_sales", "other")
PRIORITIES = ("low", "normal", "high", "urgent")
NO_ANSWER = "no_answer"
CLOSE_REASONS = (NO_ANSWER, "not_solvable", "withdrawn")

_ALLOWED = {
    "assign": {CREATED, ASSIGNED},
    "take": {CREATED},
    "handle": {ASSIGNED},
    "feedback": {HANDLED},
    "withdraw": {CREATED},
    "cancel": {CREATED, ASSIGNED, HANDLED},
    "close": {CREATED, ASSIGNED, HANDLED},
}


def require_state(action: str, status: str) -> None:
    """Refuse with 409 an action that the status does not allow."""
    if status not in _ALLOWED[action]:
        raise wrong_state("service-request", status)


def require_handler(actor_id: UUID, assignee_id: UUID | None) -> None:
    """Refuse with 403 whoever is not the assignee.  While there is none, the state refuses."""
    if assignee_id is not None and assignee_id != actor_id:
        raise forbidden("service-request:handle")


def require_feedback_giver(
    actor_id: UUID, created_by: UUID, assignee_id: UUID | None, *, is_agent: bool
) -> None:
    """Refuse with 403 whoever is neither creator nor assignee nor an agent."""
    if not is_agent and actor_id not in (created_by, assignee_id):
        raise forbidden("service-request:feedback")


def require_creator(actor_id: UUID, created_by: UUID) -> None:
    """Refuse with 403 to withdraw what somebody else asked for."""
    if actor_id != created_by:
        raise forbidden("service-request:create")


def after_feedback(satisfaction: int, reopen_below: int, *, assignee_available: bool) -> str:
    """The status that feedback leads to: archived, or back to be handled again."""
    if satisfaction >= reopen_below:
        return ARCHIVED
    return ASSIGNED if assignee_available else CREATED
