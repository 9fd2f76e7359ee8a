"""The composition of services over HTTP."""

import marshmallow as ma

from kehu_chassis.data.fields import Timestamp
from kehu_chassis.data.listing import Listing
from kehu_reporting import periods, sheets
from kehu_reporting.features.requests.models import ServiceRequest

TYPES = ("consultation", "suggestion", "complaint", "after_sales", "other")
STATUSES = ("created", "assigned", "handled", "archived", "cancelled")

CompositionQuery = ma.Schema.from_dict(
    periods.fields() | sheets.fields(), name="ServiceCompositionQuery"
)


class ServiceCompositionItemSchema(ma.Schema):
    """The requests of one type."""

    value = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True)
    archived = ma.fields.Integer(required=True)
    cancelled = ma.fields.Integer(required=True)
    satisfaction = ma.fields.Float(
        allow_none=True,
        required=True,
        metadata={"description": "Mean of those that were given; null: none was."},
    )


class ServiceCompositionSchema(ma.Schema):
    """How service requests are composed."""

    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    total = ma.fields.Integer(required=True)
    items = ma.fields.List(ma.fields.Nested(ServiceCompositionItemSchema), required=True)


class ServiceCompositionRowSchema(ma.Schema):
    """One service request."""

    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    type = ma.fields.String(required=True)
    summary = ma.fields.String(required=True)
    customer_id = ma.fields.UUID(required=True)
    customer_name = ma.fields.String(allow_none=True, required=True)
    status = ma.fields.String(required=True)
    priority = ma.fields.String(required=True)
    assignee_id = ma.fields.UUID(allow_none=True)
    satisfaction = ma.fields.Integer(allow_none=True)
    rounds = ma.fields.Integer(required=True)
    created_at = Timestamp(required=True)
    handled_at = Timestamp(allow_none=True)
    archived_at = Timestamp(allow_none=True)


ROWS = Listing(
    ServiceRequest,
    filters={
        "type": ServiceRequest.type,
        "status": ServiceRequest.status,
        "priority": ServiceRequest.priority,
        "customer_id": ServiceRequest.customer_id,
        "assignee_id": ServiceRequest.assignee_id,
    },
    choices={"type": TYPES, "status": STATUSES},
    sorts={"created_at": ServiceRequest.created_at, "number": ServiceRequest.number},
    default_sort="-created_at",
    extra=periods.fields() | sheets.fields(),
)
