"""Service requests over HTTP, in and out."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, Editable, Text
from kehu_chassis.data.schemas import RecordSchema, auto_field
from kehu_service_desk.features.requests import rules
from kehu_service_desk.features.requests.models import RequestRound, ServiceRequest


class RequestSchema(RecordSchema):
    """A service request; handling to satisfaction are those of the present round."""

    class Meta(RecordSchema.Meta):
        model = ServiceRequest
        form = rules.FORM

    actions = Actions()
    editable = Editable()
    customer_number = ma.fields.String(allow_none=True)
    customer_name = ma.fields.String(allow_none=True)


class RoundSchema(RecordSchema):
    """One handling of a request and the customer's feedback."""

    class Meta(RecordSchema.Meta):
        model = RequestRound
        exclude = (
            "id", "request_id", "created_at", "created_by", "updated_at", "updated_by", "version",
        )  # fmt: skip


class RoundsSchema(ma.Schema):
    """Every round, oldest first, and what follows on the customer's feedback or on none."""

    items = ma.fields.List(ma.fields.Nested(RoundSchema), required=True)
    reopen_below = ma.fields.Integer(
        required=True,
        metadata={"description": "Satisfaction below this opens another round."},
    )
    no_answer_days = ma.fields.Integer(
        required=True,
        metadata={"description": "Days after which a request without feedback is archived."},
    )


class AssignSchema(ma.Schema):
    """The new assignee."""

    assignee_id = ma.fields.UUID(required=True)


class HandleSchema(ma.Schema):
    """What was done."""

    handling = Text(max_length=10_000, required=True)


class FeedbackSchema(RecordSchema):
    """The customer's feedback, who gave it, and by which channel."""

    class Meta(RecordSchema.Meta):
        model = RequestRound
        fields = ("result", "satisfaction", "contact", "channel")

    result = auto_field(required=True, allow_none=False)
    satisfaction = auto_field(required=True, allow_none=False)


class CloseSchema(ma.Schema):
    """Why it is archived without satisfaction."""

    reason = ma.fields.String(required=True, validate=validate.OneOf(rules.CLOSE_REASONS))


class CancelSchema(ma.Schema):
    """Why it is cancelled."""

    reason = Text(max_length=2000, required=True)


class AssigneeCandidateSchema(ma.Schema):
    """A candidate for assignment."""

    id = ma.fields.UUID(required=True)
    display_name = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.String(), required=True)
    open_requests = ma.fields.Integer(required=True)


class AssigneeCandidatesSchema(ma.Schema):
    """All candidates, least busy first."""

    items = ma.fields.List(ma.fields.Nested(AssigneeCandidateSchema), required=True)
