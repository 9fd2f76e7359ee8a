"""Customers over HTTP."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.counts import CountsSchema
from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, history, session
from kehu_customer.features.customer_management import schemas, service
from kehu_customer.features.customers.schemas import LossesSchema

blp = Blueprint(
    "customers",
    __name__,
    url_prefix="/customers",
    description="Customers within the caller's scope.",
)

_ONE = "/<uuid:customer_id>"


@blp.route("", methods=["GET"])
@blp.access("customer:read")
@blp.arguments(service.LISTING.query, location="query")
@blp.response(200, page_schema(schemas.CustomerItemSchema))
def list_customers(args: dict[str, Any]) -> Any:
    """List customers; `deleted=true`: restorable ones, `without_manager=true`: unmanaged ones."""
    return service.list_(session(), actor(), args)


@blp.route("/counts", methods=["GET"])
@blp.access("customer:read")
@blp.arguments(service.COUNTS.query, location="query")
@blp.response(200, CountsSchema)
def count_customers(args: dict[str, Any]) -> Any:
    """Count customers by status or manager, with the filters of the list."""
    return service.count(session(), actor(), args)


@blp.route("/export", methods=["GET"])
@blp.access("customer:export")
@blp.export(
    schemas.CustomerItemSchema, service.LISTING.query, name="customers", reads="customer:read"
)
def export_customers(args: dict[str, Any]) -> Any:
    """Export the list of customers as CSV or as an Excel workbook."""
    return service.list_(session(), actor(), args)


@blp.route("", methods=["POST"])
@blp.access("customer:create")
@blp.problems(409, "duplicate-customer", "sales-code-taken")
@blp.problems(422, "unknown-sales-code")
@blp.arguments(schemas.CREATE)
@blp.response(201, schemas.CustomerSchema, location="get_customer")
def create_customer(body: dict[str, Any]) -> Any:
    """Create a customer; 409 lists likely duplicates, unless allow_duplicate."""
    return service.create(session(), actor(), **body)


@blp.route(_ONE, methods=["GET"])
@blp.access("customer:read")
@blp.response(200, schemas.CustomerSchema)
def get_customer(customer_id: UUID) -> Any:
    """Show a customer."""
    return service.get(session(), actor(), customer_id)


@blp.route(f"{_ONE}/changes", methods=["GET"])
@blp.access("customer:read")
@blp.arguments(history.QUERY, location="query")
@blp.response(200, history.PAGE)
def list_customer_changes(args: dict[str, Any], customer_id: UUID) -> Any:
    """List who changed a customer, and what, newest first."""
    return service.list_changes(session(), actor(), customer_id, args)


@blp.route(_ONE, methods=["PATCH"])
@blp.access("customer:update")
@blp.problems(409, "duplicate-customer", "sales-code-taken", "wrong-state")
@blp.problems(422, "unknown-sales-code")
@blp.arguments(schemas.EDIT)
@blp.response(200, schemas.CustomerSchema)
def update_customer(body: dict[str, Any], customer_id: UUID) -> Any:
    """Edit a normal customer."""
    return service.update(session(), actor(), customer_id, **body)


@blp.route(_ONE, methods=["DELETE"])
@blp.access("customer:delete")
@blp.problems(409, "customer-has-open-work", "customer-has-orders")
@blp.arguments(schemas.DeleteSchema, location="query")
@blp.response(204)
def delete_customer(args: dict[str, Any], customer_id: UUID) -> None:
    """Delete a customer without orders; restorable for `customer_restore_days`.

    409 counts its open service requests and opportunities, unless allow_open_work.
    """
    service.delete(session(), actor(), customer_id, **args)


@blp.route(f"{_ONE}/restore", methods=["POST"])
@blp.access("customer:delete")
@blp.problems(409, "duplicate-customer", "wrong-state")
@blp.arguments(schemas.RestoreSchema)
@blp.response(200, schemas.CustomerSchema)
def restore_customer(body: dict[str, Any], customer_id: UUID) -> Any:
    """Restore a deleted customer; 409 lists likely duplicates, unless allow_duplicate."""
    return service.restore(session(), actor(), customer_id, **body)


@blp.route(f"{_ONE}/link-sales-code", methods=["POST"])
@blp.access("customer:reassign")
@blp.problems(409, "sales-code-taken")
@blp.problems(422, "unknown-sales-code")
@blp.arguments(schemas.SalesCodeSchema)
@blp.response(200, schemas.CustomerSchema)
def link_sales_code(body: dict[str, Any], customer_id: UUID) -> Any:
    """Link a code of the sales system to a customer, with the orders under it."""
    return service.link_code(session(), actor(), customer_id, **body)


@blp.route(f"{_ONE}/unlink-sales-code", methods=["POST"])
@blp.access("customer:reassign")
@blp.arguments(schemas.SalesCodeSchema)
@blp.response(200, schemas.CustomerSchema)
def unlink_sales_code(body: dict[str, Any], customer_id: UUID) -> Any:
    """Take a code from a customer: its orders wait until a person links it again."""
    return service.unlink_code(session(), actor(), customer_id, **body)


@blp.route(f"{_ONE}/reassign", methods=["POST"])
@blp.access("customer:reassign")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.ReassignSchema)
@blp.response(200, schemas.CustomerSchema)
def reassign_customer(body: dict[str, Any], customer_id: UUID) -> Any:
    """Give a customer another manager."""
    return service.reassign(session(), actor(), customer_id, **body)


@blp.route(f"{_ONE}/reactivate", methods=["POST"])
@blp.access("customer:reactivate")
@blp.problems(409, "wrong-state")
@blp.arguments(schemas.ReactivateSchema)
@blp.response(200, schemas.CustomerSchema)
def reactivate_customer(body: dict[str, Any], customer_id: UUID) -> Any:
    """Reactivate a lost customer."""
    return service.reactivate(session(), actor(), customer_id, **body)


@blp.route(f"{_ONE}/losses", methods=["GET"])
@blp.access("customer:read")
@blp.response(200, LossesSchema)
def list_customer_losses(customer_id: UUID) -> Any:
    """List when and why a customer was lost, and how it came back."""
    return service.losses(session(), actor(), customer_id)
