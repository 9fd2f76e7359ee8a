"""Matching companies by name, registration number and customer number, and the locks for it."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kehu_chassis.data.database import advisory_lock
from kehu_chassis.data.search import normalise
from kehu_customer.features.customers.models import Customer
from kehu_customer.features.customers.rules import registration_key
from kehu_customer.features.customers.service.access import present


def lock_identities(session: Session, identities: Iterable[tuple[str | None, str | None]]) -> None:
    """Lock the names and registration numbers by which companies are matched."""
    names: set[str] = set()
    for name, registration_no in identities:
        if name:
            names.add(f"customer-name:{normalise(name)}")
        if key := registration_key(registration_no):
            names.add(f"customer-registration:{key}")
    advisory_lock(session, *names)


def lock_numbers(session: Session, customer_numbers: Collection[str]) -> None:
    """Lock customer numbers, so that an order that names one and the restoring of its customer
    cannot miss each other."""
    advisory_lock(session, *(f"customer-number:{number}" for number in customer_numbers))


def candidates(
    session: Session,
    *,
    ids: Collection[UUID] = (),
    numbers: Collection[str] = (),
    registration_nos: Collection[str] = (),
    names: Collection[str] = (),
) -> list[Customer]:
    """Every customer with one of these identifiers, the oldest first, locked.

    Customers that the previous release writes during an update have no key yet: they are found by
    the number as it is stored.
    """
    keys = {registration_key(number) for number in registration_nos} - {None}
    conditions = [
        Customer.id.in_(ids),
        Customer.number.in_(numbers),
        Customer.registration_key.in_(keys),
        Customer.registration_no.in_(registration_nos),
        Customer.name_key.in_([normalise(name) for name in names]),
    ]
    found = session.scalars(
        present()
        .where(or_(*conditions))
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return sorted(found, key=lambda customer: (customer.created_at, customer.id))


def present_ids(session: Session, customer_numbers: Collection[str]) -> dict[str, UUID]:
    """The ids of customers by number."""
    if not customer_numbers:
        return {}
    rows = session.execute(
        select(Customer.number, Customer.id).where(
            Customer.number.in_(customer_numbers), Customer.deleted_at.is_(None)
        )
    )
    return {row.number: row.id for row in rows}
