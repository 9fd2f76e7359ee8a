"""Customers deleted and restored by people, and removed for good in the end."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.problems import Problem, not_found
from kehu_chassis.records import audit
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customer_management import operations
from kehu_customer.features.customer_management.service import codes
from kehu_customer.features.customer_management.service.entry import refuse_duplicates
from kehu_customer.features.customer_management.service.reading import detail
from kehu_customer.features.customers import service as customers
from kehu_customer.features.customers.service import Customer
from kehu_customer.features.open_work import service as open_work
from kehu_customer.features.orders import service as orders

_PURGE_BATCH = 200


def delete(
    session: Session, actor: Actor, customer_id: UUID, *, allow_open_work: bool = False
) -> None:
    """Delete a customer without orders; it can be restored for `customer_restore_days`.  409 counts
    its open service requests and opportunities, unless ``allow_open_work``."""
    before = records.get(session, actor, Customer, customer_id)
    accounts = orders.lock_accounts(session, before.sales_codes)
    customer = records.lock(session, actor, operations.DELETE, customer_id)
    counts = open_work.counts(session, customer_id)
    if any(counts.values()) and not allow_open_work:
        raise Problem(409, "customer-has-open-work", params=counts)
    # From now on, orders under its codes wait for the next customer that gets them.
    for account in accounts.values():
        if account.customer_id == customer_id:
            orders.free(account)
    customer.deleted_at = clock.now()
    audit.act(session, customer, "deleted")


def restore(
    session: Session, actor: Actor, customer_id: UUID, *, allow_duplicate: bool = False
) -> Any:
    """Restore a deleted customer, with its codes that are still free and the orders that named its
    number; 409 for a duplicate that came meanwhile, unless ``allow_duplicate``."""
    before = customers.restorable(session, actor, customer_id, operations.RESTORE.permission)
    customers.lock_identities(session, [(before.name, before.registration_no)])
    customers.lock_numbers(session, [before.number])
    accounts = orders.lock_accounts(session, before.sales_codes)
    customer = records.lock(session, actor, operations.RESTORE, customer_id)
    assert customer.deleted_at is not None, "`RESTORE` is an operation on deleted customers"
    if customer.deleted_at < customers.restorable_since(session):
        raise not_found()
    if not allow_duplicate:
        refuse_duplicates(session, name=customer.name, registration_no=customer.registration_no)
    free = _free_codes(session, actor, accounts)
    customer.deleted_at, customer.sales_codes = None, free
    audit.act(session, customer, "restored")
    changes = codes.link(session, accounts, customer, free)
    changes.add(orders.attach_by_number(session, customer_id, customer.number))
    churn.react_to_orders(session, changes)
    return detail(session, actor, customer)


def _free_codes(session: Session, actor: Actor, accounts: Mapping[str, Any]) -> list[str]:
    """The codes that come back with a customer: those that the caller might link now, and that no
    person has taken away meanwhile."""
    if actor.scope(operations.LINK_CODE.permission) is None:
        return []
    known = orders.known_codes(session, accounts)
    return sorted(code for code in known if orders.is_open(accounts[code]))


def purge(session: Session) -> int:
    """Remove for good what can no longer be restored; returns how many."""
    # A customer with orders is not deleted; if one were, it must not block the purge of the others.
    return customers.purge(session, _PURGE_BATCH, keep=orders.have_orders)
