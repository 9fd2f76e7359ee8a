"""What the notes tell."""

from kehu_chassis.messaging.events import Event
from kehu_notes.features.notes.models import Note


def changed(note: Note) -> Event:
    return Event(
        type="notes.note-changed.v1",
        subject=str(note.id),
        version=note.version,
        data={"id": note.id, "title": note.title, "amount": note.amount},
    )
