"""Requests follow the names of their customers."""

from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.requests import service


def customer_changed(session: Session, events: list[Received]) -> None:
    """Index requests by the present names of their customers.

    The replica's own handler may run later, or have stored a newer state already: the newest
    counts.
    """
    customers.catch_up(session, events)
    service.follow_names(session, {UUID(event.data["id"]) for event in events})
