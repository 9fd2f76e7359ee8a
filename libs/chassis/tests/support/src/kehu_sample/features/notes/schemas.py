"""The schemas of notes."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, Currency, Money, StrictBoolean, Text, Timestamp
from kehu_chassis.data.listing import Listing
from kehu_chassis.data.schemas import RecordSchema
from kehu_sample.features.notes.models import Note

LISTING = Listing(
    Note,
    filters=("status", "owner_id", "pinned"),
    choices={"status": ("open", "archived")},
    ranges=("amount", "due_on", "remind_at", "rank"),
    sorts=("title", "amount", "due_on", "remind_at", "rank", "pinned", "topic_id", "created_at"),
    default_sort="-created_at",
)


class NoteIn(ma.Schema):
    title = Text(required=True, max_length=100)
    owner_id = ma.fields.UUID(allow_none=True)
    topic_id = ma.fields.UUID(allow_none=True)
    amount = Money(allow_none=True)
    due_on = ma.fields.Date(allow_none=True)
    remind_at = Timestamp(allow_none=True)
    rank = ma.fields.Integer(allow_none=True, validate=validate.Range(-1000, 1000))
    pinned = StrictBoolean(allow_none=True)
    secret = Text(allow_none=True)


class NotePatch(NoteIn):
    title = Text(max_length=100, min_length=1)


class NoteOut(RecordSchema):
    class Meta(RecordSchema.Meta):
        model = Note

    actions = Actions()


class Anything(ma.Schema):
    value = ma.fields.Raw(allow_none=True)
    number = ma.fields.Integer()
    currency = Currency()
    lines = ma.fields.List(ma.fields.Nested(NoteIn))


class Failure(ma.Schema):
    state = ma.fields.String()
    times = ma.fields.Integer(load_default=0)
