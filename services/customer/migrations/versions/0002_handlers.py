"""Handlers get the names of their present features."""

from alembic import op

from kehu_chassis.data import tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WON = "features.won_opportunities.consumers"
_SALES = "features.sales_intake.consumers"
_CATALOGUE = "features.catalogue.consumers"

HANDLERS = {
    "features.customers.consumers.opportunity_won": f"{_WON}.ingest_won_opportunity",
    "features.customers.consumers.orders_told": f"{_SALES}.ingest_orders",
    "features.customers.consumers.returns_told": f"{_SALES}.ingest_returns",
    "features.customers.consumers.stale_told": f"{_SALES}.ingest_stale_order",
    "features.customers.consumers.customers_told": f"{_SALES}.ingest_customers",
    f"{_CATALOGUE}.products_told": f"{_CATALOGUE}.ingest_products",
    f"{_CATALOGUE}.stock_told": f"{_CATALOGUE}.ingest_stock",
}


def upgrade() -> None:
    tables.rename_handlers(op, HANDLERS)
