"""What may be done to notes and comments, each by which permission and when."""

from kehu_chassis.records import Operation
from kehu_notes.features.notes import rules
from kehu_notes.features.notes.models import Comment, Note

UPDATE = Operation("update_note", Note, "note:update", transition="edit", fields=rules.FORM)
ARCHIVE = Operation("archive_note", Note, "note:update", transition="archive")
DELETE = Operation("delete_note", Note, "note:delete", transition="delete")
COMMENT = Operation("add_comment", Note, "note:comment", transition="comment")
EDIT_COMMENT = Operation(
    "edit_comment",
    Comment,
    "note:comment",
    transition="comment",
    require=rules.require_own,
)
