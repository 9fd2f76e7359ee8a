"""The composition of services over HTTP."""

from typing import Any

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, exports
from kehu_reporting import sheets
from kehu_reporting.features.requests import schemas, service
from kehu_reporting.snapshot import session

blp = Blueprint(
    "service-composition",
    __name__,
    url_prefix="/service-composition",
    description="How service requests are composed (E3).",
)


@blp.route("", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(schemas.CompositionQuery, location="query")
@blp.response(200, schemas.ServiceCompositionSchema)
def show_service_composition(args: dict[str, Any]) -> Any:
    """Show how many service requests there are of each type.

    Counted are the requests created in the period, cancelled ones among them; `share` is the count
    divided by `total`, `satisfaction` the mean of the customers' last ratings. A director's scope
    is the requests of customers in it, and those created by or assigned to its people.
    """
    return service.composition(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(schemas.CompositionQuery), location="query")
@blp.files
def export_service_composition(args: dict[str, Any]) -> Any:
    """Export the composition of services as a file."""
    result = service.composition(session(), actor(), args)
    return sheets.export(
        session(), "service-composition", args, schemas.ServiceCompositionItemSchema, result
    )


@blp.route("/rows", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(service.REQUESTS.query, location="query")
@blp.response(200, page_schema(schemas.ServiceCompositionRowSchema))
def list_service_composition_rows(args: dict[str, Any]) -> Any:
    """List the service requests that the composition counts."""
    return service.composition_rows(session(), actor(), args)


@blp.route("/rows/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(service.REQUESTS.query), location="query")
@blp.files
def export_service_composition_rows(args: dict[str, Any]) -> Any:
    """Export the service requests that the composition counts as a file."""
    result = service.composition_rows(session(), actor(), args)
    return sheets.export(
        session(), "service-composition-rows", args, schemas.ServiceCompositionRowSchema, result
    )
