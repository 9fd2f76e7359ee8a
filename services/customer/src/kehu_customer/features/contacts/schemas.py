"""Contacts over HTTP, in and out."""

from typing import Any

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import EntitySchema, StrictBoolean, Text
from kehu_customer.features.contacts import rules


def _gender(**options: Any) -> ma.fields.String:
    return ma.fields.String(validate=validate.OneOf(rules.GENDERS), **options)


class ContactFormSchema(ma.Schema):
    """The form of a contact; all optional, for editing."""

    name = Text(max_length=100, min_length=1)
    gender = _gender()
    title = Text(max_length=100, min_length=1)
    office_phone = Text(max_length=50, min_length=1)
    mobile = Text(max_length=50, allow_none=True)
    email = ma.fields.Email(validate=validate.Length(max=200), allow_none=True)
    fax = Text(max_length=50, allow_none=True)
    wechat = Text(max_length=100, allow_none=True)
    birthday = ma.fields.Date(allow_none=True)
    remark = Text(max_length=2000, allow_none=True)
    product_interest = Text(max_length=500, allow_none=True)
    department = Text(max_length=100, allow_none=True)
    reports_to_id = ma.fields.UUID(allow_none=True)
    category = Text(max_length=100, allow_none=True)
    tags = ma.fields.List(Text(max_length=50, min_length=1), validate=validate.Length(max=50))
    preferences = Text(max_length=1000, allow_none=True)
    contact_consent = StrictBoolean(allow_none=True)
    is_primary = StrictBoolean()


class ContactCreateSchema(ContactFormSchema):
    """The form with its required fields."""

    name = Text(max_length=100, required=True)
    gender = _gender(required=True)
    title = Text(max_length=100, required=True)
    office_phone = Text(max_length=50, required=True)


class ContactSchema(EntitySchema):
    """A person at a customer."""

    customer_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    gender = ma.fields.String(required=True, validate=validate.OneOf(rules.GENDERS))
    title = ma.fields.String(allow_none=True)
    office_phone = ma.fields.String(allow_none=True)
    mobile = ma.fields.String(allow_none=True)
    email = ma.fields.String(allow_none=True)
    fax = ma.fields.String(allow_none=True)
    wechat = ma.fields.String(allow_none=True)
    birthday = ma.fields.Date(allow_none=True)
    remark = ma.fields.String(allow_none=True)
    product_interest = ma.fields.String(allow_none=True)
    department = ma.fields.String(allow_none=True)
    reports_to_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "The contact to whom this one reports."}
    )
    category = ma.fields.String(allow_none=True)
    tags = ma.fields.List(ma.fields.String(), required=True)
    preferences = ma.fields.String(allow_none=True)
    contact_consent = ma.fields.Boolean(allow_none=True)
    is_primary = ma.fields.Boolean(required=True)
