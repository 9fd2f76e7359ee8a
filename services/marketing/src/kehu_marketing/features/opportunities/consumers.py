"""Facts of the customer service that name the customer of a won opportunity."""

from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_marketing.features.opportunities import service


def customer_known(session: Session, event: Received) -> None:
    """Record the customer that was created or linked for an opportunity."""
    opportunity_id = event.data.get("opportunity_id")
    if opportunity_id:
        service.customer_known(session, UUID(opportunity_id), UUID(event.data["id"]))
