"""What may be done to opportunities and plan items, each by which permission and when."""

from kehu_chassis.records import Operation
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.models import Opportunity, PlanItem

UPDATE = Operation(
    "update_opportunity", Opportunity, "opportunity:update", transition="edit", fields=rules.FORM
)
DELETE = Operation("delete_opportunity", Opportunity, "opportunity:delete", transition="delete")
VOID = Operation("void_opportunity", Opportunity, "opportunity:void", transition="void")
# Whoever reads an opportunity may make one of their own from it.
COPY = Operation(
    "copy_opportunity",
    Opportunity,
    "opportunity:create",
    transition="copy",
    within="opportunity:read",
)
LIST_CANDIDATES = Operation("list_assignee_candidates", Opportunity, "opportunity:assign")
ASSIGN = Operation("assign_opportunity", Opportunity, "opportunity:assign", transition="assign")
PROGRESS = Operation(
    "progress_opportunity",
    Opportunity,
    "opportunity:progress",
    transition="progress",
    fields=rules.PROGRESS,
)
MOVE = Operation("move_opportunity", Opportunity, "opportunity:stage", transition="move")
WIN = Operation("win_opportunity", Opportunity, "opportunity:close", transition="win")
LOSE = Operation("lose_opportunity", Opportunity, "opportunity:close", transition="lose")

_PLAN = "opportunity:plan"
ADD_ITEM = Operation("add_plan_item", Opportunity, _PLAN, transition="plan")
EDIT_ITEM = Operation(
    "edit_plan_item",
    PlanItem,
    _PLAN,
    transition="plan",
    require=rules.require_changeable_item,
    fields=("content",),
)
DELETE_ITEM = Operation(
    "delete_plan_item",
    PlanItem,
    _PLAN,
    transition="plan",
    require=rules.require_changeable_item,
)
RECORD_RESULT = Operation(
    "record_plan_item_result",
    PlanItem,
    _PLAN,
    transition="plan",
    require=rules.require_changeable_item,
)
