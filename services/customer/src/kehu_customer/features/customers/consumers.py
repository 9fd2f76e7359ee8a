"""What happens elsewhere and concerns customers."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_customer.features.customers import service


def opportunity_won(session: Session, event: Received) -> None:
    """Find or create the customer of a won opportunity."""
    service.won(session, event.data)


def orders_told(session: Session, events: Sequence[Received]) -> None:
    """Mirror orders, whatever happened to them."""
    service.orders_told(session, events)


def returns_told(session: Session, events: Sequence[Received]) -> None:
    """Mirror returns."""
    service.returns_told(session, events)


def stale_told(session: Session, event: Received) -> None:
    """Warn of a customer whose last order is old."""
    service.stale_told(session, event)


def customers_told(session: Session, events: Sequence[Received]) -> None:
    """Link or make the customers of the sales system."""
    service.customers_told(session, events)
