"""Orders, returns and stale orders of the sales system."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_customer.features.churn import service as churn
from kehu_customer.features.orders import service as orders


def ingest_orders(session: Session, received: Sequence[Received]) -> None:
    """Record orders, with their effects on warnings and losses."""
    churn.react_to_orders(session, orders.record(session, received))


def ingest_returns(session: Session, received: Sequence[Received]) -> None:
    """Record returns."""
    churn.react_to_orders(session, orders.record_returns(session, received))


def ingest_stale_order(session: Session, received: Received) -> None:
    """Check a customer whose last order the sales system reports as old."""
    reported = orders.stale(session, received.data)
    if reported is not None:
        churn.react_to_orders(session, orders.OrderChanges(stale=[reported]))
