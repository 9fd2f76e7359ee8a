"""The audit trail over HTTP: searching it, and ingesting the gateway's refusals."""

from typing import Any
from uuid import UUID

from kehu_auth import callers
from kehu_auth.features.audit import schemas, service
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, session

blp = Blueprint(
    "audit-entries", __name__, url_prefix="/audit-entries", description="The audit trail."
)
# Not under /api/v1 and not in the contract: the gateway does not forward here.
internal = Blueprint("refusals", __name__, url_prefix="//auth")
blps = [blp, internal]


@blp.route("", methods=["GET"])
@blp.access("audit:read")
@blp.arguments(service.AUDIT_ENTRIES.query, location="query")
@blp.response(200, page_schema(schemas.AuditEntrySchema))
def list_audit_entries(args: dict[str, Any]) -> Any:
    """Search the audit trail by person, record, action, outcome and time."""
    return service.list_(session(), args)


@blp.route("/export", methods=["GET"])
@blp.access("audit:export")
@blp.export(
    schemas.AuditEntrySchema, service.AUDIT_ENTRIES.query, name="audit-entries", reads="audit:read"
)
def export_audit_entries(args: dict[str, Any]) -> Any:
    """Export entries of the audit trail as CSV or as an Excel workbook."""
    return service.list_(session(), args)


@blp.route("/<uuid:audit_entry_id>", methods=["GET"])
@blp.access("audit:read")
@blp.response(200, schemas.AuditEntrySchema)
def get_audit_entry(audit_entry_id: UUID) -> Any:
    """Show an entry of the audit trail."""
    return service.get(session(), audit_entry_id)


@internal.route("/refusals", methods=["POST"])
@internal.access("internal")
@internal.arguments(schemas.RefusalsSchema)
@internal.response(204)
def record_refusals(body: dict[str, Any]) -> None:
    """Record what the gateway refused."""
    callers.require_gateway()
    service.record_refusals(session(), **body)
