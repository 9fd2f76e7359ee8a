"""The sums of each customer's sales by year and over all time.

They are kept so that a report need not add up every order again (ADR 0043).
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select, tuple_
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.data.bulk import one_of
from kehu_chassis.data.database import advisory_lock
from kehu_reporting import periods
from kehu_reporting.features.contribution import rules
from kehu_reporting.features.contribution.models import Sale, SaleSum

NAMES = ("orders", "ordered", "returned", "amount", "profit", "orders_with_profit")


def counts() -> ColumnElement[bool]:
    """Whether a sale counts: a return, or an order that was shipped or paid."""
    return or_(Sale.kind == rules.RETURN, Sale.status.in_(rules.COUNTED_STATUSES))


def columns() -> tuple[ColumnElement[Any], ...]:
    """The sums of some sales, in the order of `NAMES`."""
    is_order = Sale.kind == rules.ORDER
    return (
        func.count().filter(is_order).label("orders"),
        _sum(is_order).label("ordered"),
        (-_sum(~is_order)).label("returned"),
        func.sum(Sale.amount).label("amount"),
        func.sum(Sale.profit).label("profit"),
        func.count(Sale.profit).label("orders_with_profit"),
    )


def renew(session: Session, customer_ids: Collection[UUID]) -> None:
    """Add up the sales of these customers again."""
    if not customer_ids:
        return
    # Whoever stores another sale of one of them meanwhile waits, and then adds up these, too.
    advisory_lock(session, *(f"sales-of:{ident}" for ident in customer_ids))
    session.execute(delete(SaleSum).where(one_of(SaleSum.customer_id, customer_ids)))
    found = by_period().where(one_of(Sale.customer_id, customer_ids))
    session.execute(insert(SaleSum).from_select(["customer_id", "currency", "year", *NAMES], found))


def by_period() -> Select[Any]:
    """The rows of `SaleSum` for all sales, by year in the company's time zone."""
    local = func.timezone(clock.timezone().key, Sale.occurred_at)
    year = func.extract("year", local)
    keys = (Sale.customer_id, Sale.currency)
    return (
        select(*keys, func.coalesce(year, periods.ALL_TIME).label("year"), *columns())
        .where(Sale.customer_id.is_not(None), counts())
        .group_by(func.grouping_sets(tuple_(*keys), tuple_(*keys, year)))
    )


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(Sale.amount).filter(condition), Decimal("0.00"))
