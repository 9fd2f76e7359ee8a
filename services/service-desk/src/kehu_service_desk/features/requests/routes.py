"""Service requests over HTTP."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.counts import CountsSchema
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, history, session
from kehu_service_desk.features.requests import schemas, service

blp = Blueprint(
    "requests",
    __name__,
    url_prefix="/requests",
    description="Requests of customers, from creation to archive.",
)

_ONE = "/<uuid:request_id>"


@blp.route("", methods=["GET"])
@blp.access("service-request:read")
@blp.arguments(service.REQUESTS.query, location="query")
@blp.response(200, page_schema(schemas.RequestSchema))
def list_requests(args: dict[str, Any]) -> Any:
    """List service requests; with `status=archived` the archive."""
    return service.list_(session(), actor(), args)


@blp.route("/counts", methods=["GET"])
@blp.access("service-request:read")
@blp.arguments(service.COUNTS.query, location="query")
@blp.response(200, CountsSchema)
def count_requests(args: dict[str, Any]) -> Any:
    """Count service requests by status or assignee, with the filters of the list."""
    return service.count(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("service-request:export")
@blp.export(
    schemas.RequestSchema,
    service.REQUESTS.query,
    name="service-requests",
    reads="service-request:read",
)
def export_requests(args: dict[str, Any]) -> Any:
    """Export the list of service requests as CSV or as an Excel workbook."""
    return service.list_(session(), actor(), args)


@blp.route("", methods=["POST"])
@blp.access("service-request:create")
@blp.problems(422, "other-customer")
@blp.arguments(schemas.RequestSchema.form())
@blp.response(201, schemas.RequestSchema, location="get_request")
def create_request(body: dict[str, Any]) -> Any:
    """Create a service request.

    Account managers name a customer they manage, agents and directors any customer.
    """
    return service.create(session(), actor(), **body)


@blp.route(_ONE, methods=["GET"])
@blp.access("service-request:read")
@blp.response(200, schemas.RequestSchema)
def get_request(request_id: UUID) -> Any:
    """Show a service request."""
    return service.get(session(), actor(), request_id)


@blp.route(f"{_ONE}/changes", methods=["GET"])
@blp.access("service-request:read")
@blp.arguments(history.QUERY, location="query")
@blp.response(200, history.PAGE)
def list_request_changes(args: dict[str, Any], request_id: UUID) -> Any:
    """List who changed a request, and what, newest first."""
    return service.list_changes(session(), actor(), request_id, args)


@blp.route(_ONE, methods=["PATCH"])
@blp.access("service-request:create")
@blp.problems(409, "wrong-state")
@blp.problems(422, "other-customer")
@blp.arguments(schemas.RequestSchema.patch())
@blp.response(200, schemas.RequestSchema)
def correct_request(body: dict[str, Any], request_id: UUID) -> Any:
    """Correct one's own request while it is open."""
    return service.correct(session(), actor(), request_id, **body)


@blp.route(f"{_ONE}/rounds", methods=["GET"])
@blp.access("service-request:read")
@blp.response(200, schemas.RoundsSchema)
def list_request_rounds(request_id: UUID) -> Any:
    """List every handling of a request and the customer's feedback."""
    return service.list_rounds(session(), actor(), request_id)


@blp.route(f"{_ONE}/assignee-candidates", methods=["GET"])
@blp.access("service-request:assign")
@blp.response(200, schemas.AssigneeCandidatesSchema)
def list_request_assignee_candidates(request_id: UUID) -> Any:
    """List candidates for assignment, least busy first."""
    return service.assignee_candidates(session(), actor(), request_id)


@blp.route(f"{_ONE}/assign", methods=["POST"])
@blp.access("service-request:assign")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.AssignSchema)
@blp.response(200, schemas.RequestSchema)
def assign_request(body: dict[str, Any], request_id: UUID) -> Any:
    """Assign, or reassign, to an account manager or agent."""
    return service.assign(session(), actor(), request_id, **body)


@blp.route(f"{_ONE}/take", methods=["POST"])
@blp.access("service-request:take")
@blp.problems(409, "wrong-state")
@blp.response(200, schemas.RequestSchema)
def take_request(request_id: UUID) -> Any:
    """Take an unassigned request."""
    return service.take(session(), actor(), request_id)


@blp.route(f"{_ONE}/handle", methods=["POST"])
@blp.access("service-request:handle")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.HandleSchema)
@blp.response(200, schemas.RequestSchema)
def handle_request(body: dict[str, Any], request_id: UUID) -> Any:
    """Record what was done; only the assignee may."""
    return service.handle(session(), actor(), request_id, **body)


@blp.route(f"{_ONE}/feedback", methods=["POST"])
@blp.access("service-request:feedback")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.FeedbackSchema)
@blp.response(200, schemas.RequestSchema)
def give_request_feedback(body: dict[str, Any], request_id: UUID) -> Any:
    """Record the customer's feedback: archives the request, or opens another round.

    Satisfaction below the setting `satisfaction_reopen_below` sends it back to be handled again.
    """
    return service.feedback(session(), actor(), request_id, **body)


@blp.route(f"{_ONE}/close", methods=["POST"])
@blp.access("service-request:close")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.CloseSchema)
@blp.response(200, schemas.RequestSchema)
def close_request(body: dict[str, Any], request_id: UUID) -> Any:
    """Archive a request without satisfaction."""
    return service.close(session(), actor(), request_id, **body)


@blp.route(f"{_ONE}/cancel", methods=["POST"])
@blp.access("service-request:cancel")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.CancelSchema)
@blp.response(200, schemas.RequestSchema)
def cancel_request(body: dict[str, Any], request_id: UUID) -> Any:
    """Cancel a request; it is kept."""
    return service.cancel(session(), actor(), request_id, **body)


@blp.route(f"{_ONE}/withdraw", methods=["POST"])
@blp.access("service-request:create")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.CancelSchema)
@blp.response(200, schemas.RequestSchema)
def withdraw_request(body: dict[str, Any], request_id: UUID) -> Any:
    """Cancel one's own request while it is unassigned."""
    return service.withdraw(session(), actor(), request_id, **body)
