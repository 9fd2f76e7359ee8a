"""Losses and reactivations become rows of the read model."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_reporting.features.churn import service
from kehu_reporting.features.customers import service as customers


def customer_lost(session: Session, events: list[Received]) -> None:
    """Store losses."""
    service.store_losses(session, [(event.data, event.version) for event in events])


def customer_reactivated(session: Session, events: list[Received]) -> None:
    """Store when lost customers came back."""
    service.store_reactivations(session, [(event.data, event.version) for event in events])


def customers_mentioned(session: Session, events: list[Received]) -> None:
    """Record the customers that warnings name, until their own state arrives."""
    customers.mentioned(session, [event.data for event in events])
