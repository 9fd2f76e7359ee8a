"""Customers are mirrored, and their requests follow."""

from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.requests import service


def customer_changed(session: Session, events: list[Received]) -> None:
    """Mirror the state that created, linked, changed, lost and reactivated customers carry, and let
    their requests be found by the present names."""
    customers.mirror(session, events)
    service.follow_names(session, {UUID(event.data["id"]) for event in events})
