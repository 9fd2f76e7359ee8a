"""The composition of services over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.schemas import RecordSchema
from kehu_reporting import periods
from kehu_reporting.features.requests.models import ServiceRequest
from kehu_reporting.features.requests.texts import TEXTS

CompositionQuery = ma.Schema.from_dict(periods.fields(), name="ServiceCompositionQuery")


class ServiceCompositionItemSchema(ma.Schema):
    """The requests of one type."""

    value = ma.fields.String(
        required=True, validate=validate.OneOf(TEXTS.labels["service-request.type"])
    )
    count = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata={"description": "Part of the total, 0 to 1."})
    archived = ma.fields.Integer(required=True)
    cancelled = ma.fields.Integer(required=True)
    satisfaction = ma.fields.Float(
        allow_none=True,
        required=True,
        metadata={"description": "Mean of those that were given, 1 (worst) to 5; null: none was."},
    )


class ServiceCompositionSchema(ma.Schema):
    """How service requests are composed."""

    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    total = ma.fields.Integer(required=True)
    items = ma.fields.List(ma.fields.Nested(ServiceCompositionItemSchema), required=True)


class ServiceCompositionRowSchema(RecordSchema):
    """One service request."""

    customer_name = ma.fields.String(allow_none=True, required=True)

    class Meta(RecordSchema.Meta):
        model = ServiceRequest
        fields = (
            "id", "number", "type", "summary", "customer_id", "customer_name", "status", "priority",
            "assignee_id", "satisfaction", "rounds", "created_at", "handled_at", "archived_at",
        )  # fmt: skip
