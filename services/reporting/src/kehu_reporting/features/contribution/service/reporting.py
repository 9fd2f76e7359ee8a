"""Reporting what each customer contributes."""

from typing import Any

import marshmallow as ma
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data import search, validate
from kehu_chassis.data.fields import CommaList, Currency, Text
from kehu_chassis.data.listing import Listing, Page
from kehu_reporting import pages, periods
from kehu_reporting.features.contribution import rules
from kehu_reporting.features.contribution.models import Sale, SaleSum
from kehu_reporting.features.contribution.service import sums
from kehu_reporting.features.customers import service as customers
from kehu_reporting.periods import period_of

Data = dict[str, Any]
FILTERS: dict[str, ma.fields.Field[Any]] = {
    "customer_name": Text(max_length=100, min_length=1),
    "manager_id": CommaList(ma.fields.UUID(), validate=validate.Length(1, 50)),
}
CURRENCY = CommaList(Currency(), validate=validate.Length(1, 50))
SALES = Listing(
    Sale,
    filters=("customer_id", "currency", "kind"),
    choices={"kind": rules.KINDS},
    sorts=("occurred_at", "amount"),
    default_sort="-occurred_at",
    extra=FILTERS | periods.fields(),
)


def contribution(session: Session, actor: Actor, args: Data) -> Data:
    """Amount, share and profit per customer and currency."""
    per_customer = _per_customer(actor, args).cte("per_customer")
    totals = _totals(session, per_customer)
    whole = {total["currency"]: total["amount"] for total in totals}
    columns = per_customer.c
    statement = select(per_customer)
    if "customer_name" in args:
        name = search.folded(columns.customer_name)
        contained = search.has_text(name, search.normalise(args["customer_name"]))
        statement = statement.where(contained)
    if "manager_id" in args:
        statement = statement.where(columns.manager_id.in_(args["manager_id"]))
    if "currency" in args:
        statement = statement.where(columns.currency.in_(args["currency"]))
    if args.keys() & {"customer_name", "manager_id", "currency"}:
        counted = select(func.count()).select_from(statement.subquery())
        matching = session.scalars(counted).one()
    else:
        matching = sum(total["customers"] for total in totals)
    key = columns[args["sort"].removeprefix("-")]
    order = key.desc() if args["sort"].startswith("-") else key.asc()
    rows = session.execute(
        statement.order_by(columns.currency, order.nulls_last(), columns.customer_id)
        .offset(pages.offset_of(args))
        .limit(pages.row_limit(args))
    ).all()
    return {
        "period": period_of(args),
        "items": [
            dict(row._mapping) | {"share": rules.share(row.amount, whole[row.currency])}
            for row in rows
        ],
        "totals": totals,
        "next_cursor": pages.next_cursor(args, len(rows), matching),
        **pages.counted(args, matching),
    }


def contribution_rows(session: Session, actor: Actor, args: Data) -> Page:
    """The orders and returns that the contribution adds up."""
    customer = customers.reference()
    statement = _counted(select(Sale), actor, args, customer)
    if "customer_name" in args:
        statement = statement.where(customers.named(customer, args["customer_name"]))
    if "manager_id" in args:
        statement = statement.where(customer.manager_id.in_(args["manager_id"]))
    page = SALES.page(session, statement, pages.listing_args(args))
    known = customers.labels(session, [sale.customer_id for sale in page.items])
    return page.map(lambda sale: _with_customer(sale, known[sale.customer_id]))


def _per_customer(actor: Actor, args: Data) -> Select[Any]:
    customer = customers.reference()
    columns = (
        customer.id.label("customer_id"),
        customer.number.label("customer_number"),
        customer.name.label("customer_name"),
        customer.manager_id,
    )
    year = period_of(args).year
    if year is None:
        added = select(*columns, Sale.currency, *sums.columns())
        return _counted(added, actor, args, customer).group_by(customer.id, Sale.currency)
    kept = (getattr(SaleSum, name) for name in ("currency", *sums.NAMES))
    return (
        select(*columns, *kept)
        .select_from(SaleSum)
        .join(customer, customer.id == SaleSum.customer_id)
        .where(SaleSum.year == year, customers.in_scope(actor, customer))
    )


def _counted(statement: Select[Any], actor: Actor, args: Data, customer: Any) -> Select[Any]:
    return (
        statement.select_from(Sale)
        .join(customer, customer.id == Sale.customer_id)
        .where(
            sums.counts(),
            customers.in_scope(actor, customer),
            *period_of(args).conditions(Sale.occurred_at),
        )
    )


def _totals(session: Session, per_customer: Any) -> list[Data]:
    columns = per_customer.c
    added = (func.sum(columns[name]).label(name) for name in sums.NAMES)
    statement = select(columns.currency, func.count().label("customers"), *added)
    rows = session.execute(statement.group_by(columns.currency).order_by(columns.currency))
    return [dict(row._mapping) for row in rows]


def _with_customer(sale: Sale, customer: Any) -> Any:
    return records.show(sale, **customers.shown(customer), manager_id=customer.manager_id)
