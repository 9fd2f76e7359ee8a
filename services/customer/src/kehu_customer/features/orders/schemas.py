"""Orders and sales codes over HTTP, read-only."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Actions, Money, Text, Timestamp
from kehu_chassis.data.schemas import RecordSchema
from kehu_customer.features.orders.models import SalesOrder
from kehu_customer.features.reference import service as reference

_STATUS = ", ".join(
    f"{code} {name}" for code, (name, _) in reference.ORDER_STATUSES.items()
).lower()


_INSIDE = ("account_code", "received_at")


class OrderSchema(RecordSchema):
    """An order of the sales system."""

    class Meta(RecordSchema.Meta):
        model = SalesOrder
        exclude: tuple[str, ...] = (
            *_INSIDE, "lines", "discount", "freight", "tax", "profit", "opportunity_number",
            "contract_number",
        )  # fmt: skip

    actions = Actions()
    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    status = ma.fields.Integer(
        required=True,
        validate=validate.OneOf(reference.ORDER_STATUSES),
        metadata={"description": _STATUS},
    )
    total_mismatch = ma.fields.Boolean(
        required=True,
        metadata={"description": "The total is not lines − discount + freight + tax."},
    )
    unpaid_amount = Money(allow_none=True, negative=True)


class OrderLineSchema(ma.Schema):
    """A line of an order."""

    product_code = ma.fields.String(required=True)
    name = ma.fields.String(allow_none=True, dump_default=None)
    quantity = ma.fields.String(required=True)
    unit = ma.fields.String(allow_none=True, dump_default=None)
    unit_price = ma.fields.String(allow_none=True, dump_default=None)
    amount = ma.fields.String(required=True)


class OrderDetailSchema(OrderSchema):
    """An order with its lines and what makes up its total."""

    class Meta(OrderSchema.Meta):
        exclude = _INSIDE

    lines = ma.fields.List(
        ma.fields.Nested(OrderLineSchema), required=True, attribute="shown_lines"
    )
    profit = Money(allow_none=True, negative=True)


class UnlinkedAccountSchema(ma.Schema):
    """A customer code of the sales system that belongs to no customer yet."""

    id = ma.fields.UUID(required=True)
    code = Text(required=True)
    name = ma.fields.String(allow_none=True)
    waiting_orders = ma.fields.Integer(required=True)
    first_ordered_at = Timestamp(allow_none=True)
    last_ordered_at = Timestamp(allow_none=True)
    created_at = Timestamp(required=True)
