"""Contacts over HTTP, in and out."""

import marshmallow as ma

from kehu_chassis.data.schemas import RecordSchema
from kehu_customer.features.contacts import rules
from kehu_customer.features.contacts.models import Contact


class ContactSchema(RecordSchema):
    """A person at a customer."""

    class Meta(RecordSchema.Meta):
        model = Contact
        form = (
            "name", "gender", "title", "office_phone", "mobile", "email", "fax", "wechat",
            "birthday", "remark", "product_interest", "department", "reports_to_id", "category",
            "tags", "preferences", "contact_consent", "is_primary",
        )  # fmt: skip
        required = rules.REQUIRED
        show_secret = ("office_phone", "mobile", "email", "fax", "wechat", "birthday")

    reports_to_name = ma.fields.String(dump_only=True, required=True, allow_none=True)
