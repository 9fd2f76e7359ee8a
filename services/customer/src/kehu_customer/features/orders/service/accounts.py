"""Customer codes of the sales system, and attaching what arrived before they were linked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.data.database import new_id
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.data.search import normalise
from kehu_chassis.messaging import outbox
from kehu_chassis.problems import Problem
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import events
from kehu_customer.features.orders.models import SalesAccount, SalesOrder, SalesReturn
from kehu_customer.features.orders.rules import CANCELLED, Applied

_KEPT = ("name", "registration_no", "region", "address", "phone")


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


def lock_accounts(session: Session, codes: Collection[str]) -> dict[str, SalesAccount]:
    """The rows of these codes, made if new, locked in one order until the transaction ends."""
    if not codes:
        return {}
    wanted = sorted(set(codes))
    statement = (
        select(SalesAccount)
        .where(SalesAccount.code.in_(wanted))
        .order_by(SalesAccount.code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {account.code: account for account in session.scalars(statement)}
    unknown = [code for code in wanted if code not in found]
    if unknown:
        moment = clock.now()
        session.execute(
            insert(SalesAccount).on_conflict_do_nothing(index_elements=["code"]),
            [{"id": new_id(), "code": code, "created_at": moment} for code in unknown],
        )
        found = {account.code: account for account in session.scalars(statement)}
    return found


def require_codes(
    session: Session, customer_id: UUID | None, codes: Sequence[str]
) -> dict[str, SalesAccount]:
    """Lock codes that a person gives to a customer; 409 if another customer has one."""
    accounts = lock_accounts(session, codes)
    for account in accounts.values():
        if account.customer_id not in (None, customer_id):
            raise Problem(409, "sales-code-taken", params={"code": account.code})
    return accounts


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


def _attach(
    session: Session, model: Any, waiting: ColumnElement[bool], customer_id: Any
) -> list[Any]:
    statement = (
        update(model)
        .where(waiting, model.customer_id.is_(None))
        .values(customer_id=customer_id)
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


def applied(order: Any) -> Applied:
    """The effect of an order on its customer."""
    counts = order["status"] != CANCELLED
    return Applied(order["customer_id"], order["ordered_at"], order["ordered_on"], counts)


def unlink(session: Session, customer_id: UUID, codes: Collection[str]) -> None:
    """Take (locked) codes from a customer; 409 for a code that has orders."""
    if not codes:
        return
    for model in (SalesOrder, SalesReturn):
        used = select(model.account_code).where(
            model.customer_id == customer_id, model.account_code.in_(codes)
        )
        code = session.scalar(used.limit(1))
        if code is not None:
            raise Problem(409, "sales-code-in-use", params={"code": code})
    session.execute(
        update(SalesAccount)
        .where(SalesAccount.customer_id == customer_id, SalesAccount.code.in_(codes))
        .values(customer_id=None, filled={})
    )


def record_announcement(account: SalesAccount, version: int, data: Mapping[str, Any]) -> bool:
    """Record the newest announcement of a (locked) code; False if this one repeats it.  An older
    version returns True, as it may not have arrived before."""
    if account.announced_version == version:
        return False
    if account.announced_version is None or account.announced_version < version:
        account.announced_version = version
        account.announced = {name: data[name] for name in _KEPT if data.get(name)}
    return True


def differences(session: Session, customer: Any) -> list[dict[str, Any]]:
    """The fields in which the sales system differs from our customer."""
    found = []
    accounts = select(SalesAccount).where(SalesAccount.customer_id == customer.id)
    for account in session.scalars(accounts.order_by(SalesAccount.code)):
        for name, value in sorted((account.announced or {}).items()):
            ours = getattr(customer, name)
            if normalise(ours or "") != normalise(value):
                found.append({"code": account.code, "field": name, "ours": ours, "sales": value})
    return found


UNLINKED = Listing(
    SalesAccount,
    sorts=("code", "created_at"),
    default_sort="code",
    filters=("code",),
)


def list_unlinked(session: Session, args: Mapping[str, Any]) -> Page:
    """The codes that belong to no customer yet, with their waiting orders."""
    statement = select(SalesAccount).where(SalesAccount.customer_id.is_(None))
    page = UNLINKED.page(session, statement, args)
    waiting = session.execute(
        select(
            SalesOrder.account_code.label("code"),
            func.count().label("count"),
            func.min(SalesOrder.ordered_at).label("first"),
            func.max(SalesOrder.ordered_at).label("last"),
        )
        .where(
            SalesOrder.account_code.in_([account.code for account in page.items]),
            SalesOrder.customer_id.is_(None),
        )
        .group_by(SalesOrder.account_code)
    )
    orders = {row.code: row for row in waiting}
    return page.map(lambda account: _show_unlinked(account, orders.get(account.code)))


def _show_unlinked(account: SalesAccount, waiting: Any) -> Any:
    return records.show(
        account,
        name=(account.announced or {}).get("name"),
        waiting_orders=waiting.count if waiting else 0,
        first_ordered_at=waiting.first if waiting else None,
        last_ordered_at=waiting.last if waiting else None,
    )
