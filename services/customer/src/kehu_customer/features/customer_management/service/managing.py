"""Reassigning customers, and reactivating lost ones."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customer_management import operations
from kehu_customer.features.customer_management.service.reading import detail
from kehu_customer.features.customers import service as customers


def reassign(session: Session, actor: Actor, customer_id: UUID, *, manager_id: UUID) -> Any:
    """Give a customer another manager; its warnings go with it."""
    customer = records.lock(session, actor, operations.REASSIGN, customer_id)
    manager = directory.require_colleague(
        session,
        actor,
        manager_id,
        field="manager_id",
        roles=customers.MANAGERS,
        permission=operations.REASSIGN.permission,
    )
    previous = customer.manager_id
    if previous != manager.id:
        customer.manager_id = manager.id
        churn.follow(session, customer)
        customers.notify_managers(session, actor, customer, previous)
    return detail(session, actor, customer)


def reactivate(session: Session, actor: Actor, customer_id: UUID, *, reason: str) -> Any:
    """Reactivate a lost customer."""
    customer = records.lock(session, actor, operations.REACTIVATE, customer_id)
    customers.reactivate(session, customer, cause="manual", reason=reason)
    return detail(session, actor, customer)
