"""The composition of customers over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import CommaList, Timestamp
from kehu_chassis.data.schemas import RecordSchema
from kehu_reporting import periods
from kehu_reporting.features.customers.models import CustomerRef
from kehu_reporting.features.customers.service import DIMENSIONS, STATUSES

_COMPOSITION: dict[str, ma.fields.Field] = {
    "by": ma.fields.String(load_default="level", validate=validate.OneOf(DIMENSIONS)),
    "status": CommaList(
        ma.fields.String(validate=validate.OneOf(STATUSES)),
        load_default=["normal"],
        validate=validate.Length(1, 2),
    ),
}
CompositionQuery = ma.Schema.from_dict(_COMPOSITION | periods.fields(), name="CompositionQuery")


class CompositionItemSchema(ma.Schema):
    """The customers of one kind."""

    value = ma.fields.String(
        allow_none=True, required=True, metadata={"description": "Null: not recorded."}
    )
    count = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata={"description": "Part of the total, 0 to 1."})


class CompositionSchema(ma.Schema):
    """How customers are composed."""

    by = ma.fields.String(required=True, validate=validate.OneOf(DIMENSIONS))
    status = ma.fields.List(ma.fields.String(validate=validate.OneOf(STATUSES)), required=True)
    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    total = ma.fields.Integer(required=True)
    items = ma.fields.List(ma.fields.Nested(CompositionItemSchema), required=True)


class CompositionRowSchema(RecordSchema):
    """One customer."""

    status = ma.fields.String(required=True, validate=validate.OneOf(STATUSES))
    created_at = Timestamp(required=True)

    class Meta(RecordSchema.Meta):
        model = CustomerRef
        fields = (
            "id", "number", "name", "manager_id", "level", "region", "industry", "satisfaction",
            "credit", "status", "created_at",
        )  # fmt: skip
