"""Customer events become rows of the replica."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_marketing.features.customers import service


def customer_changed(session: Session, events: list[Received]) -> None:
    """Mirror the state that created, linked, changed, lost and reactivated customers carry."""
    service.mirror(session, events)


def customer_deleted(session: Session, event: Received) -> None:
    """Forget a customer."""
    service.mirror_deleted(session, event)
