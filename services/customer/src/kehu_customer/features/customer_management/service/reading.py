"""Reading customers in full, within the caller's scope."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Page
from kehu_customer.features.churn import service as churn
from kehu_customer.features.contacts import service as contacts
from kehu_customer.features.customers import service as customers
from kehu_customer.features.customers.service import Customer
from kehu_customer.features.orders import service as orders

_NONE = (None, None)


def list_(session: Session, actor: Actor, args: Mapping[str, Any]) -> Page:
    """The customers that the caller may read, or those that they might restore."""
    page = customers.list_(session, actor, args)
    ids = [customer.id for customer in page.items]
    people = contacts.summaries(session, ids)
    ordered_on = orders.last_order_days(session, ids)
    warnings = churn.active(session, actor, ids)
    return page.map(
        lambda customer: records.show(
            customer,
            missing=_missing(customer, people[customer.id].count),
            last_ordered_on=ordered_on.get(customer.id),
            warning_id=warnings.get(customer.id, _NONE)[0],
            warning_state=warnings.get(customer.id, _NONE)[1],
            primary_contact_id=people[customer.id].primary_contact_id,
            primary_contact_name=people[customer.id].primary_contact_name,
        )
    )


def count(session: Session, actor: Actor, args: Mapping[str, Any]) -> dict[str, Any]:
    """How many of the same customers there are by status or manager."""
    return customers.COUNTS.of(session, customers.listed(session, actor, args), args)


def get(session: Session, actor: Actor, customer_id: UUID) -> Any:
    """A customer that the caller may read."""
    return detail(session, actor, records.get(session, actor, Customer, customer_id))


def list_changes(session: Session, actor: Actor, customer_id: UUID, args: dict[str, Any]) -> Page:
    """One page of who changed a customer, and what."""
    return records.changes_of(
        session, actor, Customer, customer_id, args, hidden=customers.CONFIDENTIAL
    )


def losses(session: Session, actor: Actor, customer_id: UUID) -> dict[str, Any]:
    """When and why a customer was lost, and how it came back."""
    records.get(session, actor, Customer, customer_id)
    return {"items": customers.losses(session, customer_id)}


def detail(session: Session, actor: Actor, customer: Customer) -> Any:
    """A customer as its detail page shows it."""
    contact_count = contacts.summaries(session, [customer.id])[customer.id].count
    return records.show(
        customer,
        missing=_missing(customer, contact_count),
        contact_count=contact_count,
        sales_differences=orders.differences(session, customer),
        restricted=not customers.sees_confidential(session, actor, customer.id),
    )


def _missing(customer: Customer, contact_count: int) -> list[str]:
    return customers.missing(customer) + ([] if contact_count else ["contacts"])
