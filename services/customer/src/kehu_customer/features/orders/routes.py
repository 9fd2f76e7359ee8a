"""Order history and unlinked sales codes over HTTP."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, actor, session
from kehu_customer.features.orders import schemas, service

blp = Blueprint(
    "orders",
    __name__,
    url_prefix="/customers/<uuid:customer_id>/orders",
    description="Order history, a read-only mirror of the sales system.",
)
accounts = Blueprint(
    "unlinked-accounts",
    __name__,
    url_prefix="/unlinked-accounts",
    description="Customer codes of the sales system that belong to no customer yet.",
)
everywhere = Blueprint(
    "all-orders",
    __name__,
    url_prefix="/orders",
    description="The orders of all customers within the caller's scope.",
)
blps = [blp, accounts, everywhere]


@blp.route("", methods=["GET"])
@blp.access("customer:read")
@blp.arguments(service.LISTING.query, location="query")
@blp.response(200, page_schema(schemas.OrderSchema))
def list_orders(args: dict[str, Any], customer_id: UUID) -> Any:
    """List the orders of a customer, shipped and paid ones unless `status` names others."""
    return service.list_(session(), actor(), customer_id, args)


@blp.route("/export", methods=["GET"])
@blp.access("customer:export")
@blp.export(schemas.OrderSchema, service.LISTING.query, name="orders", reads="customer:read")
def export_orders(args: dict[str, Any], customer_id: UUID) -> Any:
    """Export the orders of a customer as CSV or as an Excel workbook."""
    return service.list_(session(), actor(), customer_id, args)


@blp.route("/<uuid:order_id>", methods=["GET"])
@blp.access("customer:read")
@blp.response(200, schemas.OrderDetailSchema)
def get_order(customer_id: UUID, order_id: UUID) -> Any:
    """Show an order with its lines and total."""
    return service.get(session(), actor(), customer_id, order_id)


@accounts.route("", methods=["GET"])
@accounts.access("customer:reassign")
@accounts.arguments(service.UNLINKED.query, location="query")
@accounts.response(200, page_schema(schemas.UnlinkedAccountSchema))
def list_unlinked_accounts(args: dict[str, Any]) -> Any:
    """List the sales system's customer codes that belong to no customer yet."""
    return service.list_unlinked(session(), args)


@accounts.route("/export", methods=["GET"])
@accounts.access("customer:export")
@accounts.export(
    schemas.UnlinkedAccountSchema,
    service.UNLINKED.query,
    name="unlinked-accounts",
    reads="customer:reassign",
)
def export_unlinked_accounts(args: dict[str, Any]) -> Any:
    """Export the unlinked customer codes as CSV or as an Excel workbook."""
    return service.list_unlinked(session(), args)


@everywhere.route("", methods=["GET"])
@everywhere.access("customer:read")
@everywhere.arguments(service.ALL.query, location="query")
@everywhere.response(200, page_schema(schemas.OrderSchema))
def list_all_orders(args: dict[str, Any]) -> Any:
    """List the orders of all customers, shipped and paid ones unless `status` names others."""
    return service.list_all(session(), actor(), args)


@everywhere.route("/export", methods=["GET"])
@everywhere.access("customer:export")
@everywhere.export(schemas.OrderSchema, service.ALL.query, name="all-orders", reads="customer:read")
def export_all_orders(args: dict[str, Any]) -> Any:
    """Export the orders of all customers as CSV or as an Excel workbook."""
    return service.list_all(session(), actor(), args)
