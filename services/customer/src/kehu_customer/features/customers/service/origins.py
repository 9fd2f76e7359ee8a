"""Which won opportunities belong to which customer."""

from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.messaging import outbox
from kehu_customer.features.customers import events
from kehu_customer.features.customers.models import Customer, CustomerLoss, CustomerOrigin


def has_origin(session: Session, opportunity_id: UUID) -> bool:
    """Whether an opportunity already has a customer, even a purged one."""
    return session.get(CustomerOrigin, opportunity_id) is not None


def add_origin(session: Session, customer: Customer, opportunity_id: UUID) -> None:
    """Record that an opportunity was won for a customer."""
    session.add(
        CustomerOrigin(
            opportunity_id=opportunity_id, customer_id=customer.id, created_at=clock.now()
        )
    )


def link(session: Session, customer: Customer, opportunity_id: UUID) -> None:
    """Link a further won opportunity to an existing customer."""
    add_origin(session, customer, opportunity_id)
    outbox.add(session, lambda: events.linked(customer, opportunity_id))


def has_history(session: Session, customer_id: UUID) -> bool:
    """Whether any opportunity was won for a customer, or it was ever lost."""
    won = exists().where(CustomerOrigin.customer_id == customer_id)
    lost = exists().where(CustomerLoss.customer_id == customer_id)
    return bool(session.scalar(select(or_(won, lost))))
