"""Existing customers, locking one of them, and access to confidential fields."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_customer.features.customers.models import Customer


def present() -> Select[Customer]:
    """All customers that are not deleted."""
    return select(Customer).where(Customer.deleted_at.is_(None))


def deleted_ids() -> Select[UUID]:
    """The ids of deleted customers, whose records are hidden until they are gone."""
    return select(Customer.id).where(Customer.deleted_at.is_not(None))


def hold(session: Session, customer_id: UUID) -> Customer | None:
    """A customer, locked without a check of permissions; None if there is none or it is deleted."""
    customer = records.for_update(session, Customer, customer_id)
    return customer if customer is not None and customer.deleted_at is None else None


def sees_confidential(session: Session, actor: Actor, customer_id: UUID) -> bool:
    """Whether the caller may see the bank, tax and capital fields of this customer."""
    if "executive" in actor.roles:
        return True
    # Reading all customers in order to serve them does not include their bank account; nor does
    # reading them because they are shared, which `records.readable` would count.
    wide = actor.scope("customer:read") == "all"
    permission = "customer:update" if wide else "customer:read"
    within = directory.visible(actor, permission, Customer.manager_id)
    found = select(Customer.id).where(Customer.id == customer_id, within)
    return session.scalar(found) is not None
