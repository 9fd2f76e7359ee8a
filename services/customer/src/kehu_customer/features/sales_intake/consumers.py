"""What the sales system publishes about orders and customers."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_customer.features.sales_intake import service


def ingest_orders(session: Session, events: Sequence[Received]) -> None:
    """Mirror orders, whatever their status."""
    service.ingest_orders(session, events)


def ingest_returns(session: Session, events: Sequence[Received]) -> None:
    """Mirror returns."""
    service.ingest_returns(session, events)


def ingest_stale_order(session: Session, event: Received) -> None:
    """Warn of a customer whose last order is old."""
    service.ingest_stale_order(session, event)


def ingest_customers(session: Session, events: Sequence[Received]) -> None:
    """Link or make the customers of the sales system."""
    service.ingest_customers(session, events)
