"""The facts this service subscribes to, and their handlers; replicas subscribe by themselves."""

from kehu_chassis.messaging.inbox import On
from kehu_marketing.features.opportunities import consumers as opportunities

SUBSCRIPTIONS = [
    On("customer.customer-created.v1", opportunities.customer_known),
    On("customer.customer-linked.v1", opportunities.customer_known),
]
# Facts from which earlier releases fed the replica of customers.
RETIRED = ["customer.customer-lost.v1", "customer.customer-reactivated.v1"]
