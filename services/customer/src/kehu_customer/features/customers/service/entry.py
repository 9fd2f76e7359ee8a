"""Customers entered, edited, deleted and restored by people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import Actor
from kehu_chassis.data.search import normalise
from kehu_chassis.identity import directory
from kehu_chassis.problems import Problem, not_found, wrong_state
from kehu_chassis.records import audit, precondition
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customers.service.managing import MANAGERS
from kehu_customer.features.customers.service.reading import CustomerView, view
from kehu_customer.features.orders import service as orders
from kehu_customer.features.registry import service as registry

_PURGE_BATCH = 200


def create(
    session: Session,
    actor: Actor,
    *,
    manager_id: UUID | None = None,
    allow_duplicate: bool = False,
    sales_codes: Sequence[str] = (),
    **fields: Any,
) -> CustomerView:
    """Enter a customer, unless there is one already and nobody said to go on."""
    manager = directory.require_colleague(
        session,
        actor,
        manager_id or actor.id,
        field="manager_id",
        roles=MANAGERS,
        act="customer:create",
    )
    name, registration_no = fields["name"], fields.get("registration_no")
    registry.lock_identities(session, [(name, registration_no)])
    if not allow_duplicate:
        _refuse_duplicates(session, name=name, registration_no=registration_no)
    codes = sorted(set(sales_codes))
    accounts = orders.require_codes(session, None, codes)
    [customer] = registry.add(session, [{**fields, "manager_id": manager.id, "sales_codes": codes}])
    registry.tell_created(session, customer)
    churn.effect_seen(session, orders.link(session, accounts, dict.fromkeys(codes, customer.id)))
    return view(session, actor, customer)


def update(
    session: Session,
    actor: Actor,
    customer_id: UUID,
    *,
    allow_duplicate: bool = False,
    **fields: Any,
) -> CustomerView:
    """Edit a normal customer.  Locks are taken in the order that event handlers take them."""
    before = registry.get(session, actor, customer_id)
    name, registration_no = fields.get("name"), fields.get("registration_no")
    registry.lock_identities(session, [(name, registration_no)])
    if "sales_codes" in fields:
        fields["sales_codes"] = sorted(set(fields["sales_codes"]))
        orders.lock_accounts(session, [*fields["sales_codes"], *before.sales_codes])
    customer = registry.lock(session, actor, customer_id, "customer:update")
    precondition.check(customer)
    registry.require_normal(customer)
    if not allow_duplicate:
        _refuse_duplicates(
            session,
            name=name if name and normalise(name) != customer.name_key else None,
            registration_no=(
                registration_no if registration_no != customer.registration_no else None
            ),
            besides=customer_id,
        )
    old_codes = set(customer.sales_codes)
    renamed = name is not None and name != customer.name
    registry.assign(customer, fields)
    registry.require_complete(customer)
    changed = session.is_modified(customer)  # to be asked before anything is flushed
    effect = _set_codes(session, customer, old_codes) if "sales_codes" in fields else None
    if changed:
        registry.tell_changed(session, customer)
    if renamed:
        churn.follow(session, customer)
    if effect is not None:
        churn.effect_seen(session, effect)
    return view(session, actor, customer)


def delete(session: Session, actor: Actor, customer_id: UUID) -> None:
    """Delete a customer without orders; it may be restored for as long as the setting says."""
    before = registry.get(session, actor, customer_id)
    orders.lock_accounts(session, before.sales_codes)
    customer = registry.lock(session, actor, customer_id, "customer:delete")
    precondition.check(customer)
    if orders.any_of(session, customer_id):
        raise Problem(409, "customer-has-orders")
    # What the sales system orders under its codes from now on waits for whoever gets them.
    orders.unlink(session, customer_id, customer.sales_codes)
    customer.deleted_at = clock.now()
    registry.tell_deleted(session, customer)
    audit.act(session, customer, "deleted")


def restore(session: Session, actor: Actor, customer_id: UUID) -> CustomerView:
    """Bring a deleted customer back, with those of its codes that nobody took meanwhile, and with
    what the sales system said of it under its number."""
    before = registry.deleted(session, actor, customer_id, "customer:delete")
    registry.lock_identities(session, [(before.name, before.registration_no)])
    registry.lock_numbers(session, [before.number])
    accounts = orders.lock_accounts(session, before.sales_codes)
    customer = registry.locked(session, customer_id, deleted=True)
    if customer is None:
        raise not_found()
    if customer.deleted_at is None:
        raise wrong_state("customer", customer.status)
    precondition.check(customer)
    if customer.deleted_at < registry.restorable_since(session):
        raise not_found()
    free = sorted(code for code, account in accounts.items() if account.customer_id is None)
    registry.assign(customer, {"deleted_at": None, "sales_codes": free})
    registry.tell_changed(session, customer)
    audit.act(session, customer, "restored")
    effect = orders.link(session, accounts, dict.fromkeys(free, customer_id))
    effect.add(orders.attach_by_number(session, customer_id, customer.number))
    churn.effect_seen(session, effect)
    return view(session, actor, customer)


def purge(session: Session) -> int:
    """Remove for good what can no longer be restored; returns how many."""
    # A customer with orders is not deleted; if one were, it must not hold up all others for ever.
    keep = orders.have_orders(registry.Columns.id)
    return registry.purge(session, _PURGE_BATCH, keep=keep)


def _set_codes(session: Session, customer: Any, old: set[str]) -> orders.Effect:
    new = set(customer.sales_codes)
    accounts = orders.require_codes(session, customer.id, sorted(new | old))
    orders.unlink(session, customer.id, old - new)
    return orders.link(session, accounts, dict.fromkeys(new - old, customer.id))


def _refuse_duplicates(
    session: Session,
    *,
    name: str | None,
    registration_no: str | None,
    besides: UUID | None = None,
) -> None:
    """Show who else has this name or registration number, as far as everybody may know it."""
    found = registry.candidates(
        session,
        names=[name] if name else [],
        registration_nos=[registration_no] if registration_no else [],
    )
    known = [
        {
            "id": str(customer.id),
            "number": customer.number,
            "name": customer.name,
            "region": customer.region,
            "industry": customer.industry,
            "level": customer.level,
            "status": customer.status,
            "manager_id": str(customer.manager_id) if customer.manager_id else None,
            "manager_name": directory.name_of(session, customer.manager_id),
        }
        for customer in found
        if customer.id != besides
    ]
    if known:
        raise Problem(
            409, "duplicate-customer", params={"number": known[0]["number"], "customers": known}
        )
