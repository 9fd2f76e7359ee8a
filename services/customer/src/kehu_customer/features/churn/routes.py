"""Churn warnings and scans over HTTP."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.counts import CountsSchema
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, history, session
from kehu_customer.features.churn import schemas, service

blp = Blueprint(
    "churn-warnings",
    __name__,
    url_prefix="/churn-warnings",
    description="Customers about to be lost, and what is done about it.",
)
scans = Blueprint(
    "churn-scans", __name__, url_prefix="/churn-scans", description="Scans for such customers."
)
blps = [blp, scans]

_ONE = "/<uuid:warning_id>"


@blp.route("", methods=["GET"])
@blp.access("churn-warning:read")
@blp.arguments(service.WARNINGS.query, location="query")
@blp.response(200, page_schema(schemas.WarningSchema))
def list_churn_warnings(args: dict[str, Any]) -> Any:
    """List churn warnings."""
    return service.list_(session(), actor(), args)


@blp.route("/counts", methods=["GET"])
@blp.access("churn-warning:read")
@blp.arguments(service.COUNTS.query, location="query")
@blp.response(200, CountsSchema)
def count_churn_warnings(args: dict[str, Any]) -> Any:
    """Count churn warnings by state or manager, with the filters of the list."""
    return service.count(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("churn-warning:export")
@blp.export(
    schemas.WarningSchema, service.WARNINGS.query, name="churn-warnings", reads="churn-warning:read"
)
def export_churn_warnings(args: dict[str, Any]) -> Any:
    """Export the list of churn warnings as CSV or as an Excel workbook."""
    return service.list_(session(), actor(), args)


@blp.route(_ONE, methods=["GET"])
@blp.access("churn-warning:read")
@blp.response(200, schemas.WarningDetailSchema)
def get_churn_warning(warning_id: UUID) -> Any:
    """Show a churn warning with the measures taken."""
    return service.get(session(), actor(), warning_id)


@blp.route(f"{_ONE}/changes", methods=["GET"])
@blp.access("churn-warning:read")
@blp.arguments(history.QUERY, location="query")
@blp.response(200, history.PAGE)
def list_churn_warning_changes(args: dict[str, Any], warning_id: UUID) -> Any:
    """List who changed a churn warning, and what, newest first."""
    return service.list_changes(session(), actor(), warning_id, args)


@blp.route(f"{_ONE}/reprieves", methods=["POST"])
@blp.access("churn-warning:reprieve")
@blp.problems(409, "wrong-state")
@blp.problems(422, "in-the-past")
@blp.arguments(schemas.ReprieveCreateSchema)
@blp.response(201, schemas.WarningDetailSchema, location="get_churn_warning")
def reprieve_churn_warning(body: dict[str, Any], warning_id: UUID) -> Any:
    """Take a measure to keep the customer; returns the warning."""
    return service.reprieve(session(), actor(), warning_id, **body)


@blp.route(f"{_ONE}/confirm", methods=["POST"])
@blp.access("churn-warning:confirm")
@blp.problems(409, "not-reprieved", "wrong-state")
@blp.arguments(schemas.ConfirmSchema)
@blp.response(200, schemas.WarningDetailSchema)
def confirm_churn_warning(body: dict[str, Any], warning_id: UUID) -> Any:
    """Confirm that the customer is lost; only after a reprieve."""
    return service.confirm(session(), actor(), warning_id, **body)


@scans.route("", methods=["POST"])
@scans.access("churn-scan:create")
@scans.problems(422, "in-the-future")
@scans.arguments(schemas.ScanCreateSchema)
@scans.response(202, schemas.ScanSchema)
def create_churn_scan(body: dict[str, Any]) -> Any:
    """Request a scan as of a date; Location names the resource that shows its outcome."""
    scan = service.request_scan(session(), **body)
    return scan, {"Location": f"/api/v1/customer/churn-scans/{scan.id}"}


@scans.route("", methods=["GET"])
@scans.access("churn-scan:read")
@scans.arguments(service.SCANS.query, location="query")
@scans.response(200, page_schema(schemas.ScanSchema))
def list_churn_scans(args: dict[str, Any]) -> Any:
    """List scans."""
    return service.list_scans(session(), args)


@scans.route("/<uuid:scan_id>", methods=["GET"])
@scans.access("churn-scan:read")
@scans.response(200, schemas.ScanSchema)
def get_churn_scan(scan_id: UUID) -> Any:
    """Show a scan: what was looked at, what was found, how long it took."""
    return service.get_scan(session(), scan_id)
