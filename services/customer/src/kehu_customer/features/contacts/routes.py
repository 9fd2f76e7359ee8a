"""Contacts over HTTP."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, history, session
from kehu_customer.features.contacts import schemas, service

blp = Blueprint(
    "contacts", __name__,
    url_prefix="/customers/<uuid:customer_id>/contacts", description="The people at a customer.",
)  # fmt: skip

everywhere = Blueprint(
    "all-contacts",
    __name__,
    url_prefix="/contacts",
    description="The people at all customers within the caller's scope.",
)
blps = [blp, everywhere]

_ONE = "/<uuid:contact_id>"


@blp.route("", methods=["GET"])
@blp.access("customer:read")
@blp.arguments(service.LISTING.query, location="query")
@blp.response(200, page_schema(schemas.ContactSchema))
def list_contacts(args: dict[str, Any], customer_id: UUID) -> Any:
    """List the contacts of a customer."""
    return service.list_(session(), actor(), customer_id, args)


@blp.route("/export", methods=["GET"])
@blp.access("customer:export")
@blp.export(schemas.ContactSchema, service.LISTING.query, name="contacts", reads="customer:read")
def export_contacts(args: dict[str, Any], customer_id: UUID) -> Any:
    """Export the contacts of a customer as CSV or as an Excel workbook."""
    return service.list_(session(), actor(), customer_id, args)


@blp.route("", methods=["POST"])
@blp.access("contact:create")
@blp.problems(422, "reports-in-circle")
@blp.arguments(schemas.ContactSchema.form())
@blp.response(201, schemas.ContactSchema, location="get_contact")
def create_contact(body: dict[str, Any], customer_id: UUID) -> Any:
    """Add a contact."""
    return service.create(session(), actor(), customer_id, **body)


@blp.route(_ONE, methods=["GET"])
@blp.access("customer:read")
@blp.response(200, schemas.ContactSchema)
def get_contact(customer_id: UUID, contact_id: UUID) -> Any:
    """Show a contact."""
    return service.get(session(), actor(), customer_id, contact_id)


@blp.route(f"{_ONE}/changes", methods=["GET"])
@blp.access("customer:read")
@blp.arguments(history.QUERY, location="query")
@blp.response(200, history.PAGE)
def list_contact_changes(args: dict[str, Any], customer_id: UUID, contact_id: UUID) -> Any:
    """List who changed a contact, and what, newest first."""
    return service.list_changes(session(), actor(), customer_id, contact_id, args)


@blp.route(_ONE, methods=["PATCH"])
@blp.access("contact:update")
@blp.problems(422, "reports-in-circle")
@blp.arguments(schemas.ContactSchema.patch())
@blp.response(200, schemas.ContactSchema)
def update_contact(body: dict[str, Any], customer_id: UUID, contact_id: UUID) -> Any:
    """Edit a contact, or make it the primary one."""
    return service.update_(session(), actor(), customer_id, contact_id, **body)


@blp.route(_ONE, methods=["DELETE"])
@blp.access("contact:delete")
@blp.problems(409, "last-contact")
@blp.response(204)
def delete_contact(customer_id: UUID, contact_id: UUID) -> None:
    """Delete a contact that is not the last."""
    service.delete(session(), actor(), customer_id, contact_id)


@everywhere.route("", methods=["GET"])
@everywhere.access("customer:read")
@everywhere.arguments(service.ALL.query, location="query")
@everywhere.response(200, page_schema(schemas.ContactSchema))
def list_all_contacts(args: dict[str, Any]) -> Any:
    """List the contacts of all customers."""
    return service.list_all(session(), actor(), args)


@everywhere.route("/export", methods=["GET"])
@everywhere.access("customer:export")
@everywhere.export(
    schemas.ContactSchema, service.ALL.query, name="all-contacts", reads="customer:read"
)
def export_all_contacts(args: dict[str, Any]) -> Any:
    """Export the contacts of all customers as CSV or as an Excel workbook."""
    return service.list_all(session(), actor(), args)
