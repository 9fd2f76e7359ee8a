"""The register: who may see and change a customer, finding, making, losing and winning back."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, true
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import Actor
from kehu_chassis.data import numbers, search
from kehu_chassis.data.database import actor_of, advisory_lock, new_id
from kehu_chassis.data.search import normalise
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_chassis.problems import forbidden, not_found
from kehu_chassis.records import audit, system_settings
from kehu_customer.features.registry import events, rules
from kehu_customer.features.registry.models import Customer, CustomerLoss, CustomerOrigin

Columns = Customer  # for lists, which name what may be filtered and sorted by
CONFIDENTIAL = rules.CONFIDENTIAL
LEVELS = rules.LEVELS
STATUSES = rules.STATUSES
missing = rules.missing
registration_no = rules.registration_no
require_complete = rules.require_complete
require_normal = rules.require_normal
_BRIEF = (
    Customer.id,
    Customer.number,
    Customer.name,
    Customer.manager_id,
    Customer.status,
    Customer.lost_at,
)
notice = events.notice


def readable(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor may read a customer with all that hangs on it."""
    if system_settings.get(session, "customer_sharing") == "full" and actor.scope("customer:read"):
        return true()
    return directory.visible(actor, "customer:read", Customer.manager_id)


def confidential(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor may see a customer's bank, tax and capital fields."""
    if "executive" in actor.roles:
        return true()
    # Whoever reads all customers in order to serve them does not thereby see their bank account.
    wide = actor.scope("customer:read") == "all"
    permission = "customer:update" if wide else "customer:read"
    return directory.visible(actor, permission, Customer.manager_id)


def present() -> Select[Any]:
    """All customers that are not deleted."""
    return select(Customer).where(Customer.deleted_at.is_(None))


def searched_by_all(query: str) -> ColumnElement[bool]:
    """The condition that a customer's name (or its pinyin initials) or number has these words: what
    is known to all.  Were the rest searched too, finding would tell whose phone a number is."""
    number = func.lower(Customer.number)
    known = func.split_part(Customer.search_text, number, 1).concat(number)
    return search.matches(query, Customer.search_grams.expression, known)


def deleted_ids() -> Select[Any]:
    """The ids of deleted customers, whose records are hidden until they are gone."""
    return select(Customer.id).where(Customer.deleted_at.is_not(None))


def get(session: Session, actor: Actor, customer_id: UUID) -> Customer:
    """A customer that the actor may read; 404 otherwise."""
    found = present().where(Customer.id == customer_id, readable(session, actor))
    customer: Customer | None = session.scalar(found)
    if customer is None:
        raise not_found()
    return customer


def sees_confidential(session: Session, actor: Actor, customer_id: UUID) -> bool:
    """Whether the actor may see the bank, tax and capital fields of this customer."""
    found = select(Customer.id).where(Customer.id == customer_id, confidential(actor))
    return session.scalar(found) is not None


def lock(session: Session, actor: Actor, customer_id: UUID, act: str) -> Customer:
    """A customer locked for a change: 404 if the actor may not read it, 403 if read it only."""
    customer = locked(session, customer_id)
    if customer is None:
        raise not_found()
    get(session, actor, customer_id)
    permitted = directory.visible(actor, act, Customer.manager_id)
    if session.scalar(select(Customer.id).where(Customer.id == customer_id, permitted)) is None:
        raise forbidden(act)
    return customer


def locked(session: Session, customer_id: UUID, *, deleted: bool = False) -> Customer | None:
    """A customer of that id, locked; None if there is none or (unless asked for) it is deleted."""
    customer = session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
    if customer is not None and customer.deleted_at is not None and not deleted:
        return None
    return customer


def restorable_since(session: Session) -> datetime:
    """Whatever was deleted before is gone for good."""
    return clock.now() - timedelta(days=system_settings.get(session, "customer_restore_days"))


def restorable(session: Session, actor: Actor) -> Select[Any]:
    """The deleted customers that the actor might restore; 403 for whoever may not delete any."""
    if actor.scope("customer:delete") is None:
        raise forbidden("customer:delete")
    return select(Customer).where(
        Customer.deleted_at >= restorable_since(session),
        directory.visible(actor, "customer:delete", Customer.manager_id),
    )


def deleted(session: Session, actor: Actor, customer_id: UUID, act: str) -> Customer:
    """A deleted customer that the actor might have deleted; 404 otherwise."""
    found = select(Customer).where(
        Customer.id == customer_id, directory.visible(actor, act, Customer.manager_id)
    )
    customer = session.scalar(found)
    if customer is None:
        raise not_found()
    return customer


def lock_identities(session: Session, identities: Iterable[tuple[str | None, str | None]]) -> None:
    """Hold the locks on names and registration numbers under which companies are looked for."""
    names: set[str] = set()
    for name, registration_no in identities:
        if name:
            names.add(f"customer-name:{normalise(name)}")
        if registration_no:
            names.add(f"customer-registration:{registration_no}")
    advisory_lock(session, *names)


def lock_numbers(session: Session, customer_numbers: Collection[str]) -> None:
    """Hold the locks on customer numbers: what names one and bringing its customer back must not
    pass each other by."""
    advisory_lock(session, *(f"customer-number:{number}" for number in customer_numbers))


def candidates(
    session: Session,
    *,
    ids: Collection[UUID] = (),
    numbers: Collection[str] = (),
    registration_nos: Collection[str] = (),
    names: Collection[str] = (),
) -> list[Customer]:
    """Every customer with one of these marks, the oldest first, locked."""
    conditions = [
        Customer.id.in_(ids),
        Customer.number.in_(numbers),
        Customer.registration_no.in_(registration_nos),
        Customer.name_key.in_([normalise(name) for name in names]),
    ]
    found = session.scalars(
        present()
        .where(or_(*conditions))
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return sorted(found, key=lambda customer: (customer.created_at, customer.id))


def add(session: Session, customers: list[dict[str, Any]]) -> list[Customer]:
    """New customers from their fields; what is not given has its default.  Flushed."""
    made = []
    # Taken together, as the row of the last number stays locked until the end.
    for number, fields in zip(
        numbers.next_numbers(session, "KH", len(customers)) if customers else [],
        customers,
        strict=True,
    ):
        customer = Customer(
            id=new_id(),
            number=number,
            level="ordinary",
            satisfaction=3,
            credit=3,
            tags=[],
            products=[],
            sales_codes=[],
            is_prospect=False,
            status="normal",
        )
        assign(customer, fields)
        made.append(customer)
    session.add_all(made)
    session.flush()
    return made


def assign(customer: Customer, fields: Mapping[str, Any]) -> None:
    """Set fields, and what is derived from them."""
    for field, value in fields.items():
        setattr(customer, field, value)
    customer.name_key = normalise(customer.name)
    customer.set_search(
        customer.name,
        customer.number,  # in this order, see searched_by_all
        customer.phone,
        customer.registration_no,
        *customer.sales_codes[:20],
    )


def tell_created(
    session: Session, *customers: Customer, opportunity_id: UUID | None = None
) -> None:
    """Publish that customers came to be."""
    outbox.add_all(session, [events.created(customer, opportunity_id) for customer in customers])


def tell_linked(session: Session, customer: Customer, opportunity_id: UUID) -> None:
    """Publish that a further opportunity was won for a customer."""
    outbox.add(session, events.linked(customer, opportunity_id))


def tell_changed(session: Session, customer: Customer) -> None:
    """Publish the state of a customer after a change."""
    session.flush()
    outbox.add(session, events.changed(customer))


def tell_deleted(session: Session, customer: Customer) -> None:
    """Publish that a customer is deleted."""
    session.flush()
    outbox.add(session, events.deleted(customer))


def has_origin(session: Session, opportunity_id: UUID) -> bool:
    """Whether it was decided before whose an opportunity is, be that customer gone or not."""
    return session.get(CustomerOrigin, opportunity_id) is not None


def add_origin(session: Session, customer: Customer, opportunity_id: UUID) -> None:
    """Note that an opportunity was won for a customer."""
    session.add(
        CustomerOrigin(
            opportunity_id=opportunity_id, customer_id=customer.id, created_at=clock.now()
        )
    )


def has_history(session: Session, customer_id: UUID) -> bool:
    """Whether any opportunity was won for a customer, or it was ever lost."""
    won = exists().where(CustomerOrigin.customer_id == customer_id)
    lost = exists().where(CustomerLoss.customer_id == customer_id)
    return bool(session.scalar(select(or_(won, lost))))


def present_ids(session: Session, customer_numbers: Collection[str]) -> dict[str, UUID]:
    """The ids of customers by number."""
    if not customer_numbers:
        return {}
    rows = session.execute(
        select(Customer.number, Customer.id).where(
            Customer.number.in_(customer_numbers), Customer.deleted_at.is_(None)
        )
    )
    return {row.number: row.id for row in rows}


def briefs(session: Session, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Number, name, manager and state of customers."""
    return _briefs(session, select(*_BRIEF).where(Customer.id.in_(ids))) if ids else {}


def share(session: Session, ids: Collection[UUID]) -> dict[UUID, Any]:
    """The same of those that are not deleted, held until the end of the transaction.

    Scans, losses and deletions lock a customer exclusively, so that none of them can pass by an
    order that is being recorded.
    """
    if not ids:
        return {}
    held = select(*_BRIEF).where(Customer.id.in_(ids), Customer.deleted_at.is_(None))
    return _briefs(session, held.order_by(Customer.id).with_for_update(read=True))


def _briefs(session: Session, statement: Any) -> dict[UUID, Any]:
    return {row.id: row for row in session.execute(statement)}


def add_codes(session: Session, links: Mapping[str, UUID]) -> dict[str, UUID]:
    """Note on customers the sales system's codes that are to be linked to them; returns the links
    without those to customers that were deleted meanwhile."""
    kept = {}
    for code, customer_id in sorted(links.items(), key=lambda link: (link[1], link[0])):
        customer = locked(session, customer_id)
        if customer is None:
            continue
        kept[code] = customer_id
        if code not in customer.sales_codes:
            assign(customer, {"sales_codes": sorted([*customer.sales_codes, code])})
            tell_changed(session, customer)
    return kept


def normal_batch(session: Session, after: UUID, limit: int) -> list[Any]:
    """The next ``limit`` normal customers by id, locked: what a scan looks at."""
    return list(
        session.execute(
            select(
                Customer.id,
                Customer.number,
                Customer.name,
                Customer.manager_id,
                Customer.level,
                Customer.status,
                Customer.churn_months,
                Customer.is_prospect,
                Customer.created_at,
            )
            .where(Customer.id > after, Customer.status == "normal", Customer.deleted_at.is_(None))
            .order_by(Customer.id)
            .limit(limit)
            .with_for_update()
        )
    )


def lose(
    session: Session, customer: Customer, *, warning_id: UUID, reason_code: str, reason: str
) -> None:
    """A (locked) customer is lost: keep when, why and with whom."""
    rules.require_normal(customer)
    moment = clock.now()
    customer.status, customer.lost_at = "lost", moment
    loss = CustomerLoss(
        id=new_id(),
        customer_id=customer.id,
        warning_id=warning_id,
        lost_at=moment,
        reason_code=reason_code,
        reason=reason,
        manager_id=customer.manager_id,
        confirmed_by=actor_of(session).id,
    )
    session.add(loss)
    session.flush()
    outbox.add(session, events.lost(customer, loss))


def reactivate(
    session: Session, customer: Customer, *, cause: str, reason: str | None = None
) -> None:
    """A (locked) lost customer is back; the loss stays in the history."""
    rules.require_lost(customer)
    loss = session.scalars(
        select(CustomerLoss)
        .where(CustomerLoss.customer_id == customer.id, CustomerLoss.reactivated_at.is_(None))
        .order_by(CustomerLoss.lost_at.desc())
        .limit(1)
    ).one()
    customer.status, customer.lost_at = "normal", None
    loss.reactivated_at, loss.reactivated_by = clock.now(), actor_of(session).id
    loss.reactivation_cause, loss.reactivation_reason = cause, reason
    session.flush()
    outbox.add(session, events.reactivated(customer, loss))


def reactivate_by_order(session: Session, ordered: Mapping[UUID, datetime]) -> None:
    """Lost customers among these are back if their latest order is dated after the loss."""
    for customer_id in sorted(ordered):
        customer = locked(session, customer_id)
        if customer is None or customer.lost_at is None:
            continue
        if ordered[customer_id] > customer.lost_at:
            reactivate(session, customer, cause="order")


def losses(session: Session, customer_id: UUID) -> list[CustomerLoss]:
    """Every loss of a customer, the latest first."""
    return list(
        session.scalars(
            select(CustomerLoss)
            .where(CustomerLoss.customer_id == customer_id)
            .order_by(CustomerLoss.lost_at.desc())
        )
    )


def purge(session: Session, limit: int, *, keep: ColumnElement[bool]) -> int:
    """Remove for good what can no longer be restored, but for those to ``keep``; returns how many
    customers.  The audit trail has one entry with the numbers of all that are gone."""
    gone = (
        select(Customer.id, Customer.number)
        .where(Customer.deleted_at < restorable_since(session), ~keep)
        .order_by(Customer.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    numbers_of = {row.id: row.number for row in session.execute(gone)}
    if numbers_of:
        session.execute(delete(Customer).where(Customer.id.in_(numbers_of)))
        audit.note(
            session,
            action="purged",
            record_type="customer",
            changes=[
                {"field": "number", "old": number, "new": None} for number in numbers_of.values()
            ],
        )
    return len(numbers_of)


def snapshots(session: Session) -> Iterator[Event]:
    """The state of every customer, its won opportunities and its losses, for resync; the present
    state comes last.  Of deleted ones that they are."""
    found = select(Customer).order_by(Customer.id).execution_options(yield_per=500)
    for customers in session.scalars(found).partitions():
        ids = [customer.id for customer in customers]
        origins = _by_customer(session, CustomerOrigin, ids, CustomerOrigin.opportunity_id)
        losses = _by_customer(session, CustomerLoss, ids, CustomerLoss.lost_at)
        for customer in customers:
            if customer.deleted_at is not None:
                yield events.deleted(customer)
                continue
            for origin in origins.get(customer.id, ()):
                yield events.linked(customer, origin.opportunity_id)
            for loss in losses.get(customer.id, ()):
                yield events.lost(customer, loss)
                if loss.reactivated_at is not None:
                    yield events.reactivated(customer, loss)
            yield events.changed(customer)


def _by_customer(
    session: Session, model: Any, ids: Collection[UUID], order: Any
) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    statement = select(model).where(model.customer_id.in_(ids)).order_by(order)
    for record in session.scalars(statement):
        found.setdefault(record.customer_id, []).append(record)
    return found
