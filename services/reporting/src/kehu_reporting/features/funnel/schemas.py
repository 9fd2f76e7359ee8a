"""The sales funnel over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Money, Timestamp
from kehu_chassis.data.schemas import RecordSchema
from kehu_reporting import periods
from kehu_reporting.features.funnel import rules, service
from kehu_reporting.features.funnel.models import Opportunity

FunnelQuery = ma.Schema.from_dict(service.FILTERS | periods.fields(), name="FunnelQuery")


class StageAmountSchema(ma.Schema):
    """Opportunities of one currency that are in a stage now."""

    currency = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    amount = Money(negative=True, required=True)


class StageSchema(ma.Schema):
    """One stage of the funnel."""

    stage = ma.fields.String(required=True)
    position = ma.fields.Integer(required=True)
    type = ma.fields.String(required=True, validate=validate.OneOf(rules.TYPES))
    label_zh = ma.fields.String(required=True)
    label_en = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    amounts = ma.fields.List(ma.fields.Nested(StageAmountSchema), required=True)
    reached = ma.fields.Integer(required=True)
    conversion_to_next = ma.fields.Float(
        allow_none=True,
        required=True,
        metadata={"description": "Part of `reached` that reached the next stage, 0 to 1."},
    )
    stays = ma.fields.Integer(required=True)
    average_seconds = ma.fields.Integer(allow_none=True, required=True)
    median_seconds = ma.fields.Integer(allow_none=True, required=True)


class FunnelSchema(ma.Schema):
    """The sales funnel."""

    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    opportunities = ma.fields.Integer(required=True)
    items = ma.fields.List(ma.fields.Nested(StageSchema), required=True)


class FunnelSheetSchema(ma.Schema):
    """One stage and currency, as a row of a sheet.  ``reached`` to ``median_seconds`` are of the
    whole stage, in the stage's first row only."""

    stage = ma.fields.String()
    position = ma.fields.Integer()
    type = ma.fields.String()
    currency = ma.fields.String(allow_none=True)
    count = ma.fields.Integer()
    amount = Money(negative=True, allow_none=True)
    reached = ma.fields.Integer(allow_none=True)
    conversion_to_next = ma.fields.Float(allow_none=True)
    stays = ma.fields.Integer(allow_none=True)
    average_seconds = ma.fields.Integer(allow_none=True)
    median_seconds = ma.fields.Integer(allow_none=True)
    label_zh = ma.fields.String()
    label_en = ma.fields.String()


class FunnelRowSchema(RecordSchema):
    """One opportunity."""

    stage = ma.fields.String(required=True)
    created_by = ma.fields.UUID(required=True)
    amount = Money(negative=True, allow_none=True)
    created_at = Timestamp(required=True)

    class Meta(RecordSchema.Meta):
        model = Opportunity
        fields = (
            "id", "number", "customer_name", "customer_id", "status", "stage", "assignee_id",
            "created_by", "success_rate", "currency", "amount", "source", "region",
            "industry", "created_at", "closed_at",
        )  # fmt: skip
