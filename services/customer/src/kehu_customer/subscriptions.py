"""Every event this service subscribes to, and its handler."""

from kehu_chassis.messaging.inbox import On
from kehu_customer.features.catalogue import consumers as catalogue
from kehu_customer.features.sales_intake import consumers as sales_intake
from kehu_customer.features.won_opportunities import consumers as won_opportunities

SUBSCRIPTIONS = [
    On("marketing.opportunity-won.v1", won_opportunities.ingest_won_opportunity),
    On("sales.order-placed.v1", sales_intake.ingest_orders, batch=True),
    On("sales.order-confirmed.v1", sales_intake.ingest_orders, batch=True),
    On("sales.order-shipped.v1", sales_intake.ingest_orders, batch=True),
    On("sales.order-paid.v1", sales_intake.ingest_orders, batch=True),
    On("sales.order-cancelled.v1", sales_intake.ingest_orders, batch=True),
    On("sales.order-changed.v1", sales_intake.ingest_orders, batch=True),
    On("sales.order-returned.v1", sales_intake.ingest_returns, batch=True),
    On("sales.order-stale.v1", sales_intake.ingest_stale_order),
    On("sales.customer-changed.v1", sales_intake.ingest_customers, batch=True),
    On("sales.product-changed.v1", catalogue.ingest_products, batch=True),
    On("sales.stock-changed.v1", catalogue.ingest_stock, batch=True),
]
