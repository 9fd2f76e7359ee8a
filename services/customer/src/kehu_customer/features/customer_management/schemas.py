"""Customers over HTTP, in and out, with data of other features."""

from typing import Any

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, Editable, StrictBoolean, Text
from kehu_chassis.data.schemas import RecordSchema
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customers import service as customers


class SalesDifferenceSchema(ma.Schema):
    """Where the sales system has another value."""

    code = ma.fields.String(required=True)
    field = ma.fields.String(required=True)
    ours = ma.fields.String(allow_none=True)
    sales = ma.fields.String(required=True)


class CustomerSchema(RecordSchema):
    """A customer.  Bank, tax and capital fields are left out for anyone who may not see them."""

    sometimes = customers.CONFIDENTIAL

    class Meta(RecordSchema.Meta):
        model = customers.Customer
        exclude: tuple[str, ...] = ("name_key", "registration_key", "merged_into")
        show_secret = customers.CONFIDENTIAL

    actions = Actions()
    editable = Editable()
    missing = ma.fields.List(
        ma.fields.String(validate=validate.OneOf((*customers.REQUIRED, "contacts"))),
        required=True,
        metadata={"description": "Required fields that are still empty."},
    )
    contact_count = ma.fields.Integer(required=True)
    sales_differences = ma.fields.List(ma.fields.Nested(SalesDifferenceSchema), required=True)
    restricted = ma.fields.Boolean(
        required=True, metadata={"description": "True: confidential fields are left out."}
    )

    @ma.post_dump
    def leave_out(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Leave the confidential fields out for anyone who may not see them."""
        if data.get("restricted"):
            for field in customers.CONFIDENTIAL:
                data.pop(field, None)
        return data


class CustomerItemSchema(CustomerSchema):
    """A customer as lists show it."""

    class Meta(CustomerSchema.Meta):
        exclude = (
            *CustomerSchema.Meta.exclude, *customers.CONFIDENTIAL, "postcode", "fax", "website",
            "email", "follow_status", "referred_by", "keywords", "products", "remark",
            "legal_representative", "parent_company", "country", "province", "city",
            "churn_months", "contact_count", "sales_differences", "restricted",
        )  # fmt: skip

    last_ordered_on = ma.fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "The day of the last order that was not cancelled."},
    )
    warning_id = ma.fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The open churn warning, if the caller may read it."},
    )
    warning_state = ma.fields.String(
        required=True, allow_none=True, validate=validate.OneOf(churn.ACTIVE)
    )
    primary_contact_id = ma.fields.UUID(required=True, allow_none=True)
    primary_contact_name = ma.fields.String(required=True, allow_none=True)


class CustomerFormSchema(RecordSchema):
    """The form of a customer; the manager is the caller unless named."""

    class Meta(RecordSchema.Meta):
        model = customers.Customer
        form = ("manager_id", *customers.FORM, "allow_duplicate")
        show_secret = customers.CONFIDENTIAL
        required = ("region", "address", "phone")  # only an event makes a customer without

    allow_duplicate = StrictBoolean(
        metadata={"description": "Proceed although another customer has this name or number."}
    )

    @ma.post_load
    def normalise(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Store a registration number in one form, however it is typed."""
        if "registration_no" in data:
            data["registration_no"] = customers.registration_no(data["registration_no"])
        return data


CREATE = CustomerFormSchema.form(name="CustomerForm")
EDIT = CustomerFormSchema.patch(*customers.FORM, "allow_duplicate", name="CustomerPatch")


class DeleteSchema(ma.Schema):
    """Whether to delete a customer for whom work is open."""

    allow_open_work = ma.fields.Boolean(
        metadata={"description": "Proceed although requests or opportunities are open."}
    )


class RestoreSchema(ma.Schema):
    """Whether to restore a customer that has a duplicate by now."""

    allow_duplicate = StrictBoolean(
        metadata={"description": "Proceed although another customer has this name or number."}
    )


class SalesCodeSchema(ma.Schema):
    """A customer code of the sales system."""

    code = Text(max_length=100, min_length=1, required=True)


class ReassignSchema(ma.Schema):
    """Who manages the customer from now on."""

    manager_id = ma.fields.UUID(required=True)


class ReactivateSchema(ma.Schema):
    """Why the customer is back."""

    reason = Text(max_length=2000, required=True)
