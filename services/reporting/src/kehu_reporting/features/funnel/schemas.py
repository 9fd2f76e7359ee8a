"""The sales funnel over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import CommaList, Currency, Money, Text, Timestamp
from kehu_chassis.data.listing import Listing
from kehu_reporting import periods, sheets
from kehu_reporting.features.funnel import rules
from kehu_reporting.features.funnel.models import Opportunity


def _filters() -> dict[str, ma.fields.Field]:
    several = validate.Length(1, 50)
    return {
        "assignee_id": CommaList(ma.fields.UUID(), validate=several),
        "currency": CommaList(Currency(), validate=several),
        **{
            name: CommaList(Text(max_length=100, min_length=1), validate=several)
            for name in ("source", "region", "industry")
        },
    }


FunnelQuery = ma.Schema.from_dict(
    _filters() | periods.fields() | sheets.fields(), name="FunnelQuery"
)


class StageAmountSchema(ma.Schema):
    """Opportunities of one currency that are in a stage now."""

    currency = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    amount = Money(negative=True, required=True)


class StageSchema(ma.Schema):
    """One stage of the funnel."""

    stage = ma.fields.String(required=True)
    position = ma.fields.Integer(required=True)
    type = ma.fields.String(required=True, validate=validate.OneOf(["open", "won", "lost"]))
    count = ma.fields.Integer(required=True)
    amounts = ma.fields.List(ma.fields.Nested(StageAmountSchema), required=True)
    reached = ma.fields.Integer(required=True)
    conversion_to_next = ma.fields.Float(allow_none=True, required=True)
    stays = ma.fields.Integer(required=True)
    average_seconds = ma.fields.Integer(allow_none=True, required=True)
    median_seconds = ma.fields.Integer(allow_none=True, required=True)


class FunnelSchema(ma.Schema):
    """The sales funnel."""

    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    opportunities = ma.fields.Integer(required=True)
    items = ma.fields.List(ma.fields.Nested(StageSchema), required=True)


class FunnelSheetSchema(ma.Schema):
    """One stage and currency, as a row of a sheet; from ``reached`` on it tells of the whole stage,
    in the stage's first row only."""

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


class FunnelRowSchema(ma.Schema):
    """One opportunity."""

    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    customer_id = ma.fields.UUID(allow_none=True)
    status = ma.fields.String(required=True)
    stage = ma.fields.String(required=True)
    assignee_id = ma.fields.UUID(allow_none=True)
    assignee_name = ma.fields.String(allow_none=True)
    created_by = ma.fields.UUID(required=True)
    success_rate = ma.fields.Integer(required=True)
    currency = ma.fields.String(required=True)
    amount = Money(negative=True, allow_none=True)
    source = ma.fields.String(allow_none=True)
    region = ma.fields.String(allow_none=True)
    industry = ma.fields.String(allow_none=True)
    created_at = Timestamp(required=True)
    closed_at = Timestamp(allow_none=True)


ROWS = Listing(
    Opportunity,
    filters={"stage": Opportunity.stage, "status": Opportunity.status},
    choices={"stage": rules.STAGES},
    sorts={
        "created_at": Opportunity.created_at,
        "amount": Opportunity.amount,
        "closed_at": Opportunity.closed_at,
        "number": Opportunity.number,
    },
    default_sort="-created_at",
    extra=_filters() | periods.fields() | sheets.fields(),
)
