"""The facts this service subscribes to, and their handlers; replicas subscribe by themselves."""

from kehu_chassis.messaging.inbox import On
from kehu_reporting.features.churn import consumers as churn
from kehu_reporting.features.contribution import consumers as contribution
from kehu_reporting.features.funnel import consumers as funnel

SUBSCRIPTIONS = [
    On("customer.order-recorded.v1", contribution.order_recorded, batch=True),
    On("customer.return-recorded.v1", contribution.return_recorded, batch=True),
    On("customer.customer-lost.v1", churn.customer_lost, batch=True),
    On("customer.customer-reactivated.v1", churn.customer_reactivated, batch=True),
    On("customer.churn-warning-changed.v1", churn.customers_mentioned, batch=True),
    On("marketing.opportunity-stage-changed.v1", funnel.stage_changed, batch=True),
]
# Facts from which earlier releases fed the replicas of customers and warnings.
RETIRED = [
    "customer.customer-created.v1",
    "customer.customer-linked.v1",
    "customer.churn-warned.v1",
]
