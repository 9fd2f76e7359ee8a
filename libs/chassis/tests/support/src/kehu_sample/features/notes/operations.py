"""What may be done to notes."""

from kehu_chassis.records import Operation
from kehu_sample.features.notes.models import Note

UPDATE = Operation("update_note", Note, "note:update")
REPLACE = Operation("replace_note", Note, "note:update")
ARCHIVE = Operation("archive_note", Note, "note:update", transition="archive")
DELETE = Operation("delete_note", Note, "note:delete")
