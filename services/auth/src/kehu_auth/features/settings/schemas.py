"""System settings over HTTP."""

from typing import Any

import marshmallow as ma

from kehu_auth.features.settings.texts import TEXTS
from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions
from kehu_chassis.records.system_settings import SettingRow

_VALUE = {"description": "Of the setting's type, within its limits."}


class DescriptionSchema(ma.Schema):
    """What a setting is for."""

    en = ma.fields.String(required=True)
    zh = ma.fields.String(required=True)


class SettingSchema(ma.Schema):
    """A setting: what it is, and its present value."""

    sometimes = ("choices", "minimum", "maximum")  # as its type needs
    actions = Actions(model=SettingRow)

    key = ma.fields.String(required=True)
    type = ma.fields.String(required=True, validate=validate.OneOf(TEXTS.labels["setting.type"]))
    value: Any = ma.fields.Raw(required=True, metadata=_VALUE)
    default: Any = ma.fields.Raw(required=True)
    choices = ma.fields.List(ma.fields.String())
    minimum = ma.fields.Integer()
    maximum = ma.fields.Integer()
    description = ma.fields.Nested(DescriptionSchema, required=True)
    version = ma.fields.Integer(
        required=True, metadata={"description": "0 until it is first changed."}
    )


class SettingsSchema(ma.Schema):
    """All settings."""

    items = ma.fields.List(ma.fields.Nested(SettingSchema), required=True)


class SettingValueSchema(ma.Schema):
    """A new value."""

    value: Any = ma.fields.Raw(required=True, metadata=_VALUE)
