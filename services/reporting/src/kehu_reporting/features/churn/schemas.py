"""Customer churn over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import CommaList, Text, Timestamp
from kehu_chassis.data.listing import Listing, page_schema
from kehu_reporting import periods, sheets
from kehu_reporting.features.churn import rules
from kehu_reporting.features.churn.models import ChurnWarning, Loss


def _extra(*, reasons: bool) -> dict[str, ma.fields.Field]:
    several = validate.Length(1, 50)
    found: dict[str, ma.fields.Field] = {
        "manager_id": CommaList(ma.fields.UUID(), validate=several),
        "customer_id": CommaList(ma.fields.UUID(), validate=several),
        "customer_name": Text(max_length=100, min_length=1),
    }
    if reasons:
        found["reason_code"] = CommaList(Text(max_length=50, min_length=1), validate=several)
    return found | periods.fields() | sheets.fields()


class LossSchema(ma.Schema):
    """A lost customer."""

    id = ma.fields.UUID(required=True)
    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "The manager at confirmation."}
    )
    manager_name = ma.fields.String(allow_none=True)
    lost_at = Timestamp(required=True)
    reason_code = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    confirmed_by = ma.fields.UUID(allow_none=True)
    won_back_at = Timestamp(allow_none=True)


class ReasonSchema(ma.Schema):
    """Losses for one reason."""

    reason_code = ma.fields.String(required=True)
    lost = ma.fields.Integer(required=True)
    won_back = ma.fields.Integer(required=True)


class ManagerSchema(ma.Schema):
    """Losses under one manager at confirmation."""

    manager_id = ma.fields.UUID(allow_none=True, required=True)
    manager_name = ma.fields.String(allow_none=True)
    lost = ma.fields.Integer(required=True)
    won_back = ma.fields.Integer(required=True)


class RescueSchema(ma.Schema):
    """What became of the warnings opened in the period."""

    opened = ma.fields.Integer(required=True)
    open = ma.fields.Integer(required=True)
    reprieved = ma.fields.Integer(required=True)
    confirmed = ma.fields.Integer(required=True)
    recovered = ma.fields.Integer(required=True)
    rescued = ma.fields.Integer(required=True)
    rescue_rate = ma.fields.Float(allow_none=True, required=True)


class ChurnSchema(page_schema(LossSchema)):  # type: ignore[misc]
    """Customer churn: the lost customers, and figures over all of them."""

    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    lost = ma.fields.Integer(required=True)
    won_back = ma.fields.Integer(required=True)
    by_reason = ma.fields.List(ma.fields.Nested(ReasonSchema), required=True)
    by_manager = ma.fields.List(ma.fields.Nested(ManagerSchema), required=True)
    warnings = ma.fields.Nested(RescueSchema, required=True)


class WarningSchema(ma.Schema):
    """A churn warning."""

    id = ma.fields.UUID(required=True)
    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "The customer's manager now."}
    )
    kind = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=validate.OneOf(rules.STATES))
    last_order_on = ma.fields.Date(allow_none=True)
    cut_off_on = ma.fields.Date(allow_none=True)
    opened_at = Timestamp(required=True)
    closed_at = Timestamp(allow_none=True)


LOSSES = Listing(
    Loss,
    sorts={"lost_at": Loss.lost_at},
    default_sort="-lost_at",
    extra=_extra(reasons=True),
)

WARNINGS = Listing(
    ChurnWarning,
    filters={
        "state": ChurnWarning.state,
        "kind": ChurnWarning.kind,
    },
    choices={"state": rules.STATES},
    sorts={"opened_at": ChurnWarning.opened_at},
    default_sort="-opened_at",
    extra=_extra(reasons=False),
)
