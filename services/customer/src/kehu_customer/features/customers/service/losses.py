"""Losing customers and winning them back."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.data.database import actor_of
from kehu_chassis.messaging import outbox
from kehu_customer.features.customers import events
from kehu_customer.features.customers.models import Customer, CustomerLoss
from kehu_customer.features.customers.rules import LOST, NORMAL


def lose(
    session: Session, customer: Customer, *, warning_id: UUID, reason_code: str, reason: str
) -> None:
    """Mark a (locked) customer as lost, and record when, why and under whom."""
    records.require_transition(customer, "lose")
    moment = clock.now()
    customer.status, customer.lost_at = LOST, moment
    loss = CustomerLoss(
        customer_id=customer.id,
        warning_id=warning_id,
        lost_at=moment,
        reason_code=reason_code,
        reason=reason,
        manager_id=customer.manager_id,
        confirmed_by=actor_of(session).id,
    )
    session.add(loss)
    outbox.add(session, lambda: events.lost(customer, loss))


def reactivate(
    session: Session, customer: Customer, *, cause: str, reason: str | None = None
) -> None:
    """Reactivate a (locked) lost customer; the loss stays in the history."""
    records.require_transition(customer, "reactivate")
    loss = session.scalars(
        select(CustomerLoss)
        .where(CustomerLoss.customer_id == customer.id, CustomerLoss.reactivated_at.is_(None))
        .order_by(CustomerLoss.lost_at.desc())
        .limit(1)
    ).one()
    customer.status, customer.lost_at = NORMAL, None
    loss.reactivated_at, loss.reactivated_by = clock.now(), actor_of(session).id
    loss.reactivation_cause, loss.reactivation_reason = cause, reason
    outbox.add(session, lambda: events.reactivated(customer, loss))


def open_losses(session: Session, customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The lost ones of these customers, each with the warning by which it was confirmed as lost."""
    found = select(CustomerLoss.customer_id, CustomerLoss.warning_id).where(
        CustomerLoss.customer_id.in_(customer_ids), CustomerLoss.reactivated_at.is_(None)
    )
    return dict(session.execute(found).all())


def losses(session: Session, customer_id: UUID) -> list[CustomerLoss]:
    """Every loss of a customer, the latest first."""
    return list(
        session.scalars(
            select(CustomerLoss)
            .where(CustomerLoss.customer_id == customer_id)
            .order_by(CustomerLoss.lost_at.desc())
        )
    )
