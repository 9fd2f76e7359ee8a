"""The composition of customers over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import CommaList, Timestamp
from kehu_chassis.data.listing import Listing
from kehu_reporting import periods, sheets
from kehu_reporting.features.customers.models import CustomerRef

DIMENSIONS = ("level", "region", "satisfaction", "credit", "industry")
STATUSES = ("normal", "lost")

_COMPOSITION: dict[str, ma.fields.Field] = {
    "by": ma.fields.String(load_default="level", validate=validate.OneOf(DIMENSIONS)),
    "status": CommaList(
        ma.fields.String(validate=validate.OneOf(STATUSES)),
        load_default=["normal"],
        validate=validate.Length(1, 2),
    ),
}
CompositionQuery = ma.Schema.from_dict(
    _COMPOSITION | periods.fields() | sheets.fields(), name="CompositionQuery"
)


class CompositionItemSchema(ma.Schema):
    """The customers of one kind."""

    value = ma.fields.String(
        allow_none=True, required=True, metadata={"description": "Null: not recorded."}
    )
    count = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True)


class CompositionSchema(ma.Schema):
    """How customers are composed."""

    by = ma.fields.String(required=True)
    status = ma.fields.List(ma.fields.String(), required=True)
    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    total = ma.fields.Integer(required=True)
    items = ma.fields.List(ma.fields.Nested(CompositionItemSchema), required=True)


class CompositionRowSchema(ma.Schema):
    """One customer."""

    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(allow_none=True)
    level = ma.fields.String(allow_none=True)
    region = ma.fields.String(allow_none=True)
    industry = ma.fields.String(allow_none=True)
    satisfaction = ma.fields.Integer(allow_none=True)
    credit = ma.fields.Integer(allow_none=True)
    status = ma.fields.String(required=True)
    created_at = Timestamp(required=True)


ROWS = Listing(
    CustomerRef,
    filters={
        "level": CustomerRef.level,
        "region": CustomerRef.region,
        "satisfaction": CustomerRef.satisfaction,
        "credit": CustomerRef.credit,
        "industry": CustomerRef.industry,
        "status": CustomerRef.status,
        "manager_id": CustomerRef.manager_id,
    },
    choices={"status": STATUSES},
    sorts={
        "name": CustomerRef.name,
        "number": CustomerRef.number,
        "created_at": CustomerRef.created_at,
    },
    default_sort="name",
    extra={"missing": ma.fields.String(validate=validate.OneOf(DIMENSIONS))}
    | periods.fields()
    | sheets.fields(),
)
