"""Recording what the sales system publishes, with the effects on customers and warnings."""

from kehu_customer.features.sales_intake.service.announcements import ingest_customers
from kehu_customer.features.sales_intake.service.orders import (
    ingest_orders,
    ingest_returns,
    ingest_stale_order,
)

__all__ = ["ingest_customers", "ingest_orders", "ingest_returns", "ingest_stale_order"]
