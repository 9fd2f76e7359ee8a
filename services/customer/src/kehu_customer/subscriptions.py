"""Every event this service listens to, and what happens then."""

from kehu_chassis.messaging.inbox import On
from kehu_customer.features.catalogue import consumers as catalogue
from kehu_customer.features.customers import consumers as customers

SUBSCRIPTIONS = [
    On("marketing.opportunity-won.v1", customers.opportunity_won),
    On("sales.order-placed.v1", customers.orders_told, batch=True),
    On("sales.order-confirmed.v1", customers.orders_told, batch=True),
    On("sales.order-shipped.v1", customers.orders_told, batch=True),
    On("sales.order-paid.v1", customers.orders_told, batch=True),
    On("sales.order-cancelled.v1", customers.orders_told, batch=True),
    On("sales.order-changed.v1", customers.orders_told, batch=True),
    On("sales.order-returned.v1", customers.returns_told, batch=True),
    On("sales.order-stale.v1", customers.stale_told),
    On("sales.customer-changed.v1", customers.customers_told, batch=True),
    On("sales.product-changed.v1", catalogue.products_told, batch=True),
    On("sales.stock-changed.v1", catalogue.stock_told, batch=True),
]
