"""Every event this service listens to, and what happens then."""

from kehu_chassis.messaging.inbox import On
from kehu_service_desk.features.customers import consumers as customers
from kehu_service_desk.features.notifications import consumers as notifications
from kehu_service_desk.features.requests import consumers as requests

SUBSCRIPTIONS = [
    On("customer.customer-created.v1", requests.customer_changed, batch=True),
    On("customer.customer-linked.v1", requests.customer_changed, batch=True),
    On("customer.customer-changed.v1", requests.customer_changed, batch=True),
    On("customer.customer-lost.v1", requests.customer_changed, batch=True),
    On("customer.customer-reactivated.v1", requests.customer_changed, batch=True),
    On("customer.customer-deleted.v1", customers.customer_deleted),
    On("marketing.opportunity-assigned.v1", notifications.opportunity_assigned),
    On("customer.churn-warned.v1", notifications.churn_warned, batch=True),
    On("customer.churn-warning-unattended.v1", notifications.churn_warning_unattended),
    On("customer.customer-lost.v1", notifications.customer_lost),
    On("customer.notice-raised.v1", notifications.notice_raised),
]
