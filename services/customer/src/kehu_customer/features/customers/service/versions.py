"""Versions of facts about customers, for comparison with other services."""

from sqlalchemy import func, literal, select

from kehu_chassis.messaging.versions import known, owned
from kehu_customer.features.customers.models import Customer, CustomerLoss, CustomerOrigin

_IS_DELETED = Customer.deleted_at.is_not(None)

VERSIONS = [
    owned(
        "customer.customer-linked.v1",
        select(
            func.concat_ws(" ", CustomerOrigin.opportunity_id, Customer.id),
            literal(1),
            _IS_DELETED,
        ).join_from(CustomerOrigin, Customer),
    ),
    owned(
        "customer.customer-lost.v1",
        select(CustomerLoss.warning_id, literal(1), _IS_DELETED).join_from(CustomerLoss, Customer),
    ),
    known("marketing.opportunity-won.v1", select(CustomerOrigin.opportunity_id, literal(1))),
]
