"""Notes over HTTP: one schema for each record, in and out."""

import marshmallow as ma

from kehu_chassis.data.fields import Actions, Editable
from kehu_chassis.data.schemas import RecordSchema
from kehu_notes.features.notes import rules
from kehu_notes.features.notes.models import Comment, Note


class NoteSchema(RecordSchema):
    """A note."""

    class Meta(RecordSchema.Meta):
        model = Note
        form = rules.FORM

    actions = Actions()
    editable = Editable()
    topic_name = ma.fields.String(dump_only=True, allow_none=True)


class CommentSchema(RecordSchema):
    """A comment on a note."""

    class Meta(RecordSchema.Meta):
        model = Comment
        exclude = ("note_id",)
        form = ("body",)

    actions = Actions()


class CommentsSchema(ma.Schema):
    """All comments on a note, the first one first."""

    items = ma.fields.List(ma.fields.Nested(CommentSchema), required=True)
