"""Opportunities and their moves become rows of the read model."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_reporting.features.funnel import service


def opportunity_changed(session: Session, events: list[Received]) -> None:
    """Store the newest state of opportunities; thousands arrive at once."""
    service.store_opportunities(session, [(event.data, event.version) for event in events])


def opportunity_deleted(session: Session, event: Received) -> None:
    """Forget an opportunity."""
    service.store_deleted(session, event.data, event.version)


def stage_changed(session: Session, events: list[Received]) -> None:
    """Store moves through the pipeline."""
    service.store_stage_changes(session, [(event.data, event.version) for event in events])
