"""Which transitions a service request allows in each state.  Pure decisions: no framework here.

Source: product specification, service-desk D1 to D5.
"""

from typing import Any

CREATED = "created"
ASSIGNED = "assigned"
HANDLED = "handled"
ARCHIVED = "archived"
CANCELLED = "cancelled"
STATUSES = (CREATED, ASSIGNED, HANDLED, ARCHIVED, CANCELLED)

TYPES = ("consultation", "suggestion", "complaint", "after_sales", "other")
NORMAL = "normal"
PRIORITIES = ("low", NORMAL, "high", "urgent")
AGENT = "service_agent"
NO_ANSWER = "no_answer"
CLOSE_REASONS = (NO_ANSWER, "not_solvable", "withdrawn")

FORM = (
    "customer_id", "type", "summary", "description", "contact", "priority", "previous_request_id",
)  # fmt: skip

# The statuses in which each transition is allowed.
TRANSITIONS = {
    "correct": {CREATED, ASSIGNED, HANDLED},
    "assign": {CREATED, ASSIGNED},
    "take": {CREATED},
    "handle": {ASSIGNED},
    "feedback": {HANDLED},
    "withdraw": {CREATED},
    "cancel": {CREATED, ASSIGNED, HANDLED},
    "close": {CREATED, ASSIGNED, HANDLED},
}


def may_give_feedback(actor: Any, request: Any) -> bool:
    """Whether somebody may record the customer's feedback: creator, assignee or any agent."""
    return AGENT in actor.roles or actor.id in (request.created_by, request.assignee_id)


def after_feedback(satisfaction: int, reopen_below: int, *, assignee_available: bool) -> str:
    """The status that feedback leads to: archived, or back to be handled again."""
    if satisfaction >= reopen_below:
        return ARCHIVED
    return ASSIGNED if assignee_available else CREATED
