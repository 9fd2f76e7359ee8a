"""Which transitions an opportunity allows in each state.  Pure decisions: no framework here.

Source: product specification, marketing B1 to B7.
"""

from datetime import date
from typing import Any

from kehu_chassis.problems import Problem

UNASSIGNED = "unassigned"
DEVELOPING = "developing"
WON = "won"
LOST = "lost"
VOIDED = "voided"
STATUSES = (UNASSIGNED, DEVELOPING, WON, LOST, VOIDED)

# The form of an unassigned opportunity; a copy takes it over.
FORM = (
    "source", "customer_name", "customer_id", "success_rate", "summary", "contact_name",
    "contact_phone", "description", "expected_amount", "currency", "expected_close_date",
    "products", "region", "industry", "registration_no",
)  # fmt: skip
# What may change while it is being developed.
PROGRESS = (
    "success_rate", "expected_amount", "currency", "expected_close_date", "products",
    "contact_name", "contact_phone",
)  # fmt: skip

PENDING = "pending"
EXECUTED = "executed"
NOT_EXECUTED = "not_executed"
ITEM_STATES = (PENDING, EXECUTED, NOT_EXECUTED)

# The statuses in which each transition is allowed.
TRANSITIONS = {
    "edit": {UNASSIGNED},
    "delete": {UNASSIGNED},
    "void": {UNASSIGNED},
    "assign": {UNASSIGNED, DEVELOPING},
    "progress": {DEVELOPING},
    "plan": {DEVELOPING},
    "move": {DEVELOPING},
    "win": {DEVELOPING},
    "lose": {DEVELOPING},
    "copy": {WON, LOST, VOIDED},
}


def require_changeable_item(_actor: Any, item: Any) -> None:
    """Refuse with 409 to edit or delete a plan item that has a result."""
    if item.state != PENDING:
        raise Problem(409, "plan-item-executed", params={"state": item.state})


def is_overdue(state: str, planned_on: date, today: date) -> bool:
    """Whether a plan item is late: without a result, and planned for a day before today."""
    return state == PENDING and planned_on < today


def require_open_stage(code: str, stage_type: str) -> None:
    """Refuse with 409 to move to a stage that only winning or losing sets."""
    if stage_type != "open":
        raise Problem(409, "stage-not-open", params={"stage": code})


def rank_between(above: float | None, below: float) -> float | None:
    """A kanban rank above another one and, if there is one, below its neighbour; lists show the
    smallest rank first.  None if there is no number left between the two."""
    if above is None:
        return below - 1.0
    middle = (above + below) / 2
    return middle if above < middle < below else None
