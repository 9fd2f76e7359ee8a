"""Every event this service listens to, and what happens then."""

from kehu_chassis.messaging.inbox import On
from kehu_reporting.features.churn import consumers as churn
from kehu_reporting.features.contribution import consumers as contribution
from kehu_reporting.features.customers import consumers as customers
from kehu_reporting.features.funnel import consumers as funnel
from kehu_reporting.features.requests import consumers as requests

SUBSCRIPTIONS = [
    On("customer.customer-created.v1", customers.customer_changed, batch=True),
    On("customer.customer-linked.v1", customers.customer_changed, batch=True),
    On("customer.customer-changed.v1", customers.customer_changed, batch=True),
    On("customer.customer-lost.v1", customers.customer_changed, batch=True),
    On("customer.customer-reactivated.v1", customers.customer_changed, batch=True),
    On("customer.customer-deleted.v1", customers.customer_deleted),
    On("customer.order-recorded.v1", contribution.order_recorded, batch=True),
    On("customer.return-recorded.v1", contribution.return_recorded, batch=True),
    On("customer.customer-lost.v1", churn.customer_lost, batch=True),
    On("customer.customer-reactivated.v1", churn.customer_reactivated, batch=True),
    On("customer.churn-warned.v1", churn.warning_changed, batch=True),
    On("customer.churn-warning-changed.v1", churn.warning_changed, batch=True),
    On("marketing.opportunity-changed.v1", funnel.opportunity_changed, batch=True),
    On("marketing.opportunity-deleted.v1", funnel.opportunity_deleted),
    On("marketing.opportunity-stage-changed.v1", funnel.stage_changed, batch=True),
    On("service-desk.request-changed.v1", requests.request_changed, batch=True),
]
