"""Customers deleted and restored by people, and removed for good in the end."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.problems import Problem, not_found, wrong_state
from kehu_chassis.records import audit, precondition
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customer_management.service.reading import detail
from kehu_customer.features.customers import service as customers
from kehu_customer.features.customers.service import Customer
from kehu_customer.features.orders import service as orders

_PURGE_BATCH = 200


def delete(session: Session, actor: Actor, customer_id: UUID) -> None:
    """Delete a customer without orders; it can be restored for `customer_restore_days`."""
    before = records.get(session, actor, Customer, customer_id)
    orders.lock_accounts(session, before.sales_codes)
    customer = records.lock(session, actor, Customer, customer_id, "customer:delete")
    if orders.any_of(session, customer_id):
        raise Problem(409, "customer-has-orders")
    # From now on, orders under its codes wait for the next customer that gets them.
    orders.unlink(session, customer_id, customer.sales_codes)
    customer.deleted_at = clock.now()
    audit.act(session, customer, "deleted")


def restore(session: Session, actor: Actor, customer_id: UUID) -> Any:
    """Restore a deleted customer, with its codes that are still free and the orders that named its
    number."""
    before = customers.restorable(session, actor, customer_id, "customer:delete")
    customers.lock_identities(session, [(before.name, before.registration_no)])
    customers.lock_numbers(session, [before.number])
    accounts = orders.lock_accounts(session, before.sales_codes)
    # `records.lock` finds only what is not deleted.
    customer = records.for_update(session, Customer, customer_id)
    if customer is None:
        raise not_found()
    if customer.deleted_at is None:
        raise wrong_state("customer", customer.status)
    precondition.check(customer)
    if customer.deleted_at < customers.restorable_since(session):
        raise not_found()
    free = sorted(code for code, account in accounts.items() if account.customer_id is None)
    customer.deleted_at, customer.sales_codes = None, free
    audit.act(session, customer, "restored")
    changes = orders.link(session, accounts, dict.fromkeys(free, customer_id))
    changes.add(orders.attach_by_number(session, customer_id, customer.number))
    churn.react_to_orders(session, changes)
    return detail(session, actor, customer)


def purge(session: Session) -> int:
    """Remove for good what can no longer be restored; returns how many."""
    # A customer with orders is not deleted; if one were, it must not block the purge of the others.
    return customers.purge(session, _PURGE_BATCH, keep=orders.have_orders)
