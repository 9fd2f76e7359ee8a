"""Who may read and change a customer with all that hangs on it, and locking it for a change."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.problems import forbidden, not_found
from kehu_chassis.records import system_settings
from kehu_customer.features.customers.models import Customer


def readable(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor may read a customer with all that hangs on it."""
    if system_settings.get(session, "customer_sharing") == "full" and actor.scope("customer:read"):
        return true()
    return directory.visible(actor, "customer:read", Customer.manager_id)


def present() -> Select[Customer]:
    """All customers that are not deleted."""
    return select(Customer).where(Customer.deleted_at.is_(None))


def deleted_ids() -> Select[UUID]:
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
    if "executive" in actor.roles:
        return True
    # Reading all customers in order to serve them does not include their bank account.
    wide = actor.scope("customer:read") == "all"
    permission = "customer:update" if wide else "customer:read"
    return _is_within(session, actor, customer_id, permission)


def lock(session: Session, actor: Actor, customer_id: UUID, permission: str) -> Customer:
    """A customer locked for a change: 404 if the actor may not read it, 403 if read it only."""
    customer = locked(session, customer_id)
    if customer is None:
        raise not_found()
    get(session, actor, customer_id)
    if not _is_within(session, actor, customer_id, permission):
        raise forbidden(permission)
    return customer


def locked(session: Session, customer_id: UUID, *, deleted: bool = False) -> Customer | None:
    """A customer of that id, locked; None if there is none or (unless asked for) it is deleted."""
    customer = session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
    if customer is not None and customer.deleted_at is not None and not deleted:
        return None
    return customer


def _is_within(session: Session, actor: Actor, customer_id: UUID, permission: str) -> bool:
    within = directory.visible(actor, permission, Customer.manager_id)
    found = select(Customer.id).where(Customer.id == customer_id, within)
    return session.scalar(found) is not None
