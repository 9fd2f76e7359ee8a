"""Every operation on an opportunity, with a valid request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .conftest import FORM, People

STEP = {"date": "2026-12-13", "content": "Visit"}


@dataclass(frozen=True)
class Operation:
    """One operation: how it is called, what it needs, and in which states it is possible."""

    method: str
    path: str
    permission: str
    body: dict[str, Any] | None = None
    status: int = 200
    states: set[str] = field(
        default_factory=lambda: {"unassigned", "developing", "won", "lost", "voided"}
    )

    @property
    def needs_if_match(self) -> bool:
        """Whether the version that is changed must be named."""
        return self.method in ("PUT", "PATCH", "DELETE")

    def address(self, opportunity_id: str, item_id: str = "") -> str:
        """The path with the ids in it."""
        return self.path.format(one=f"/opportunities/{opportunity_id}", item=item_id)


_ITEM = "{one}/plan-items/{item}"
_OPEN = {"unassigned"}
_DEVELOPING = {"developing"}
_CLOSED = {"won", "lost", "voided"}

OPERATIONS: dict[str, Operation] = {
    "list_opportunities": Operation("GET", "/opportunities", "opportunity:read"),
    "count_opportunities": Operation("GET", "/opportunities/counts", "opportunity:read"),
    "show_opportunity_board": Operation("GET", "/opportunities/board", "opportunity:read"),
    "create_opportunity": Operation("POST", "/opportunities", "opportunity:create", FORM, 201),
    "get_opportunity": Operation("GET", "{one}", "opportunity:read"),
    "update_opportunity": Operation(
        "PATCH", "{one}", "opportunity:update", {"success_rate": 55}, states=_OPEN
    ),
    "delete_opportunity": Operation(
        "DELETE", "{one}", "opportunity:delete", status=204, states=_OPEN
    ),
    "void_opportunity": Operation(
        "POST", "{one}/void", "opportunity:void", {"reason": "Twice"}, states=_OPEN
    ),
    "copy_opportunity": Operation(
        "POST", "{one}/copy", "opportunity:create", {}, 201, states=_CLOSED
    ),
    "list_assignee_candidates": Operation(
        "GET", "{one}/assignee-candidates", "opportunity:assign"
    ),
    "assign_opportunity": Operation(
        "POST", "{one}/assign", "opportunity:assign", {"assignee_id": "?"},
        states=_OPEN | _DEVELOPING,
    ),
    "progress_opportunity": Operation(
        "PATCH", "{one}/progress", "opportunity:progress", {"success_rate": 70},
        states=_DEVELOPING,
    ),
    "move_opportunity": Operation(
        "POST", "{one}/stage", "opportunity:stage", {"stage": "proposal"}, states=_DEVELOPING
    ),
    "win_opportunity": Operation(
        "POST", "{one}/win", "opportunity:close", {"amount": "1.00"}, states=_DEVELOPING
    ),
    "lose_opportunity": Operation(
        "POST", "{one}/lose", "opportunity:close",
        {"reason_code": "price", "reason": "Too dear"}, states=_DEVELOPING,
    ),
    "export_opportunities": Operation("GET", "/opportunities/export", "opportunity:export"),
    "list_opportunity_changes": Operation("GET", "{one}/changes", "opportunity:read"),
    "list_plan_item_changes": Operation("GET", f"{_ITEM}/changes", "opportunity:read"),
    "get_opportunity_history": Operation("GET", "{one}/history", "opportunity:read"),
    "list_plan_items": Operation("GET", "{one}/plan-items", "opportunity:read"),
    "add_plan_item": Operation(
        "POST", "{one}/plan-items", "opportunity:plan", STEP, 201, states=_DEVELOPING
    ),
    "get_plan_item": Operation("GET", _ITEM, "opportunity:read"),
    "edit_plan_item": Operation(
        "PATCH", _ITEM, "opportunity:plan", {"content": "Call"}, states=_DEVELOPING
    ),
    "delete_plan_item": Operation(
        "DELETE", _ITEM, "opportunity:plan", status=204, states=_DEVELOPING
    ),
    "record_plan_item_result": Operation(
        "PUT", f"{_ITEM}/result", "opportunity:plan", {"result": "Liked it"}, states=_DEVELOPING
    ),
}  # fmt: skip

OF_ONE = {name: one for name, one in OPERATIONS.items() if "{one}" in one.path}
OF_ITEMS = {name: one for name, one in OPERATIONS.items() if "{item}" in one.path}


def body_of(operation: Operation, people: People) -> dict[str, Any] | None:
    """The body of a valid request; it assigns to the manager's colleague."""
    if operation.permission == "opportunity:assign" and operation.body:
        return {"assignee_id": str(people.colleague.id)}
    return operation.body
