"""Creating and editing customers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import problems, records
from kehu_chassis.actor import Actor
from kehu_chassis.data import amounts
from kehu_chassis.data.search import normalise
from kehu_chassis.identity import directory
from kehu_chassis.problems import Problem
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customer_management import operations
from kehu_customer.features.customer_management.service import codes
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
    if sales_codes:
        codes.require_may_link(session, actor)
    name, registration_no = fields["name"], fields.get("registration_no")
    customers.lock_identities(session, [(name, registration_no)])
    wanted = sorted(set(sales_codes))
    manager, fitted, accounts = problems.together(
        lambda: directory.require_colleague(
            session,
            actor,
            manager_id or actor.id,
            field="manager_id",
            roles=customers.MANAGERS,
            permission="customer:create",
        ),
        lambda: amounts.fit(Customer, fields),
        lambda: orders.require_codes(session, None, wanted, field="sales_codes"),
    )
    if not allow_duplicate:
        refuse_duplicates(session, name=name, registration_no=registration_no)
    fitted |= {"manager_id": manager.id, "sales_codes": wanted}
    [customer] = customers.add(session, [fitted])
    customers.notify_managers(session, actor, customer)
    if wanted:
        codes.require_may_link(session, actor, customer)
        churn.react_to_orders(session, codes.link(session, accounts, customer, wanted))
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
    new_codes = fields.pop("sales_codes", None)
    if new_codes is not None:
        orders.lock_accounts(session, [*new_codes, *before.sales_codes])
    customer = records.lock(session, actor, operations.UPDATE, customer_id)
    if not allow_duplicate:
        same_number = customers.registration_key(registration_no) == customer.registration_key
        refuse_duplicates(
            session,
            name=name if name and normalise(name) != customer.name_key else None,
            registration_no=None if same_number else registration_no,
            besides=customer_id,
        )
    renamed = name is not None and name != customer.name

    def change_codes() -> orders.OrderChanges:
        if new_codes is None:
            return orders.OrderChanges()
        return codes.change(session, actor, customer, new_codes, field="sales_codes")

    with session.no_autoflush:  # one edit is one version, whatever is looked up meanwhile
        for field, value in fields.items():
            setattr(customer, field, value)
        *_, changes = problems.together(
            lambda: amounts.fit_record(customer, fields),
            lambda: customers.require_complete(customer),
            change_codes,
        )
    if renamed:
        churn.follow(session, customer)
    churn.react_to_orders(session, changes)
    return detail(session, actor, customer)


def refuse_duplicates(
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
