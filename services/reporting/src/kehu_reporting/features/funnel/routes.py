"""The sales funnel over HTTP."""

from typing import Any

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, exports
from kehu_reporting import sheets
from kehu_reporting.features.funnel import schemas, service
from kehu_reporting.snapshot import session

blp = Blueprint(
    "sales-funnel",
    __name__,
    url_prefix="/sales-funnel",
    description="Opportunities by stage, conversion and time in stage (E5).",
)


@blp.route("", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(schemas.FunnelQuery, location="query")
@blp.response(200, schemas.FunnelSchema)
def show_sales_funnel(args: dict[str, Any]) -> Any:
    """Show the stages of the pipeline with count, amounts, conversion and time in stage.

    Counted are the opportunities that were assigned, so are or were in the pipeline, and were
    created in the period (all time without one), in the company's time zone. `count` and `amounts`
    are the number and the value of those in the stage now, per currency, never added across
    currencies: the amount won for, else the amount expected; one without any counts as nothing.
    `reached` counts those that ever were in the stage or in a later one (won comes after the open
    stages; being lost is no progress), `conversion_to_next` is the part of them that reached the
    next stage. `stays`, `average_seconds` and `median_seconds` are of completed stays in the stage;
    an opportunity that came back to a stage has two. Order, type and labels of the stages are those
    of the pipeline now; a stage that only an opportunity has named so far is listed last. A file
    has a row per stage and currency; the figures of a stage whatever the currency, from `reached`
    to `median_seconds`, stand in its first row only. A director's scope is the opportunities whose
    assignee or creator is in their department or below it, and those whose creator no director
    leads.
    """
    return service.funnel(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(schemas.FunnelQuery), location="query")
@blp.files
def export_sales_funnel(args: dict[str, Any]) -> Any:
    """Export the sales funnel as a file."""
    result = service.funnel_sheet(session(), actor(), args)
    return sheets.export(session(), "sales-funnel", args, schemas.FunnelSheetSchema, result)


@blp.route("/rows", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed")
@blp.arguments(service.OPPORTUNITIES.query, location="query")
@blp.response(200, page_schema(schemas.FunnelRowSchema))
def list_sales_funnel_rows(args: dict[str, Any]) -> Any:
    """List the opportunities that the funnel counts; `reached_stage` finds those that `reached`
    counts for a stage."""
    return service.funnel_rows(session(), actor(), args)


@blp.route("/rows/export", methods=["GET"])
@blp.access("report:read")
@blp.problems(422, "period-or-year", "period-reversed", "report-too-large")
@blp.arguments(exports.query_of(service.OPPORTUNITIES.query), location="query")
@blp.files
def export_sales_funnel_rows(args: dict[str, Any]) -> Any:
    """Export the opportunities that the funnel counts as a file."""
    result = service.funnel_rows(session(), actor(), args)
    return sheets.export(session(), "sales-funnel-rows", args, schemas.FunnelRowSchema, result)
