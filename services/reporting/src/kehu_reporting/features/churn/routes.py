"""Customer churn over HTTP."""

from typing import Any

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, exports
from kehu_reporting import sheets
from kehu_reporting.features.churn import schemas, service
from kehu_reporting.snapshot import session

blp = Blueprint(
    "customer-churn",
    __name__,
    url_prefix="/customer-churn",
    description="Who was lost, why, and how many were rescued (E4).",
)


@blp.route("", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(service.LOSSES.query, location="query")
@blp.response(200, schemas.ChurnSchema)
def show_customer_churn(args: dict[str, Any]) -> Any:
    """Show lost customers with the figures by reason and manager, and the rescue rate.

    `lost` counts confirmed losses whose day, in the company's time zone, lies in the period; a
    customer lost twice counts twice. `won_back` counts those of them after which the customer
    became normal again, at `won_back_at`. `warnings` counts the churn warnings opened in the period
    by their present state: `rescued` are those that `recovered` (an order came) and those
    `reprieved` whose customer is not lost; `rescue_rate` is `rescued` divided by `opened`.
    `reason_code` filters losses only, as a warning has none before the loss. A director's scope is
    the losses of those who are in their department or below it, as manager at confirmation, and
    losses without one; warnings belong to the customer's manager now.
    """
    return service.churn(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(service.LOSSES.query), location="query")
@blp.files
def export_customer_churn(args: dict[str, Any]) -> Any:
    """Export the lost customers as a file."""
    result = service.churn(session(), actor(), args)
    return sheets.export(session(), "customer-churn", args, schemas.LossSchema, result)


@blp.route("/rows", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(service.LOSSES.query, location="query")
@blp.response(200, page_schema(schemas.LossSchema))
def list_customer_churn_rows(args: dict[str, Any]) -> Any:
    """List lost customers: the rows behind the figures of churn."""
    return service.losses(session(), actor(), args)


@blp.route("/rows/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(service.LOSSES.query), location="query")
@blp.files
def export_customer_churn_rows(args: dict[str, Any]) -> Any:
    """Export the rows behind the figures of churn as a file."""
    result = service.losses(session(), actor(), args)
    return sheets.export(session(), "customer-churn-rows", args, schemas.LossSchema, result)


@blp.route("/warnings/rows", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(service.WARNINGS.query, location="query")
@blp.response(200, page_schema(schemas.WarningSchema))
def list_customer_churn_warning_rows(args: dict[str, Any]) -> Any:
    """List the churn warnings behind the rescue rate."""
    return service.warnings(session(), actor(), args)


@blp.route("/warnings/rows/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(service.WARNINGS.query), location="query")
@blp.files
def export_customer_churn_warning_rows(args: dict[str, Any]) -> Any:
    """Export the churn warnings behind the rescue rate as a file."""
    result = service.warnings(session(), actor(), args)
    return sheets.export(session(), "churn-warning-rows", args, schemas.WarningSchema, result)
