"""What the sales system tells of products and stock."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_customer.features.catalogue import service


def products_told(session: Session, events: Sequence[Received]) -> None:
    """Mirror products."""
    service.products_told(session, events)


def stock_told(session: Session, events: Sequence[Received]) -> None:
    """Mirror stock."""
    service.stock_told(session, events)
