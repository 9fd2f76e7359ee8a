"""Events of the service desk become rows of the read model."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_reporting.features.requests import service


def request_changed(session: Session, events: list[Received]) -> None:
    """Store the newest state of service requests."""
    service.store(session, events)
