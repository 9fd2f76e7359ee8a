"""Churn warnings and scans over HTTP, in and out."""

from datetime import date

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import EntitySchema, Text, Timestamp
from kehu_customer.features.churn import rules

# Half a millennium is enough for every customer and keeps date arithmetic within its range.
_SANE = validate.Range(date(1900, 1, 1), date(2200, 12, 31))


class WarningSchema(EntitySchema):
    """A warning that a customer may be about to be lost."""

    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(allow_none=True)
    kind = ma.fields.String(required=True, validate=validate.OneOf(rules.KINDS))
    state = ma.fields.String(required=True, validate=validate.OneOf(rules.STATES))
    last_order_on = ma.fields.Date(allow_none=True)
    cut_off_on = ma.fields.Date(required=True)
    opened_at = Timestamp(required=True)
    closed_at = Timestamp(allow_none=True)
    next_review_on = ma.fields.Date(allow_none=True)
    reason_code = ma.fields.String(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    confirmed_by = ma.fields.UUID(allow_none=True)


class ReprieveSchema(ma.Schema):
    """A measure that was taken."""

    id = ma.fields.UUID(required=True)
    measure = ma.fields.String(required=True)
    next_review_on = ma.fields.Date(required=True)
    created_at = Timestamp(required=True)
    created_by = ma.fields.UUID(required=True)


class WarningDetailSchema(WarningSchema):
    """A warning with the measures taken on it, the first one first."""

    reprieves = ma.fields.List(ma.fields.Nested(ReprieveSchema), required=True)


class ReprieveCreateSchema(ma.Schema):
    """What is done to keep the customer, and when to look again."""

    measure = Text(max_length=5000, required=True)
    next_review_on = ma.fields.Date(validate=_SANE)


class ConfirmSchema(ma.Schema):
    """Why the customer is lost."""

    reason_code = ma.fields.String(
        required=True, validate=validate.FullMatch(r"^[a-z][a-z0-9_]{0,49}$")
    )
    reason = Text(max_length=5000, required=True)


class ScanCreateSchema(ma.Schema):
    """As of which date; today unless given, and no later."""

    as_of = ma.fields.Date(validate=_SANE)


class ScanSchema(EntitySchema):
    """A look at all customers as of a date, and what came of it."""

    as_of = ma.fields.Date(required=True)
    run_key = ma.fields.String(
        allow_none=True, metadata={"description": "The ISO week of a weekly scan."}
    )
    state = ma.fields.String(required=True, validate=validate.OneOf(rules.SCAN_STATES))
    customers_looked_at = ma.fields.Integer(required=True)
    warnings_opened = ma.fields.Integer(required=True)
    without_manager = ma.fields.Integer(
        required=True, metadata={"description": "Of these, of customers without a manager."}
    )
    seconds = ma.fields.Float(required=True)
    started_at = Timestamp(allow_none=True)
    finished_at = Timestamp(allow_none=True)
