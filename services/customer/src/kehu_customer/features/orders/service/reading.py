"""Reading the mirror of the sales system."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data import hits
from kehu_chassis.data.bulk import one_of
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.messaging.events import Event
from kehu_chassis.problems import not_found
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import events, rules
from kehu_customer.features.orders.models import SalesOrder, SalesReturn

_SORTS = ("ordered_at", "order_no")
_FILTERS = ("status", "order_no", "currency")
_RANGES = ("ordered_at", "ordered_on")
LISTING = Listing(
    SalesOrder, sorts=_SORTS, default_sort="-ordered_at", filters=_FILTERS, ranges=_RANGES
)
# The orders of all customers.
ALL = Listing(
    SalesOrder,
    sorts=_SORTS,
    default_sort="-ordered_at",
    filters=("customer_id", *_FILTERS),
    ranges=_RANGES,
)


def list_(session: Session, actor: Actor, customer_id: UUID, args: Mapping[str, Any]) -> Page:
    """The orders of a customer that the caller may read; 404 if they may not."""
    records.get(session, actor, customers.Customer, customer_id)
    return _page(session, LISTING, SalesOrder.customer_id == customer_id, args)


def list_all(session: Session, actor: Actor, args: Mapping[str, Any]) -> Page:
    """The orders of all customers that the caller may read."""
    return _page(session, ALL, _readable(session, actor), args)


def find(session: Session, actor: Actor, query: str) -> list[hits.Hit]:
    """The orders, in whatever state, that a search box shows to the caller."""
    visible = select(SalesOrder).where(_readable(session, actor))
    return hits.best(session, ALL, visible, query, by=("order_no",))


def _page(
    session: Session, listing: Listing, visible: ColumnElement[bool], args: Mapping[str, Any]
) -> Page:
    """One page of orders, shipped and paid ones unless others are asked for."""
    statement = select(SalesOrder).where(visible)
    page = listing.page(session, statement, {"status": rules.DELIVERED, **args})
    owners = customers.briefs(session, {order.customer_id for order in page.items})
    return page.map(lambda order: _shown(order, owners[order.customer_id]))


def _readable(session: Session, actor: Actor) -> ColumnElement[bool]:
    """SQL: the order belongs to a customer whom the caller may read."""
    visible = records.readable(session, actor, customers.Customer)
    return SalesOrder.customer_id.in_(select(customers.Customer.id).where(visible))


def _shown(order: SalesOrder, customer: Any) -> Any:
    return records.show(
        order,
        customer_number=customer.number,
        customer_name=customer.name,
        unpaid_amount=order.unpaid_amount,
        shown_lines=order.shown_lines,
    )


def get(session: Session, actor: Actor, customer_id: UUID, order_id: UUID) -> Any:
    """One order of a customer, with its lines and total."""
    customer = records.get(session, actor, customers.Customer, customer_id)
    order = session.get(SalesOrder, order_id)
    if order is None or order.customer_id != customer_id:
        raise not_found()
    return _shown(order, customer)


def last_order_days(
    session: Session,
    customer_ids: Collection[UUID],
    *,
    until: date | None = None,
    before: date | None = None,
) -> dict[UUID, date]:
    """The day of each customer's latest order that was not cancelled, up to or before a day."""
    statement = select(SalesOrder.customer_id, func.max(SalesOrder.ordered_on)).where(
        one_of(SalesOrder.customer_id, customer_ids), _counts()
    )
    if until is not None:
        statement = statement.where(SalesOrder.ordered_on <= until)
    if before is not None:
        statement = statement.where(SalesOrder.ordered_on < before)
    rows = session.execute(statement.group_by(SalesOrder.customer_id))
    return {customer_id: day for customer_id, day in rows if customer_id is not None}


def any_of(session: Session, customer_id: UUID) -> bool:
    """Whether a customer has any order or return, whatever its state."""
    return bool(session.scalar(select(have_orders(customer_id))))


def those_with_orders(session: Session, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those of these customers that have any order or return."""
    each = select(func.unnest(list(customer_ids)).label("id")).subquery()
    return set(session.scalars(select(each.c.id).where(have_orders(each.c.id))))


def have_orders(customer_id: Any) -> ColumnElement[bool]:
    """SQL: the customer of that id, or of a column's, has any order or return."""
    return or_(
        exists().where(SalesOrder.customer_id == customer_id),
        exists().where(SalesReturn.customer_id == customer_id),
    )


def snapshots(session: Session) -> Iterator[Event]:
    """The state of every order and return that belongs to a customer, or was taken from one, for
    resync."""
    orders = (
        select(SalesOrder.__table__)
        .where(_was_published(SalesOrder))
        .order_by(SalesOrder.id)
        .execution_options(yield_per=500)
    )
    for partition in session.execute(orders).mappings().partitions():
        owners = customers.briefs(session, {order["customer_id"] for order in partition} - {None})
        for order in partition:
            yield events.recorded(order, owners.get(order["customer_id"]))
    returns = (
        select(SalesReturn.__table__)
        .where(_was_published(SalesReturn))
        .execution_options(yield_per=500)
    )
    for row in session.execute(returns).mappings():
        yield events.returned(row, row["customer_id"])


def _was_published(model: Any) -> ColumnElement[bool]:
    return or_(model.customer_id.is_not(None), model.moves > 0)


def _counts() -> ColumnElement[bool]:
    return SalesOrder.status != rules.CANCELLED
