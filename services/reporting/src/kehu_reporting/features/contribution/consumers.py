"""Orders and returns become rows of the read model."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_reporting.features.contribution import service


def order_recorded(session: Session, events: list[Received]) -> None:
    """Store orders; thousands arrive at once."""
    service.store_orders(session, [(event.data, event.version) for event in events])


def return_recorded(session: Session, events: list[Received]) -> None:
    """Store returns."""
    service.store_returns(session, [(event.data, event.version) for event in events])
