"""Churn warnings and scans over HTTP, in and out."""

from datetime import date

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, Text
from kehu_chassis.data.schemas import RecordSchema
from kehu_customer.features.churn.models import ChurnReprieve, ChurnScan, ChurnWarning
from kehu_customer.features.reference import service as reference

# Three centuries are enough for every customer and keep date arithmetic within its range.
_SANE = validate.Range(date(1900, 1, 1), date(2200, 12, 31))


class WarningSchema(RecordSchema):
    """A warning that a customer may be about to be lost."""

    class Meta(RecordSchema.Meta):
        model = ChurnWarning
        exclude = ("reported_on", "review_notified_on", "unattended_notified_at")

    actions = Actions()
    measure_due_on = ma.fields.Date(
        required=True,
        allow_none=True,
        metadata={
            "description": "The day by which the first measure is due; null once there is one."
        },
    )


class ReprieveSchema(RecordSchema):
    """A measure that was taken."""

    class Meta(RecordSchema.Meta):
        model = ChurnReprieve
        fields = ("id", "measure", "next_review_on", "created_at", "created_by")


class WarningDetailSchema(WarningSchema):
    """A warning with the measures taken on it, the first one first."""

    reprieves = ma.fields.List(ma.fields.Nested(ReprieveSchema), required=True)


class ReprieveCreateSchema(ma.Schema):
    """The measure to keep the customer, and when to review it."""

    measure = Text(max_length=5000, required=True)
    next_review_on = ma.fields.Date(validate=_SANE)


class ConfirmSchema(ma.Schema):
    """Why the customer is lost."""

    reason_code = ma.fields.String(required=True, validate=validate.OneOf(reference.LOSS_REASONS))
    reason = Text(max_length=5000, required=True)


class ScanCreateSchema(ma.Schema):
    """As of which date; today unless given, and no later."""

    as_of = ma.fields.Date(validate=_SANE)


class ScanSchema(RecordSchema):
    """A scan of all customers as of a date, and its outcome."""

    class Meta(RecordSchema.Meta):
        model = ChurnScan
        exclude = ("reached",)

    actions = Actions()
    seconds = ma.fields.Float(required=True)
