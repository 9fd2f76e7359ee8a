"""The composition of customers over HTTP."""

from typing import Any

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, exports
from kehu_reporting import sheets
from kehu_reporting.features.customers import schemas, service
from kehu_reporting.snapshot import session

blp = Blueprint(
    "customer-composition",
    __name__,
    url_prefix="/customer-composition",
    description="How customers are composed (E2).",
)


@blp.route("", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(schemas.CompositionQuery, location="query")
@blp.response(200, schemas.CompositionSchema)
def show_customer_composition(args: dict[str, Any]) -> Any:
    """Show how many customers there are by level, region, satisfaction, credit or industry.

    Counted are the customers in the reader's scope by their present state: those of status
    `normal` unless `status` names others, without merged and deleted ones; with a period, those
    created within it. `share` is the count divided by `total`. A director's scope is the customers
    whose manager is in their department or below it, and customers without a manager.
    """
    return service.composition(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(schemas.CompositionQuery), location="query")
@blp.files
def export_customer_composition(args: dict[str, Any]) -> Any:
    """Export the composition of customers as a file."""
    result = service.composition(session(), actor(), args)
    codes = {"value": "customer.level"} if args["by"] == "level" else {}
    return sheets.export(
        session(), "customer-composition", args, schemas.CompositionItemSchema, result, codes
    )


@blp.route("/rows", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(service.CUSTOMERS.query, location="query")
@blp.response(200, page_schema(schemas.CompositionRowSchema))
def list_customer_composition_rows(args: dict[str, Any]) -> Any:
    """List the customers that the composition counts; `missing` finds those without a value."""
    return service.composition_rows(session(), actor(), args)


@blp.route("/rows/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(service.CUSTOMERS.query), location="query")
@blp.files
def export_customer_composition_rows(args: dict[str, Any]) -> Any:
    """Export the customers that the composition counts as a file."""
    result = service.composition_rows(session(), actor(), args)
    return sheets.export(
        session(), "customer-composition-rows", args, schemas.CompositionRowSchema, result
    )
