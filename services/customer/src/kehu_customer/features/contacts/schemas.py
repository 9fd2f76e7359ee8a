"""Contacts over HTTP, in and out."""

import marshmallow as ma

from kehu_chassis.data.fields import Actions
from kehu_chassis.data.schemas import RecordSchema
from kehu_customer.features.contacts import rules
from kehu_customer.features.contacts.models import Contact


class ContactSchema(RecordSchema):
    """A person at a customer."""

    class Meta(RecordSchema.Meta):
        model = Contact
        form = rules.FORM
        required = rules.REQUIRED
        show_secret = ("office_phone", "mobile", "email", "fax", "wechat", "birthday")

    actions = Actions()
    customer_number = ma.fields.String(dump_only=True, required=True)
    customer_name = ma.fields.String(dump_only=True, required=True)
    reports_to_name = ma.fields.String(dump_only=True, required=True, allow_none=True)
