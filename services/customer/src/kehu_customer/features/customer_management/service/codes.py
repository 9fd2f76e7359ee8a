"""The sales system's codes of a customer, as people link them and take them away.

Whoever has a code sees its orders, so it takes the permission for the list of unlinked codes.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.problems import forbidden, unknown_reference
from kehu_chassis.records import audit
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customer_management import operations
from kehu_customer.features.customer_management.service.reading import detail
from kehu_customer.features.customers.service import Customer
from kehu_customer.features.orders import service as orders


def link_code(session: Session, actor: Actor, customer_id: UUID, *, code: str) -> Any:
    """Link a code to a customer, with the orders under it; 409 if another one has it, 422 if the
    sales system does not know it.  Of a lost customer, too."""
    orders.lock_accounts(session, [code])
    customer = records.lock(session, actor, operations.LINK_CODE, customer_id)
    if code not in customer.sales_codes:
        changes = change(session, actor, customer, {*customer.sales_codes, code}, field="code")
        audit.act(session, customer, "sales-code-linked")
        churn.react_to_orders(session, changes)
    return detail(session, actor, customer)


def unlink_code(session: Session, actor: Actor, customer_id: UUID, *, code: str) -> Any:
    """Take a code from a customer: its orders wait until a person links it again.  Of a lost
    customer, too."""
    orders.lock_accounts(session, [code])
    customer = records.lock(session, actor, operations.UNLINK_CODE, customer_id)
    if code not in customer.sales_codes:
        raise unknown_reference("code")
    changes = change(session, actor, customer, {*customer.sales_codes} - {code}, field="code")
    audit.act(session, customer, "sales-code-unlinked")
    churn.react_to_orders(session, changes)
    return detail(session, actor, customer)


def require_may_link(session: Session, actor: Actor, customer: Customer | None = None) -> None:
    """Raise 403 for anyone who may not link codes to a customer, or to none at all; first, so that
    they do not learn which codes exist."""
    permission = operations.LINK_CODE.permission
    if actor.scope(permission) is None or (
        customer and not records.permits(session, actor, operations.LINK_CODE, customer)
    ):
        raise forbidden(permission)


def change(
    session: Session, actor: Actor, customer: Customer, codes: Collection[str], *, field: str
) -> orders.OrderChanges:
    """Give a (locked) customer exactly these codes; 403 if the caller may not."""
    old, new = set(customer.sales_codes), set(codes)
    if old == new:
        return orders.OrderChanges()
    require_may_link(session, actor, customer)
    accounts = orders.require_codes(session, customer.id, new - old, field=field)
    accounts |= orders.lock_accounts(session, old - new)
    customer.sales_codes = sorted(new)
    changes = orders.unlink(session, accounts, customer, old - new, decided_by=orders.PERSON)
    changes.add(link(session, accounts, customer, new - old))
    return changes


def link(
    session: Session, accounts: Mapping[str, Any], customer: Customer, codes: Collection[str]
) -> orders.OrderChanges:
    """Link (locked) codes to a customer by a person's decision, which no event changes."""
    for code in codes:
        accounts[code].decided_by = orders.PERSON
    return orders.link(session, accounts, dict.fromkeys(codes, customer.id))
