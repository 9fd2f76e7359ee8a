"""Facts about topics that concern notes."""

from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Received
from kehu_notes.features.notes import service


def topic_closed(session: Session, event: Received) -> None:
    """Archive the notes of a closed topic."""
    service.archive_of_topic(session, UUID(event.data["id"]))
