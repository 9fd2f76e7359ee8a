"""The change history of records over HTTP; a feature with records adds one route."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from kehu_chassis.data.fields import Timestamp
from kehu_chassis.data.listing import page_schema
from kehu_chassis.data.people import PersonName
from kehu_chassis.records.changes import CHANGES

_HIDDEN = {"description": "Null for a secret field, of which only the change is shown."}


class FieldChangeSchema(ma.Schema):
    """A field, its value before and its value after, as JSON or shortened text."""

    field = ma.fields.String(required=True)
    old: Any = ma.fields.Raw(required=True, allow_none=True, metadata=_HIDDEN)
    new: Any = ma.fields.Raw(required=True, allow_none=True, metadata=_HIDDEN)


class RecordChangeSchema(ma.Schema):
    """A change of a record by a person."""

    id = ma.fields.UUID(required=True)
    occurred_at = Timestamp(required=True)
    actor_id = ma.fields.UUID(required=True)
    actor_name = PersonName("actor_id")
    action = ma.fields.String(
        required=True, metadata={"description": "created, changed, deleted, or a name of its own."}
    )
    changes = ma.fields.List(ma.fields.Nested(FieldChangeSchema), required=True)


QUERY = CHANGES.query
PAGE = page_schema(RecordChangeSchema)
