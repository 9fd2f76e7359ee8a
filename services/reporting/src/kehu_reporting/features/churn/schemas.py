"""Customer churn over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Timestamp
from kehu_chassis.data.listing import page_schema
from kehu_chassis.data.people import PersonName
from kehu_chassis.data.schemas import RecordSchema
from kehu_reporting import periods
from kehu_reporting.features.churn import rules
from kehu_reporting.features.churn.models import ChurnWarning, Loss
from kehu_reporting.features.churn.texts import TEXTS


class LossSchema(RecordSchema):
    """A lost customer."""

    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "The manager at confirmation."}
    )
    manager_name = PersonName("manager_id")
    won_back_at = Timestamp(allow_none=True)

    class Meta(RecordSchema.Meta):
        model = Loss
        fields = (
            "id", "customer_id", "customer_number", "customer_name", "manager_id", "manager_name",
            "lost_at", "reason_code", "reason", "confirmed_by", "won_back_at",
        )  # fmt: skip


class ReasonSchema(ma.Schema):
    """Losses for one reason."""

    reason_code = ma.fields.String(
        required=True, validate=validate.OneOf(TEXTS.labels["customer.loss_reason"])
    )
    lost = ma.fields.Integer(required=True)
    won_back = ma.fields.Integer(required=True)


class ManagerSchema(ma.Schema):
    """Losses under one manager at confirmation."""

    manager_id = ma.fields.UUID(allow_none=True, required=True)
    manager_name = PersonName("manager_id")
    lost = ma.fields.Integer(required=True)
    won_back = ma.fields.Integer(required=True)


class RescueSchema(ma.Schema):
    """The outcomes of the warnings opened in the period."""

    opened = ma.fields.Integer(required=True)
    open = ma.fields.Integer(required=True)
    reprieved = ma.fields.Integer(required=True)
    confirmed = ma.fields.Integer(required=True)
    recovered = ma.fields.Integer(required=True)
    rescued = ma.fields.Integer(required=True)
    rescue_rate = ma.fields.Float(
        allow_none=True,
        required=True,
        metadata={"description": "`rescued` divided by `opened`, 0 to 1."},
    )


class ChurnSchema(page_schema(LossSchema)):  # type: ignore[misc]
    """Customer churn: the lost customers, and figures over all of them."""

    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    lost = ma.fields.Integer(required=True)
    won_back = ma.fields.Integer(required=True)
    by_reason = ma.fields.List(ma.fields.Nested(ReasonSchema), required=True)
    by_manager = ma.fields.List(ma.fields.Nested(ManagerSchema), required=True)
    warnings = ma.fields.Nested(RescueSchema, required=True)


class WarningSchema(RecordSchema):
    """A churn warning."""

    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "The customer's manager now."}
    )
    manager_name = PersonName("manager_id")
    state = ma.fields.String(required=True, validate=validate.OneOf(rules.STATES))

    class Meta(RecordSchema.Meta):
        model = ChurnWarning
        fields = (
            "id", "customer_id", "customer_number", "customer_name", "manager_id",
            "manager_name", "kind", "state", "last_order_on", "cut_off_on", "opened_at",
            "closed_at",
        )  # fmt: skip
