"""Versions of orders and returns, for comparison with other services."""

from sqlalchemy import select

from kehu_chassis.messaging.versions import owned
from kehu_customer.features.orders.models import SalesOrder, SalesReturn

# Those without a customer are not published; one that lost its customer counts as deleted.
VERSIONS = [
    owned(
        "customer.order-recorded.v1",
        select(
            SalesOrder.id,
            SalesOrder.version + SalesOrder.moves,
            SalesOrder.customer_id.is_(None),
        ),
    ),
    owned(
        "customer.return-recorded.v1",
        select(
            SalesReturn.return_no,
            SalesReturn.version + SalesReturn.moves,
            SalesReturn.customer_id.is_(None),
        ),
    ),
]
