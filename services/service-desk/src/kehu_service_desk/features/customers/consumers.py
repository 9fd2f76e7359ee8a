"""Customer events become rows of the replica."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_service_desk.features.customers import service


def customer_deleted(session: Session, event: Received) -> None:
    """Forget a customer."""
    service.mirror_deleted(session, event)
