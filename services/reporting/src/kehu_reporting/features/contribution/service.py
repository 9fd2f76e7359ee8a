"""Storing orders and returns, and reporting what each customer contributes."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import marshmallow as ma
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data import search, validate
from kehu_chassis.data.fields import CommaList, Text
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.messaging import projection
from kehu_chassis.messaging.versions import known
from kehu_reporting import pages, periods
from kehu_reporting.features.contribution import rules
from kehu_reporting.features.contribution.models import Sale
from kehu_reporting.features.customers import service as customers
from kehu_reporting.periods import period_of

Data = dict[str, Any]
# A return has no id: one derived from its number is the same at every delivery.
_RETURNS = uuid5(NAMESPACE_URL, "urn:kehu:return")

FILTERS: dict[str, ma.fields.Field[Any]] = {
    "customer_name": Text(max_length=100, min_length=1),
    "manager_id": CommaList(ma.fields.UUID(), validate=validate.Length(1, 50)),
}
SALES = Listing(
    Sale,
    filters=("customer_id", "currency", "kind"),
    choices={"kind": rules.KINDS},
    sorts=("occurred_at", "amount"),
    default_sort="-occurred_at",
    extra=FILTERS | periods.fields(),
)


def store_orders(session: Session, events: Sequence[tuple[Data, int]]) -> None:
    """Store the newest state of each order."""
    customers.mentioned(session, [data for data, _ in events if data["customer_id"]])
    _store(session, [_order(data, version) for data, version in events])


def store_returns(session: Session, events: Sequence[tuple[Data, int]]) -> None:
    """Store returns, each under its number."""
    _store(session, [_return(data, version) for data, version in events])


def contribution(session: Session, actor: Actor, args: Data) -> Data:
    """Amount, share and profit per customer and currency."""
    per_customer = _per_customer(actor, args).cte("per_customer")
    columns = per_customer.c
    whole = func.sum(columns.amount).over(partition_by=columns.currency).label("whole")
    ranked = select(per_customer, whole).cte("ranked")
    statement = select(ranked, func.count().over().label("matching"))
    if "customer_name" in args:
        name = search.folded(ranked.c.customer_name)
        contained = search.has_text(name, search.normalise(args["customer_name"]))
        statement = statement.where(contained)
    if "manager_id" in args:
        statement = statement.where(ranked.c.manager_id.in_(args["manager_id"]))
    key = ranked.c[args["sort"].removeprefix("-")]
    order = key.desc() if args["sort"].startswith("-") else key.asc()
    offset, limit = pages.offset_of(args), pages.row_limit(args)
    rows = session.execute(
        statement.order_by(ranked.c.currency, order.nulls_last(), ranked.c.customer_id)
        .offset(offset)
        .limit(limit)
    ).all()
    matching = rows[0].matching if rows else 0
    return {
        "period": period_of(args),
        "items": [
            dict(row._mapping) | {"share": rules.share(row.amount, row.whole)} for row in rows
        ],
        "totals": _totals(session, per_customer),
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
    is_order = Sale.kind == rules.ORDER
    columns = (
        customer.id.label("customer_id"),
        customer.number.label("customer_number"),
        customer.name.label("customer_name"),
        customer.manager_id,
        Sale.currency,
        func.count().filter(is_order).label("orders"),
        _sum(Sale.amount, is_order).label("ordered"),
        (-_sum(Sale.amount, ~is_order)).label("returned"),
        func.sum(Sale.amount).label("amount"),
        func.sum(Sale.profit).label("profit"),
        func.count(Sale.profit).label("orders_with_profit"),
    )
    return _counted(select(*columns), actor, args, customer).group_by(customer.id, Sale.currency)


def _counted(statement: Select[Any], actor: Actor, args: Data, customer: Any) -> Select[Any]:
    return (
        statement.select_from(Sale)
        .join(customer, customer.id == Sale.customer_id)
        .where(
            or_(Sale.kind == rules.RETURN, Sale.status.in_(rules.COUNTED_STATUSES)),
            customers.in_scope(actor, customer),
            *period_of(args).conditions(Sale.occurred_at),
        )
    )


def _totals(session: Session, per_customer: Any) -> list[Data]:
    columns = per_customer.c
    sums = (
        func.sum(columns[name]).label(name)
        for name in ("orders", "ordered", "returned", "amount", "profit", "orders_with_profit")
    )
    statement = select(columns.currency, func.count().label("customers"), *sums)
    rows = session.execute(statement.group_by(columns.currency).order_by(columns.currency))
    return [dict(row._mapping) for row in rows]


def _store(session: Session, rows: list[Data]) -> None:
    # The version is the sales system's.  It stays when the customer service attaches an order to
    # its customer, so two events have it: without customer, then with one.
    projection.store(session, Sale, rows, "id", added=["customer_id"])


def _sum(column: Any, condition: ColumnElement[bool]) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(column).filter(condition), Decimal("0.00"))


def _order(data: Data, version: int) -> Data:
    return {
        "id": UUID(data["order_id"]),
        "kind": rules.ORDER,
        "number": data["order_no"],
        "order_no": data["order_no"],
        "customer_id": projection.uuid_of(data["customer_id"]),
        "status": data["status"],
        "occurred_at": datetime.fromisoformat(data["ordered_at"]),
        "currency": data["currency"],
        "amount": Decimal(data["total"]),
        "profit": Decimal(data["profit"]) if data.get("profit") is not None else None,
        "version": version,
    }


def _return(data: Data, version: int) -> Data:
    return {
        "id": uuid5(_RETURNS, data["return_no"]),
        "kind": rules.RETURN,
        "number": data["return_no"],
        "order_no": data.get("order_no"),
        "customer_id": projection.uuid_of(data["customer_id"]),
        "status": None,
        "occurred_at": datetime.fromisoformat(data["returned_at"]),
        "currency": data["currency"],
        "amount": -Decimal(data["total"]),
        "profit": None,
        "version": version,
    }


def _with_customer(sale: Sale, customer: Any) -> Any:
    return records.show(sale, **customers.shown(customer), manager_id=customer.manager_id)


VERSIONS = [
    known(
        "customer.order-recorded.v1",
        select(Sale.id, Sale.version, Sale.customer_id.is_(None)).where(Sale.kind == rules.ORDER),
    ),
    known(
        "customer.return-recorded.v1",
        select(Sale.number, Sale.version, Sale.customer_id.is_(None)).where(
            Sale.kind == rules.RETURN
        ),
    ),
]
