"""Facts about notes; the state itself is published with every change."""

from uuid import UUID

from kehu_chassis.messaging.events import Event
from kehu_chassis.records import fact
from kehu_notes.features.notes.models import Note


def archived(note: Note, *, by: UUID | None) -> Event:
    """A note was archived; ``by`` is None if that followed the closing of its topic."""
    return fact("notes.note-archived.v1", note, archived_by=by)
