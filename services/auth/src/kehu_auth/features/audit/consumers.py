"""The audit entries that the services publish."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kehu_auth.features.audit import service
from kehu_chassis.messaging.events import Received


def recorded(session: Session, events: Sequence[Received]) -> None:
    """Record audit entries of any service."""
    service.record(session, events)
