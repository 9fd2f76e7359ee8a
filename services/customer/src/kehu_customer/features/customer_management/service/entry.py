"""Creating and editing customers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data.search import normalise
from kehu_chassis.identity import directory
from kehu_chassis.problems import Problem
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customer_management.service.managing import MANAGERS
from kehu_customer.features.customer_management.service.reading import detail
from kehu_customer.features.customers import service as customers
from kehu_customer.features.customers.service import Customer
from kehu_customer.features.orders import service as orders


def create(
    session: Session,
    actor: Actor,
    *,
    manager_id: UUID | None = None,
    allow_duplicate: bool = False,
    sales_codes: Sequence[str] = (),
    **fields: Any,
) -> Any:
    """Create a customer; 409 for a duplicate unless ``allow_duplicate``."""
    manager = directory.require_colleague(
        session,
        actor,
        manager_id or actor.id,
        field="manager_id",
        roles=MANAGERS,
        permission="customer:create",
    )
    name, registration_no = fields["name"], fields.get("registration_no")
    customers.lock_identities(session, [(name, registration_no)])
    if not allow_duplicate:
        _refuse_duplicates(session, name=name, registration_no=registration_no)
    codes = sorted(set(sales_codes))
    accounts = orders.require_codes(session, None, codes)
    fields |= {"manager_id": manager.id, "sales_codes": codes}
    [customer] = customers.add(session, [fields])
    changes = orders.link(session, accounts, dict.fromkeys(codes, customer.id))
    churn.react_to_orders(session, changes)
    return detail(session, actor, customer)


def update(
    session: Session,
    actor: Actor,
    customer_id: UUID,
    *,
    allow_duplicate: bool = False,
    **fields: Any,
) -> Any:
    """Edit a normal customer.  Locks are taken in the order that event handlers take them."""
    before = records.get(session, actor, Customer, customer_id)
    name, registration_no = fields.get("name"), fields.get("registration_no")
    customers.lock_identities(session, [(name, registration_no)])
    if "sales_codes" in fields:
        fields["sales_codes"] = sorted(set(fields["sales_codes"]))
        orders.lock_accounts(session, [*fields["sales_codes"], *before.sales_codes])
    customer = records.lock(
        session, actor, Customer, customer_id, "customer:update", transition="edit"
    )
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
    for field, value in fields.items():
        setattr(customer, field, value)
    customers.require_complete(customer)
    changes = _set_codes(session, customer, old_codes) if "sales_codes" in fields else None
    if renamed:
        churn.follow(session, customer)
    if changes is not None:
        churn.react_to_orders(session, changes)
    return detail(session, actor, customer)


def _set_codes(session: Session, customer: Customer, old: set[str]) -> orders.OrderChanges:
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
    """Raise 409 with the customers of this name or registration number, in what all may read."""
    found = customers.candidates(
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
