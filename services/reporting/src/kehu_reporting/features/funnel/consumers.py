"""Moves of opportunities through the pipeline become rows of the read model."""

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_reporting.features.funnel import service


def stage_changed(session: Session, events: list[Received]) -> None:
    """Store moves through the pipeline."""
    service.store_stage_changes(session, [(event.data, event.version) for event in events])
