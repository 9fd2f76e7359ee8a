"""Products and stock over HTTP."""

from typing import Any

from kehu_chassis.data.listing import page_schema
from kehu_chassis.web import Blueprint, session
from kehu_customer.features.catalogue import schemas, service

blp = Blueprint(
    "products", __name__, url_prefix="/products", description="Products of the sales system."
)
stock = Blueprint("stock", __name__, url_prefix="/stock", description="Stock by warehouse.")
blps = [blp, stock]


@blp.route("", methods=["GET"])
@blp.access("customer:read")
@blp.arguments(service.PRODUCTS.query, location="query")
@blp.response(200, page_schema(schemas.ProductSchema))
def list_products(args: dict[str, Any]) -> Any:
    """List products, as the sales system last published them."""
    return service.list_products(session(), args)


@blp.route("/export", methods=["GET"])
@blp.access("customer:export")
@blp.export(schemas.ProductSchema, service.PRODUCTS.query, name="products", reads="customer:read")
def export_products(args: dict[str, Any]) -> Any:
    """Export the list of products as CSV or as an Excel workbook."""
    return service.list_products(session(), args)


@stock.route("", methods=["GET"])
@stock.access("customer:read")
@stock.arguments(service.STOCK.query, location="query")
@stock.response(200, page_schema(schemas.StockSchema))
def list_stock(args: dict[str, Any]) -> Any:
    """List stock, as the sales system last published it."""
    return service.list_stock(session(), args)


@stock.route("/export", methods=["GET"])
@stock.access("customer:export")
@stock.export(schemas.StockSchema, service.STOCK.query, name="stock", reads="customer:read")
def export_stock(args: dict[str, Any]) -> Any:
    """Export the list of stock as CSV or as an Excel workbook."""
    return service.list_stock(session(), args)
