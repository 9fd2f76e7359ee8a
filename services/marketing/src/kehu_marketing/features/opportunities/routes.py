"""Opportunities and their plans over HTTP."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, session
from kehu_marketing.features.opportunities import rules, schemas, service

blp = Blueprint(
    "opportunities",
    __name__,
    url_prefix="/opportunities",
    description="Winning new customers: opportunities and their development plans.",
)

_ONE = "/<uuid:opportunity_id>"
_ITEM = f"{_ONE}/plan-items/<uuid:item_id>"


@blp.route("", methods=["GET"])
@blp.access("opportunity:read")
@blp.arguments(service.OPPORTUNITIES.query, location="query")
@blp.response(200, page_schema(schemas.OpportunitySchema))
def list_opportunities(args: dict[str, Any]) -> Any:
    """List opportunities."""
    return service.list_(session(), actor(), args)


@blp.route("", methods=["POST"])
@blp.access("opportunity:create")
@blp.problems(422, "customer-or-name")
@blp.arguments(schemas.OpportunitySchema.form())
@blp.response(201, schemas.OpportunitySchema, location="get_opportunity")
def create_opportunity(body: dict[str, Any]) -> Any:
    """Create an unassigned opportunity."""
    return service.create(session(), actor(), **body)


@blp.route(_ONE, methods=["GET"])
@blp.access("opportunity:read")
@blp.response(200, schemas.OpportunitySchema)
def get_opportunity(opportunity_id: UUID) -> Any:
    """Show an opportunity."""
    return service.get(session(), actor(), opportunity_id)


@blp.route(_ONE, methods=["PATCH"])
@blp.access("opportunity:update")
@blp.problems(409, "wrong-state")
@blp.problems(422, "customer-or-name")
@blp.arguments(schemas.OpportunitySchema.patch())
@blp.response(200, schemas.OpportunitySchema)
def update_opportunity(body: dict[str, Any], opportunity_id: UUID) -> Any:
    """Edit an unassigned opportunity."""
    return service.update(session(), actor(), opportunity_id, **body)


@blp.route(_ONE, methods=["DELETE"])
@blp.access("opportunity:delete")
@blp.problems(409, "wrong-state")
@blp.response(204)
def delete_opportunity(opportunity_id: UUID) -> None:
    """Delete one's own unassigned opportunity."""
    service.delete(session(), actor(), opportunity_id)


@blp.route(f"{_ONE}/void", methods=["POST"])
@blp.access("opportunity:void")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.VoidSchema)
@blp.response(200, schemas.OpportunitySchema)
def void_opportunity(body: dict[str, Any], opportunity_id: UUID) -> Any:
    """Set an unassigned opportunity aside, with a reason."""
    return service.void(session(), actor(), opportunity_id, **body)


@blp.route(f"{_ONE}/copy", methods=["POST"])
@blp.access("opportunity:create")
@blp.problems(409, "wrong-state")
@blp.response(201, schemas.OpportunitySchema, location="get_opportunity")
def copy_opportunity(opportunity_id: UUID) -> Any:
    """Make a new opportunity from a closed one."""
    return service.copy(session(), actor(), opportunity_id)


@blp.route(f"{_ONE}/assignee-candidates", methods=["GET"])
@blp.access("opportunity:assign")
@blp.response(200, schemas.CandidatesSchema)
def list_assignee_candidates(opportunity_id: UUID) -> Any:
    """List candidates for assignment, best match first."""
    return service.assignee_candidates(session(), actor(), opportunity_id)


@blp.route(f"{_ONE}/assign", methods=["POST"])
@blp.access("opportunity:assign")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.AssignSchema)
@blp.response(200, schemas.OpportunitySchema)
def assign_opportunity(body: dict[str, Any], opportunity_id: UUID) -> Any:
    """Assign, or reassign, to an account manager."""
    return service.assign(session(), actor(), opportunity_id, **body)


@blp.route(f"{_ONE}/progress", methods=["PATCH"])
@blp.access("opportunity:progress")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.OpportunitySchema.patch(*rules.PROGRESS, name="Progress"))
@blp.response(200, schemas.OpportunitySchema)
def progress_opportunity(body: dict[str, Any], opportunity_id: UUID) -> Any:
    """Change the expectations while developing."""
    return service.progress(session(), actor(), opportunity_id, **body)


@blp.route(f"{_ONE}/stage", methods=["POST"])
@blp.access("opportunity:stage")
@blp.problems(409, "stage-not-open", "wrong-state")
@blp.arguments(schemas.MoveSchema)
@blp.response(200, schemas.OpportunitySchema)
def move_opportunity(body: dict[str, Any], opportunity_id: UUID) -> Any:
    """Move to another open stage, or to another place on the kanban."""
    return service.move(session(), actor(), opportunity_id, **body)


@blp.route(f"{_ONE}/win", methods=["POST"])
@blp.access("opportunity:close")
@blp.problems(409, "wrong-state")
@blp.problems(422, "amount-missing")
@blp.arguments(schemas.WinSchema)
@blp.response(200, schemas.OpportunitySchema)
def win_opportunity(body: dict[str, Any], opportunity_id: UUID) -> Any:
    """Close as won; this creates or links a customer."""
    return service.win(session(), actor(), opportunity_id, **body)


@blp.route(f"{_ONE}/lose", methods=["POST"])
@blp.access("opportunity:close")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.LoseSchema)
@blp.response(200, schemas.OpportunitySchema)
def lose_opportunity(body: dict[str, Any], opportunity_id: UUID) -> Any:
    """Close as lost, with the reason."""
    return service.lose(session(), actor(), opportunity_id, **body)


@blp.route(f"{_ONE}/history", methods=["GET"])
@blp.access("opportunity:read")
@blp.response(200, schemas.HistorySchema)
def get_opportunity_history(opportunity_id: UUID) -> Any:
    """Show every move through the pipeline and every change of expectations."""
    return service.history(session(), actor(), opportunity_id)


@blp.route(f"{_ONE}/plan-items", methods=["GET"])
@blp.access("opportunity:read")
@blp.response(200, schemas.PlanSchema)
def list_plan_items(opportunity_id: UUID) -> Any:
    """Show the development plan."""
    return service.list_items(session(), actor(), opportunity_id)


@blp.route(f"{_ONE}/plan-items", methods=["POST"])
@blp.access("opportunity:plan")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.PlanItemSchema.form())
@blp.response(201, schemas.PlanItemSchema, location="get_plan_item")
def add_plan_item(body: dict[str, Any], opportunity_id: UUID) -> Any:
    """Add a step to the plan."""
    return service.add_item(session(), actor(), opportunity_id, **body)


@blp.route(_ITEM, methods=["GET"])
@blp.access("opportunity:read")
@blp.response(200, schemas.PlanItemSchema)
def get_plan_item(opportunity_id: UUID, item_id: UUID) -> Any:
    """Show a step of the plan."""
    return service.get_item(session(), actor(), opportunity_id, item_id)


@blp.route(_ITEM, methods=["PATCH"])
@blp.access("opportunity:plan")
@blp.problems(409, "date-is-fixed", "plan-item-executed", "wrong-state")
@blp.arguments(schemas.PlanItemEditSchema)
@blp.response(200, schemas.PlanItemSchema)
def edit_plan_item(body: dict[str, Any], opportunity_id: UUID, item_id: UUID) -> Any:
    """Edit the content of a step; its date stays."""
    return service.edit_item(session(), actor(), opportunity_id, item_id, **body)


@blp.route(_ITEM, methods=["DELETE"])
@blp.access("opportunity:plan")
@blp.problems(409, "plan-item-executed", "wrong-state")
@blp.response(204)
def delete_plan_item(opportunity_id: UUID, item_id: UUID) -> None:
    """Delete a step of the plan."""
    service.delete_item(session(), actor(), opportunity_id, item_id)


@blp.route(f"{_ITEM}/result", methods=["PUT"])
@blp.access("opportunity:plan")
@blp.problems(409, "plan-item-executed", "wrong-state")
@blp.arguments(schemas.ResultSchema)
@blp.response(200, schemas.PlanItemSchema)
def record_plan_item_result(body: dict[str, Any], opportunity_id: UUID, item_id: UUID) -> Any:
    """Record the result of a step, once; the same result again changes nothing."""
    return service.record_result(session(), actor(), opportunity_id, item_id, **body)
