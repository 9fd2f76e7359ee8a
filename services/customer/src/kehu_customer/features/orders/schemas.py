"""Orders and sales codes over HTTP; all of it only to be read."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Money, Text, Timestamp
from kehu_customer.features.reference import service as reference

_STATUS = ", ".join(
    f"{code} {name}" for code, (name, _) in reference.ORDER_STATUSES.items()
).lower()


class OrderSchema(ma.Schema):
    """An order of the sales system."""

    id = ma.fields.UUID(required=True)
    order_no = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    customer_id = ma.fields.UUID(required=True)
    status = ma.fields.Integer(
        required=True, validate=validate.Range(1, 6), metadata={"description": _STATUS}
    )
    ordered_at = Timestamp(required=True)
    ordered_on = ma.fields.Date(required=True)
    delivery_address = ma.fields.String(allow_none=True)
    currency = ma.fields.String(required=True)
    total = Money(required=True)
    total_mismatch = ma.fields.Boolean(
        required=True,
        metadata={"description": "The total is not lines − discount + freight + tax."},
    )
    paid_amount = Money(allow_none=True)
    unpaid_amount = Money(allow_none=True, negative=True)
    planned_ship_on = ma.fields.Date(allow_none=True)
    shipped_at = Timestamp(allow_none=True)
    planned_payment_on = ma.fields.Date(allow_none=True)
    paid_at = Timestamp(allow_none=True)
    payment_method = ma.fields.String(allow_none=True)
    salesperson = ma.fields.String(allow_none=True)


class OrderLineSchema(ma.Schema):
    """A line of an order."""

    product_code = ma.fields.String(required=True)
    name = ma.fields.String(load_default=None)
    quantity = ma.fields.String(required=True)
    unit = ma.fields.String(load_default=None)
    unit_price = ma.fields.String(load_default=None)
    amount = ma.fields.String(required=True)


class OrderDetailSchema(OrderSchema):
    """An order with its lines and what makes up its total."""

    lines = ma.fields.List(ma.fields.Nested(OrderLineSchema), required=True)
    discount = Money(required=True)
    freight = Money(required=True)
    tax = Money(required=True)
    profit = Money(allow_none=True, negative=True)
    opportunity_number = ma.fields.String(allow_none=True)
    contract_number = ma.fields.String(allow_none=True)


class UnlinkedAccountSchema(ma.Schema):
    """A customer code of the sales system that belongs to no customer yet."""

    id = ma.fields.UUID(required=True)
    code = Text(required=True)
    name = ma.fields.String(allow_none=True)
    waiting_orders = ma.fields.Integer(required=True)
    first_ordered_at = Timestamp(allow_none=True)
    last_ordered_at = Timestamp(allow_none=True)
    created_at = Timestamp(required=True)
