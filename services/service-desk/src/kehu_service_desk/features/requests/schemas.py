"""Service requests over HTTP, in and out."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import EntitySchema, Text, Timestamp
from kehu_chassis.data.listing import Listing
from kehu_service_desk.features.requests import rules
from kehu_service_desk.features.requests.models import ServiceRequest


class RequestCreateSchema(ma.Schema):
    """What a customer asks."""

    customer_id = ma.fields.UUID(required=True)
    type = ma.fields.String(required=True, validate=validate.OneOf(rules.TYPES))
    summary = Text(max_length=500, required=True)
    description = Text(max_length=10_000, required=True)
    contact = Text(max_length=200, allow_none=True)
    priority = ma.fields.String(load_default="normal", validate=validate.OneOf(rules.PRIORITIES))
    previous_request_id = ma.fields.UUID(allow_none=True)


class RequestSchema(EntitySchema):
    """A service request; handling to satisfaction are those of the present round."""

    number = ma.fields.String(required=True)
    type = ma.fields.String(required=True, validate=validate.OneOf(rules.TYPES))
    summary = ma.fields.String(required=True)
    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(allow_none=True)
    customer_name = ma.fields.String(allow_none=True)
    contact = ma.fields.String(allow_none=True)
    description = ma.fields.String(required=True)
    priority = ma.fields.String(required=True, validate=validate.OneOf(rules.PRIORITIES))
    status = ma.fields.String(required=True, validate=validate.OneOf(rules.STATUSES))
    previous_request_id = ma.fields.UUID(allow_none=True)
    assignee_id = ma.fields.UUID(allow_none=True)
    assigned_at = Timestamp(allow_none=True)
    handling = ma.fields.String(allow_none=True)
    handler_id = ma.fields.UUID(allow_none=True)
    handled_at = Timestamp(allow_none=True)
    result = ma.fields.String(allow_none=True)
    satisfaction = ma.fields.Integer(allow_none=True)
    rounds = ma.fields.Integer(
        required=True, metadata={"description": "How many times it was handled."}
    )
    archived_at = Timestamp(allow_none=True)
    close_reason = ma.fields.String(allow_none=True)
    cancelled_at = Timestamp(allow_none=True)
    cancel_reason = ma.fields.String(allow_none=True)


class RoundSchema(ma.Schema):
    """One handling of a request and what the customer said of it."""

    number = ma.fields.Integer(required=True)
    assigned_at = Timestamp(required=True)
    handler_id = ma.fields.UUID(required=True)
    handling = ma.fields.String(required=True)
    handled_at = Timestamp(required=True)
    result = ma.fields.String(allow_none=True)
    satisfaction = ma.fields.Integer(allow_none=True)
    contact = ma.fields.String(allow_none=True)
    channel = ma.fields.String(allow_none=True)
    feedback_by = ma.fields.UUID(allow_none=True)
    feedback_at = Timestamp(allow_none=True)


class RoundsSchema(ma.Schema):
    """Every round, oldest first."""

    items = ma.fields.List(ma.fields.Nested(RoundSchema), required=True)


class AssignSchema(ma.Schema):
    """Whom it is given to."""

    assignee_id = ma.fields.UUID(required=True)


class HandleSchema(ma.Schema):
    """What was done."""

    handling = Text(max_length=10_000, required=True)


class FeedbackSchema(ma.Schema):
    """What the customer says of it, who said it, and by which way."""

    result = Text(max_length=10_000, required=True)
    satisfaction = ma.fields.Integer(required=True, strict=True, validate=validate.Range(1, 5))
    contact = Text(max_length=200, allow_none=True)
    channel = Text(max_length=100, allow_none=True)


class CloseSchema(ma.Schema):
    """Why it is archived without satisfaction."""

    reason = ma.fields.String(required=True, validate=validate.OneOf(rules.CLOSE_REASONS))


class CancelSchema(ma.Schema):
    """Why it is cancelled."""

    reason = Text(max_length=2000, required=True)


class AssigneeCandidateSchema(ma.Schema):
    """Somebody a request may be assigned to."""

    id = ma.fields.UUID(required=True)
    display_name = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.String(), required=True)
    open_requests = ma.fields.Integer(required=True)


class AssigneeCandidatesSchema(ma.Schema):
    """Everybody a request may be assigned to, those with the least open work first."""

    items = ma.fields.List(ma.fields.Nested(AssigneeCandidateSchema), required=True)


LISTING = Listing(
    ServiceRequest,
    filters={
        "status": ServiceRequest.status,
        "type": ServiceRequest.type,
        "priority": ServiceRequest.priority,
        "customer_id": ServiceRequest.customer_id,
        "assignee_id": ServiceRequest.assignee_id,
        "created_by": ServiceRequest.created_by,
        "satisfaction": ServiceRequest.satisfaction,
        "close_reason": ServiceRequest.close_reason,
    },
    choices={
        "status": rules.STATUSES,
        "type": rules.TYPES,
        "priority": rules.PRIORITIES,
        "close_reason": rules.CLOSE_REASONS,
    },
    ranges={
        "created_at": ServiceRequest.created_at,
        "handled_at": ServiceRequest.handled_at,
        "archived_at": ServiceRequest.archived_at,
    },
    sorts={
        "created_at": ServiceRequest.created_at,
        "updated_at": ServiceRequest.updated_at,
        "number": ServiceRequest.number,
        "archived_at": ServiceRequest.archived_at,
    },
    default_sort="-created_at",
)
