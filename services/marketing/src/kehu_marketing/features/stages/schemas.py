"""Stages over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate


class StageSchema(ma.Schema):
    """A stage of the pipeline."""

    code = ma.fields.String(required=True)
    position = ma.fields.Integer(required=True)
    type = ma.fields.String(required=True, validate=validate.OneOf(["open", "won", "lost"]))
    probability = ma.fields.Integer(required=True)
    label_zh = ma.fields.String(required=True)
    label_en = ma.fields.String(required=True)


class StagesSchema(ma.Schema):
    """All stages, in order."""

    items = ma.fields.List(ma.fields.Nested(StageSchema), required=True)
