"""Customers over HTTP, in and out."""

from typing import Any

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Currency, Money, StrictBoolean, Text, Timestamp
from kehu_customer.features.customers import service
from kehu_customer.features.reference import service as reference

_SCORE = validate.Range(1, 5)


def _level(**options: Any) -> ma.fields.String:
    return ma.fields.String(validate=validate.OneOf(tuple(reference.LEVELS)), **options)


def _texts(count: int, length: int) -> ma.fields.List[Any]:
    return ma.fields.List(
        Text(max_length=length, min_length=1), validate=validate.Length(max=count)
    )


class CustomerFormSchema(ma.Schema):
    """The form of a customer; all optional, for editing."""

    name = Text(max_length=200, min_length=1)
    region = Text(max_length=100, min_length=1)
    level = _level()
    satisfaction = ma.fields.Integer(strict=True, validate=_SCORE)
    credit = ma.fields.Integer(strict=True, validate=_SCORE)
    address = Text(max_length=500, min_length=1)
    phone = Text(max_length=50, min_length=1)
    postcode = Text(max_length=20, allow_none=True)
    fax = Text(max_length=50, allow_none=True)
    website = Text(max_length=500, allow_none=True)
    email = ma.fields.Email(validate=validate.Length(max=200), allow_none=True)
    industry = Text(max_length=100, allow_none=True)
    source = Text(max_length=100, allow_none=True)
    type = Text(max_length=100, allow_none=True)
    stage = Text(max_length=100, allow_none=True)
    follow_status = Text(max_length=100, allow_none=True)
    referred_by = Text(max_length=200, allow_none=True)
    keywords = Text(max_length=500, allow_none=True)
    tags = _texts(50, 50)
    products = _texts(50, 100)
    remark = Text(max_length=5000, allow_none=True)
    registration_no = Text(max_length=50, allow_none=True)
    legal_representative = Text(max_length=100, allow_none=True)
    parent_company = Text(max_length=200, allow_none=True)
    country = Text(max_length=100, allow_none=True)
    province = Text(max_length=100, allow_none=True)
    city = Text(max_length=100, allow_none=True)
    registered_capital = Money(allow_none=True)
    annual_turnover = Money(allow_none=True)
    capital_currency = Currency(allow_none=True)
    bank = Text(max_length=200, allow_none=True)
    account_no = Text(max_length=100, allow_none=True)
    local_tax_no = Text(max_length=50, allow_none=True)
    state_tax_no = Text(max_length=50, allow_none=True)
    sales_codes = _texts(50, 100)
    is_prospect = StrictBoolean()
    churn_months = ma.fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(1, 60),
        metadata={"description": "Months without order before a warning, if not as usual."},
    )
    allow_duplicate = StrictBoolean(
        metadata={"description": "Go on although another customer has this name or number."}
    )

    @ma.post_load
    def normalise(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """However a registration number is typed, it is kept in one way."""
        if "registration_no" in data:
            data["registration_no"] = service.registration_no(data["registration_no"])
        return data


class CustomerCreateSchema(CustomerFormSchema):
    """The form with its required fields; the manager is the caller unless named."""

    name = Text(max_length=200, required=True)
    region = Text(max_length=100, required=True)
    manager_id = ma.fields.UUID()
    level = _level(required=True)
    address = Text(max_length=500, required=True)
    phone = Text(max_length=50, required=True)


class DirectoryEntrySchema(ma.Schema):
    """What everybody who deals with customers may know of each."""

    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    region = ma.fields.String(allow_none=True)
    industry = ma.fields.String(allow_none=True)
    level = ma.fields.String(required=True, validate=validate.OneOf(tuple(reference.LEVELS)))
    status = ma.fields.String(required=True, validate=validate.OneOf(service.STATUSES))
    manager_id = ma.fields.UUID(allow_none=True)
    manager_name = ma.fields.String(allow_none=True)


class LossSchema(ma.Schema):
    """A loss, and how the customer came back."""

    id = ma.fields.UUID(required=True)
    warning_id = ma.fields.UUID(required=True)
    lost_at = Timestamp(required=True)
    reason_code = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(allow_none=True)
    confirmed_by = ma.fields.UUID(required=True)
    reactivated_at = Timestamp(allow_none=True)
    reactivation_cause = ma.fields.String(allow_none=True)
    reactivation_reason = ma.fields.String(allow_none=True)
    reactivated_by = ma.fields.UUID(allow_none=True)


class LossesSchema(ma.Schema):
    """All losses, the latest first."""

    items = ma.fields.List(ma.fields.Nested(LossSchema), required=True)
