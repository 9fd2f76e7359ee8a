"""Customer contribution over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import Money
from kehu_chassis.data.listing import page_schema
from kehu_chassis.data.people import PersonName
from kehu_chassis.data.schemas import RecordSchema
from kehu_reporting import pages, periods
from kehu_reporting.features.contribution import rules, service
from kehu_reporting.features.contribution.models import Sale
from kehu_reporting.features.contribution.texts import TEXTS

SORTS = ("amount", "ordered", "returned", "orders", "profit", "customer_name", "customer_number")


ContributionQuery = ma.Schema.from_dict(
    service.FILTERS
    | {"currency": service.CURRENCY}
    | periods.fields()
    | pages.fields(SORTS, "-amount"),
    name="ContributionQuery",
)


class ContributionItemSchema(ma.Schema):
    """What one customer contributed in one currency."""

    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(allow_none=True, required=True)
    manager_name = PersonName("manager_id")
    currency = ma.fields.String(required=True)
    orders = ma.fields.Integer(required=True)
    ordered = Money(negative=True, required=True)
    returned = Money(negative=True, required=True)
    amount = Money(negative=True, required=True)
    share = ma.fields.Float(
        allow_none=True,
        required=True,
        metadata={"description": "Part of the currency's total, 0 to 1."},
    )
    profit = Money(negative=True, allow_none=True, required=True)
    orders_with_profit = ma.fields.Integer(required=True)


class ContributionTotalSchema(ma.Schema):
    """All customers in the reader's scope, in one currency."""

    currency = ma.fields.String(required=True)
    customers = ma.fields.Integer(required=True)
    orders = ma.fields.Integer(required=True)
    ordered = Money(negative=True, required=True)
    returned = Money(negative=True, required=True)
    amount = Money(negative=True, required=True)
    profit = Money(negative=True, allow_none=True, required=True)
    orders_with_profit = ma.fields.Integer(required=True)


class ContributionSchema(page_schema(ContributionItemSchema)):  # type: ignore[misc]
    """Customer contribution: a row per customer and currency, and figures over all of them."""

    period = ma.fields.Nested(periods.PeriodSchema, required=True)
    totals = ma.fields.List(ma.fields.Nested(ContributionTotalSchema), required=True)


class ContributionRowSchema(RecordSchema):
    """One order, or one return with its amount below zero."""

    kind = ma.fields.String(required=True, validate=validate.OneOf(rules.KINDS))
    status = ma.fields.Integer(
        allow_none=True,
        validate=validate.OneOf(TEXTS.labels["order.status"]),
        metadata={"description": "That of an order; a return has none."},
    )
    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(allow_none=True)
    manager_name = PersonName("manager_id")
    amount = Money(negative=True, required=True)
    profit = Money(negative=True, allow_none=True)

    class Meta(RecordSchema.Meta):
        model = Sale
        fields = (
            "id", "kind", "number", "order_no", "status", "customer_id", "customer_number",
            "customer_name", "manager_id", "manager_name", "occurred_at", "currency", "amount",
            "profit",
        )  # fmt: skip
