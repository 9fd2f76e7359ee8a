"""Facts that the notes service publishes beside the state."""

from uuid import UUID

from kehu_chassis.messaging.events import Event
from kehu_chassis.records import fact
from kehu_sample.features.notes.models import Note


def archived(note: Note, *, by: UUID) -> Event:
    return fact("notes.note-archived.v1", note, archived_by=by)
