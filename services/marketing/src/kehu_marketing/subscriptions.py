"""Every event this service listens to, and what happens then."""

from kehu_chassis.messaging.inbox import On
from kehu_marketing.features.customers import consumers as customers
from kehu_marketing.features.opportunities import consumers as opportunities

SUBSCRIPTIONS = [
    On("customer.customer-created.v1", customers.customer_changed, batch=True),
    On("customer.customer-linked.v1", customers.customer_changed, batch=True),
    On("customer.customer-changed.v1", customers.customer_changed, batch=True),
    On("customer.customer-lost.v1", customers.customer_changed, batch=True),
    On("customer.customer-reactivated.v1", customers.customer_changed, batch=True),
    On("customer.customer-deleted.v1", customers.customer_deleted),
    On("customer.customer-created.v1", opportunities.customer_known),
    On("customer.customer-linked.v1", opportunities.customer_known),
]
