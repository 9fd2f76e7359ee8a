"""Who manages a customer, and bringing a lost one back."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.records import precondition
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customer_management.service.reading import view
from kehu_customer.features.customers import service as customers
from kehu_customer.features.customers.service import CustomerView

MANAGERS = ("account_manager", "sales_director")


def reassign(
    session: Session, actor: Actor, customer_id: UUID, *, manager_id: UUID
) -> CustomerView:
    """Give a customer another manager; its warnings go with it."""
    customer: Any = customers.lock(session, actor, customer_id, "customer:reassign")
    precondition.check(customer)
    customers.require_normal(customer)
    manager = directory.require_colleague(
        session,
        actor,
        manager_id,
        field="manager_id",
        roles=MANAGERS,
        permission="customer:reassign",
    )
    if customer.manager_id != manager.id:
        customer.manager_id = manager.id
        customers.publish_changed(session, customer)
        churn.follow(session, customer)
    return view(session, actor, customer)


def reactivate(session: Session, actor: Actor, customer_id: UUID, *, reason: str) -> CustomerView:
    """A director wins a lost customer back."""
    customer = customers.lock(session, actor, customer_id, "customer:reactivate")
    precondition.check(customer)
    customers.reactivate(session, customer, cause="manual", reason=reason)
    return view(session, actor, customer)
