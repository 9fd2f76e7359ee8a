"""Customer contribution over HTTP."""

import marshmallow as ma

from kehu_chassis.data import validate
from kehu_chassis.data.fields import CommaList, Money, Text, Timestamp
from kehu_chassis.data.listing import Listing, page_schema
from kehu_reporting import pages, periods, sheets
from kehu_reporting.features.contribution import rules
from kehu_reporting.features.contribution.models import Sale

SORTS = ("amount", "ordered", "returned", "orders", "profit", "customer_name", "customer_number")


def _filters() -> dict[str, ma.fields.Field]:
    return {
        "customer_name": Text(max_length=100, min_length=1),
        "manager_id": CommaList(ma.fields.UUID(), validate=validate.Length(1, 50)),
    }


ContributionQuery = ma.Schema.from_dict(
    _filters() | periods.fields() | pages.fields(SORTS, "-amount") | sheets.fields(),
    name="ContributionQuery",
)


class ContributionItemSchema(ma.Schema):
    """What one customer contributed in one currency."""

    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(allow_none=True, required=True)
    currency = ma.fields.String(required=True)
    orders = ma.fields.Integer(required=True)
    ordered = Money(negative=True, required=True)
    returned = Money(negative=True, required=True)
    amount = Money(negative=True, required=True)
    share = ma.fields.Float(allow_none=True, required=True)
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


class ContributionRowSchema(ma.Schema):
    """One order, or one return with its amount below zero."""

    id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True, validate=validate.OneOf(rules.KINDS))
    number = ma.fields.String(required=True)
    order_no = ma.fields.String(allow_none=True)
    status = ma.fields.Integer(allow_none=True)
    customer_id = ma.fields.UUID(required=True)
    customer_number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.UUID(allow_none=True)
    occurred_at = Timestamp(required=True)
    currency = ma.fields.String(required=True)
    amount = Money(negative=True, required=True)
    profit = Money(negative=True, allow_none=True)


ROWS = Listing(
    Sale,
    filters={"customer_id": Sale.customer_id, "currency": Sale.currency, "kind": Sale.kind},
    choices={"kind": rules.KINDS},
    sorts={"occurred_at": Sale.occurred_at, "amount": Sale.amount},
    default_sort="-occurred_at",
    extra=_filters() | periods.fields() | sheets.fields(),
)
