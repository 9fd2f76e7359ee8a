"""Customer contribution over HTTP."""

from typing import Any

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, exports
from kehu_reporting import sheets
from kehu_reporting.features.contribution import schemas, service
from kehu_reporting.snapshot import session

blp = Blueprint(
    "customer-contribution",
    __name__,
    url_prefix="/customer-contribution",
    description="What each customer contributes (E1).",
)


@blp.route("", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(schemas.ContributionQuery, location="query")
@blp.response(200, schemas.ContributionSchema)
def show_customer_contribution(args: dict[str, Any]) -> Any:
    """Show amount, share and profit per customer, one row per customer and currency.

    `ordered` adds up the totals of orders of status 5 (shipped) or 6 (paid) whose day of order, in
    the company's time zone, lies in the period; `returned` those of returns whose day of return
    does; `amount` is `ordered` less `returned`. `share` is the amount's part of the currency's
    total over all customers in the reader's scope and the period, whatever name, manager or
    currency is filtered by; null where that total is not above zero. `profit` adds up what the
    sales system states, for `orders_with_profit` of the orders; null if for none. Amounts of
    different currencies are never added: `totals` has a row per currency, over the same customers
    as that total, and rows are sorted within their currency.
    Without `from`, `to` or `year` all time is covered. A director's scope is the customers whose
    manager is in their department or below it now, and customers without a manager.
    """
    return service.contribution(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(schemas.ContributionQuery), location="query")
@blp.files
def export_customer_contribution(args: dict[str, Any]) -> Any:
    """Export the contribution of each customer as a file."""
    result = service.contribution(session(), actor(), args)
    return sheets.export(
        session(), "customer-contribution", args, schemas.ContributionItemSchema, result
    )


@blp.route("/rows", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(service.SALES.query, location="query")
@blp.response(200, page_schema(schemas.ContributionRowSchema))
def list_customer_contribution_rows(args: dict[str, Any]) -> Any:
    """List the orders and returns that the contribution adds up."""
    return service.contribution_rows(session(), actor(), args)


@blp.route("/rows/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(service.SALES.query), location="query")
@blp.files
def export_customer_contribution_rows(args: dict[str, Any]) -> Any:
    """Export the orders and returns behind the contribution as a file."""
    result = service.contribution_rows(session(), actor(), args)
    return sheets.export(
        session(), "customer-contribution-rows", args, schemas.ContributionRowSchema, result
    )
