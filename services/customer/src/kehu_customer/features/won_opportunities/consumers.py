"""Won opportunities, which marketing publishes."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_customer.features.won_opportunities import service


def ingest_won_opportunity(session: Session, event: Received) -> None:
    """Find or create the customer of a won opportunity."""
    service.ingest_won_opportunity(session, event.data)
