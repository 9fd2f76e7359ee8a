"""Stages over HTTP."""

import marshmallow as ma

from kehu_chassis.data.schemas import RecordSchema
from kehu_marketing.features.stages.models import Stage


class StageSchema(RecordSchema):
    """A stage of the pipeline."""

    class Meta(RecordSchema.Meta):
        model = Stage
        fields = ("code", "position", "type", "probability", "label_zh", "label_en")


class StagesSchema(ma.Schema):
    """All stages, in order."""

    items = ma.fields.List(ma.fields.Nested(StageSchema), required=True)
