"""What the sales system publishes about products and stock."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_customer.features.catalogue import service


def ingest_products(session: Session, events: Sequence[Received]) -> None:
    """Mirror products."""
    service.ingest_products(session, events)


def ingest_stock(session: Session, events: Sequence[Received]) -> None:
    """Mirror stock."""
    service.ingest_stock(session, events)
