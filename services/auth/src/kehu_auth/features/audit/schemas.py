"""The audit trail over HTTP."""

import marshmallow as ma

from kehu_auth.features.audit.models import AuditEntry
from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, Text, Timestamp
from kehu_chassis.data.people import PersonName
from kehu_chassis.data.schemas import RecordSchema


class ChangeSchema(ma.Schema):
    """One changed field, old and new; secret values are null."""

    field = ma.fields.String(required=True)
    old = ma.fields.Raw(required=True, allow_none=True)
    new = ma.fields.Raw(required=True, allow_none=True)


class AuditEntrySchema(RecordSchema):
    """Something that was done or refused."""

    class Meta(RecordSchema.Meta):
        model = AuditEntry

    actions = Actions()
    actor_name = PersonName("named_id")
    changes = ma.fields.List(ma.fields.Nested(ChangeSchema), required=True)


class RefusalSchema(ma.Schema):
    """Requests of one kind that the gateway refused in one minute, of which this is the first."""

    occurred_at = Timestamp(required=True)
    caller_id = ma.fields.UUID(allow_none=True, load_default=None)
    method = Text(max_length=50, required=True)
    path = Text(max_length=10_000, required=True)
    operation = Text(max_length=200, allow_none=True, load_default=None)
    permission = Text(max_length=200, allow_none=True, load_default=None)
    record_type = Text(max_length=200, load_default="request")
    record_id = Text(max_length=200, allow_none=True, load_default=None)
    status = ma.fields.Integer(required=True, validate=validate.Range(100, 599))
    code = Text(max_length=200, required=True)
    address = Text(max_length=200, allow_none=True, load_default=None)
    request_id = Text(max_length=200, allow_none=True, load_default=None)
    count = ma.fields.Integer(load_default=1, validate=validate.Range(1, 2**31 - 1))


class RefusalsSchema(ma.Schema):
    """A batch of refusals."""

    refusals = ma.fields.List(
        ma.fields.Nested(RefusalSchema), required=True, validate=validate.Length(max=1000)
    )
