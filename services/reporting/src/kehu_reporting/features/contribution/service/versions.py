"""Versions of orders and returns, for comparison with their owner."""

from sqlalchemy import select

from kehu_chassis.messaging.versions import known
from kehu_reporting.features.contribution import rules
from kehu_reporting.features.contribution.models import Sale

VERSIONS = [
    known(
        "customer.order-recorded.v1",
        select(Sale.id, Sale.version, Sale.customer_id.is_(None)).where(Sale.kind == rules.ORDER),
    ),
    known(
        "customer.return-recorded.v1",
        select(Sale.number, Sale.version, Sale.customer_id.is_(None)).where(
            Sale.kind == rules.RETURN
        ),
    ),
]
