"""Every event this service subscribes to, and its handler."""

from kehu_auth.features.audit import consumers as audit
from kehu_chassis.messaging.inbox import On

SUBSCRIPTIONS = [
    On("auth.audit-recorded.v1", audit.recorded, batch=True),
    On("customer.audit-recorded.v1", audit.recorded, batch=True),
    On("marketing.audit-recorded.v1", audit.recorded, batch=True),
    On("reporting.audit-recorded.v1", audit.recorded, batch=True),
    On("service-desk.audit-recorded.v1", audit.recorded, batch=True),
]
