"""The facts this service subscribes to, and their handlers; replicas subscribe by themselves."""

from kehu_chassis.messaging.inbox import On
from kehu_service_desk.features.notifications import consumers as notifications
from kehu_service_desk.features.requests import consumers as requests

SUBSCRIPTIONS = [
    On("customer.customer-changed.v1", requests.customer_changed, batch=True),
    On("marketing.opportunity-assigned.v1", notifications.opportunity_assigned),
    On("customer.churn-warned.v1", notifications.churn_warned, batch=True),
    On("customer.churn-warning-unattended.v1", notifications.churn_warning_unattended),
    On("customer.customer-lost.v1", notifications.customer_lost),
    On("customer.namesake-created.v1", notifications.namesake_created),
    On("customer.notice-raised.v1", notifications.notice_raised),
]
# Facts from which earlier releases fed the replica of customers.
RETIRED = [
    "customer.customer-created.v1",
    "customer.customer-linked.v1",
    "customer.customer-reactivated.v1",
]
