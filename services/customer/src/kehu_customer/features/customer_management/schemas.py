"""Customers over HTTP with what other features know of them, and what people do to them."""

from typing import Any

import marshmallow as ma

from kehu_chassis.data.fields import EntitySchema, Money, Text, Timestamp
from kehu_customer.features.customers import service as customers
from kehu_customer.features.customers.schemas import DirectoryEntrySchema


class CustomerItemSchema(DirectoryEntrySchema, EntitySchema):
    """A customer as lists show it."""

    satisfaction = ma.fields.Integer(required=True)
    credit = ma.fields.Integer(required=True)
    address = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    source = ma.fields.String(allow_none=True)
    type = ma.fields.String(allow_none=True)
    stage = ma.fields.String(allow_none=True)
    registration_no = ma.fields.String(allow_none=True)
    tags = ma.fields.List(ma.fields.String(), required=True)
    sales_codes = ma.fields.List(ma.fields.String(), required=True)
    is_prospect = ma.fields.Boolean(required=True)
    lost_at = Timestamp(allow_none=True)
    deleted_at = Timestamp(allow_none=True)
    missing = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Required fields that are still empty."},
    )


class SalesDifferenceSchema(ma.Schema):
    """Where the sales system has another value."""

    code = ma.fields.String(required=True)
    field = ma.fields.String(required=True)
    ours = ma.fields.String(allow_none=True)
    sales = ma.fields.String(required=True)


class CustomerSchema(CustomerItemSchema):
    """A customer.  Bank, tax and capital fields are left out for anyone who may not see them."""

    postcode = ma.fields.String(allow_none=True)
    fax = ma.fields.String(allow_none=True)
    website = ma.fields.String(allow_none=True)
    email = ma.fields.String(allow_none=True)
    follow_status = ma.fields.String(allow_none=True)
    referred_by = ma.fields.String(allow_none=True)
    keywords = ma.fields.String(allow_none=True)
    products = ma.fields.List(ma.fields.String(), required=True)
    remark = ma.fields.String(allow_none=True)
    legal_representative = ma.fields.String(allow_none=True)
    parent_company = ma.fields.String(allow_none=True)
    country = ma.fields.String(allow_none=True)
    province = ma.fields.String(allow_none=True)
    city = ma.fields.String(allow_none=True)
    registered_capital = Money(allow_none=True)
    annual_turnover = Money(allow_none=True)
    capital_currency = ma.fields.String(allow_none=True)
    bank = ma.fields.String(allow_none=True)
    account_no = ma.fields.String(allow_none=True)
    local_tax_no = ma.fields.String(allow_none=True)
    state_tax_no = ma.fields.String(allow_none=True)
    churn_months = ma.fields.Integer(allow_none=True)
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


class ReassignSchema(ma.Schema):
    """Who manages the customer from now on."""

    manager_id = ma.fields.UUID(required=True)


class ReactivateSchema(ma.Schema):
    """Why the customer is back."""

    reason = Text(max_length=2000, required=True)
