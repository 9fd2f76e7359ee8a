"""Linking customer codes of the sales system to customers, and taking them away again, with the
orders and returns under them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from kehu_chassis.messaging import outbox
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import events
from kehu_customer.features.orders.models import SalesAccount, SalesOrder, SalesReturn
from kehu_customer.features.orders.rules import CANCELLED, Applied


@dataclass
class OrderChanges:
    """The effects of recording or linking on customers: applied orders, and last order dates that
    the sales system had reported as stale."""

    applied: list[Applied] = field(default_factory=list)
    stale: list[tuple[UUID, datetime]] = field(default_factory=list)

    def add(self, other: "OrderChanges") -> None:
        """Add those of another step."""
        self.applied += other.applied
        self.stale += other.stale


def link(
    session: Session, accounts: Mapping[str, SalesAccount], links: Mapping[str, UUID]
) -> OrderChanges:
    """Link (locked) codes to customers, and attach the orders and returns that waited."""
    if not links:
        return OrderChanges()
    changes, codes = OrderChanges(), sorted(links)
    for code in codes:
        account = accounts[code]
        account.customer_id = links[code]
        if account.stale_last_order_at is not None:
            changes.stale.append((links[code], account.stale_last_order_at))
            account.stale_last_order_at = None
    session.flush()
    orders, returns = (
        _attach(
            session,
            model,
            model.account_code.in_(codes) & (SalesAccount.code == model.account_code),
            SalesAccount.customer_id,
        )
        for model in (SalesOrder, SalesReturn)
    )
    changes.applied += _publish_attached(session, orders, returns)
    return changes


def attach_by_number(session: Session, customer_id: UUID, number: str) -> OrderChanges:
    """Attach to a (locked) restored customer what named its number while it was deleted."""
    orders, returns = (
        _attach(session, model, model.customer_number == number, customer_id)
        for model in (SalesOrder, SalesReturn)
    )
    return OrderChanges(_publish_attached(session, orders, returns))


def unlink(
    session: Session,
    accounts: Mapping[str, SalesAccount],
    customer: customers.Customer,
    codes: Collection[str],
    *,
    decided_by: str | None,
) -> OrderChanges:
    """Take (locked) codes from a (locked) customer: their orders and returns wait again, except
    those that name the customer's number, and what the codes filled of the customer is emptied.

    ``decided_by`` as `SalesAccount.decided_by`: `PERSON` keeps events from linking the codes
    again.
    """
    if not codes:
        return OrderChanges()
    customer.sales_codes = sorted(set(customer.sales_codes) - set(codes))
    for code in codes:
        withdraw(customer, accounts[code])
        free(accounts[code], decided_by)
    session.flush()
    orders, returns = (
        _detach(session, model, customer, codes) for model in (SalesOrder, SalesReturn)
    )
    outbox.add_all(session, [events.recorded(order, None) for order in orders])
    outbox.add_all(session, [events.returned(row, None) for row in returns])
    return OrderChanges(
        [
            Applied(customer.id, order["ordered_at"], order["ordered_on"], counts=False)
            for order in orders
        ]
    )


def free(account: SalesAccount, decided_by: str | None = None) -> None:
    """Leave a (locked) code without customer."""
    account.customer_id, account.decided_by, account.filled = None, decided_by, {}


def withdraw(customer: Any, account: SalesAccount) -> None:
    """Empty the fields of a customer that an account filled and that are still as it filled them.
    A customer that the account made keeps them: they are its own."""
    if "name" not in account.filled:
        for name, mark in account.filled.items():
            if getattr(customer, name) == mark["value"]:
                setattr(customer, name, None)


def used_codes(session: Session, codes: Collection[str]) -> set[str]:
    """Those of these codes that an order or return names."""
    named = (
        select(model.account_code).where(model.account_code.in_(codes)).distinct()
        for model in (SalesOrder, SalesReturn)
    )
    return {code for statement in named for code in session.scalars(statement) if code}


def applied(order: Any) -> Applied:
    """The effect of an order on its customer."""
    counts = order["status"] != CANCELLED
    return Applied(order["customer_id"], order["ordered_at"], order["ordered_on"], counts)


def _attach(
    session: Session, model: Any, waiting: ColumnElement[bool], customer_id: Any
) -> list[Any]:
    return _move(session, model, waiting & model.customer_id.is_(None), customer_id)


def _detach(
    session: Session, model: Any, customer: customers.Customer, codes: Collection[str]
) -> list[Any]:
    other_number = or_(model.customer_number.is_(None), model.customer_number != customer.number)
    moved = (model.customer_id == customer.id) & model.account_code.in_(codes) & other_number
    return _move(session, model, moved, None)


def _move(session: Session, model: Any, moved: ColumnElement[bool], customer_id: Any) -> list[Any]:
    statement = (
        update(model)
        .where(moved)
        .values(customer_id=customer_id, moves=model.moves + 1)
        .returning(*model.__table__.columns)
        .execution_options(synchronize_session=False)
    )
    return list(session.execute(statement).mappings())


def _publish_attached(
    session: Session, orders: Sequence[Any], returns: Sequence[Any]
) -> list[Applied]:
    owners = customers.share(session, {order["customer_id"] for order in orders})
    outbox.add_all(
        session, [events.recorded(order, owners[order["customer_id"]]) for order in orders]
    )
    outbox.add_all(session, [events.returned(row, row["customer_id"]) for row in returns])
    return [applied(order) for order in orders]
