"""Customer churn over HTTP."""

from typing import Any

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor
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
@sheets.documented(blp)
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
    result = service.churn(session(), actor(), args)
    return sheets.respond(session(), "customer-churn", args, schemas.LossSchema, result)


@blp.route("/rows", methods=["GET"])
@blp.access("report:read")
@sheets.documented(blp)
@blp.arguments(service.LOSSES.query, location="query")
@blp.response(200, page_schema(schemas.LossSchema))
def list_customer_churn_rows(args: dict[str, Any]) -> Any:
    """List lost customers: the rows behind the figures of churn."""
    result = service.losses(session(), actor(), args)
    return sheets.respond(session(), "customer-churn-rows", args, schemas.LossSchema, result)


@blp.route("/warnings/rows", methods=["GET"])
@blp.access("report:read")
@sheets.documented(blp)
@blp.arguments(service.WARNINGS.query, location="query")
@blp.response(200, page_schema(schemas.WarningSchema))
def list_customer_churn_warning_rows(args: dict[str, Any]) -> Any:
    """List the churn warnings behind the rescue rate."""
    result = service.warnings(session(), actor(), args)
    return sheets.respond(session(), "churn-warning-rows", args, schemas.WarningSchema, result)
