"""Losses, reactivations and warnings become rows of the read model."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_reporting.features.churn import service


def customer_lost(session: Session, events: list[Received]) -> None:
    """Store losses."""
    service.store_losses(session, [(event.data, event.version) for event in events])


def customer_reactivated(session: Session, events: list[Received]) -> None:
    """Store when lost customers came back."""
    service.store_reactivations(session, [(event.data, event.version) for event in events])


def warning_changed(session: Session, events: list[Received]) -> None:
    """Store the newest state of churn warnings."""
    service.store_warnings(session, [(event.data, event.version) for event in events])
