"""Versions of warnings, for comparison with their replicas.

Each side may keep the warnings of deleted customers as long as it likes.
"""

from sqlalchemy import select

from kehu_chassis.messaging.versions import owned
from kehu_customer.features.churn.models import ChurnWarning
from kehu_customer.features.customers import service as customers

_IS_OF_DELETED = ChurnWarning.customer_id.in_(customers.deleted_ids())

VERSIONS = [
    owned(
        "customer.churn-warning-changed.v1",
        select(ChurnWarning.id, ChurnWarning.version, _IS_OF_DELETED),
    )
]
