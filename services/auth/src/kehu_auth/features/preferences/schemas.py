"""Preferences over HTTP, in and out."""

import marshmallow as ma

from kehu_auth.features.preferences import rules
from kehu_auth.features.preferences.models import Preferences
from kehu_chassis.data import validate
from kehu_chassis.data.fields import Text
from kehu_chassis.data.schemas import RecordSchema


class PreferencesSchema(RecordSchema):
    """The caller's preferences; version 0 until they change any."""

    class Meta(RecordSchema.Meta):
        model = Preferences
        exclude = ("user_id",)
        form = ("theme", "density", "shortcuts", "columns")

    columns = ma.fields.Dict(
        keys=Text(max_length=rules.MAX_NAME, min_length=1),
        values=ma.fields.List(
            Text(max_length=rules.MAX_NAME, min_length=1),
            allow_none=True,
            validate=validate.Length(max=rules.MAX_COLUMNS),
        ),
        required=True,
        validate=validate.Length(max=rules.MAX_LISTS),
        metadata={
            "description": "By list, the columns to show, in order. A change keeps the lists that"
            " it does not name; null forgets one."
        },
    )
