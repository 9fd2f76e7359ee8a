"""What happened to a note, beside its state, which is published with every change."""

from uuid import UUID

from kehu_chassis.messaging.events import Event
from kehu_chassis.records import fact
from kehu_notes_example.features.notes.models import Note


def archived(note: Note, *, by: UUID | None) -> Event:
    """It was archived: by somebody, or because its topic was closed."""
    return fact("notes.note-archived.v1", note, archived_by=by)
