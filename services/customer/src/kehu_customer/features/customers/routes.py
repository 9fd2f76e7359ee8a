"""The directory of customers over HTTP; customers themselves are in `customer_management`."""

from typing import Any

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, session
from kehu_customer.features.customers import schemas, service

blp = Blueprint(
    "customer-directory",
    __name__,
    url_prefix="/customer-directory",
    description="All customers in short, so that no two people pursue one company.",
)


@blp.route("", methods=["GET"])
@blp.access("customer:read")
@blp.arguments(service.DIRECTORY.query, location="query")
@blp.response(200, page_schema(schemas.DirectoryEntrySchema))
def list_customer_directory(args: dict[str, Any]) -> Any:
    """List all customers in short."""
    return service.list_directory(session(), args)


@blp.route("/export", methods=["GET"])
@blp.access("customer:export")
@blp.export(
    schemas.DirectoryEntrySchema,
    service.DIRECTORY.query,
    name="customer-directory",
    reads="customer:read",
)
def export_customer_directory(args: dict[str, Any]) -> Any:
    """Export the directory of customers as CSV or as an Excel workbook."""
    return service.list_directory(session(), args)
