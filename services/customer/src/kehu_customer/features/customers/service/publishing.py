"""Publishing customers, after a change and for resync."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Event
from kehu_customer.features.customers import events
from kehu_customer.features.customers.models import Customer, CustomerLoss, CustomerOrigin


def publish_created(
    session: Session, *customers: Customer, opportunity_id: UUID | None = None
) -> None:
    """Publish that customers came to be."""
    outbox.add_all(session, [events.created(customer, opportunity_id) for customer in customers])


def publish_linked(session: Session, customer: Customer, opportunity_id: UUID) -> None:
    """Publish that a further opportunity was won for a customer."""
    outbox.add(session, events.linked(customer, opportunity_id))


def publish_changed(session: Session, customer: Customer) -> None:
    """Publish the state of a customer after a change."""
    session.flush()
    outbox.add(session, events.changed(customer))


def publish_deleted(session: Session, customer: Customer) -> None:
    """Publish that a customer is deleted."""
    session.flush()
    outbox.add(session, events.deleted(customer))


def snapshots(session: Session) -> Iterator[Event]:
    """The state of every customer, its won opportunities and its losses, for resync; the present
    state comes last.  Of deleted ones that they are."""
    found = select(Customer).order_by(Customer.id).execution_options(yield_per=500)
    for customers in session.scalars(found).partitions():
        ids = [customer.id for customer in customers]
        origins = _by_customer(session, CustomerOrigin, ids, CustomerOrigin.opportunity_id)
        losses = _by_customer(session, CustomerLoss, ids, CustomerLoss.lost_at)
        for customer in customers:
            if customer.deleted_at is not None:
                yield events.deleted(customer)
                continue
            for origin in origins.get(customer.id, ()):
                yield events.linked(customer, origin.opportunity_id)
            for loss in losses.get(customer.id, ()):
                yield events.lost(customer, loss)
                if loss.reactivated_at is not None:
                    yield events.reactivated(customer, loss)
            yield events.changed(customer)


def _by_customer(
    session: Session, model: Any, ids: Collection[UUID], order: Any
) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    statement = select(model).where(model.customer_id.in_(ids)).order_by(order)
    for record in session.scalars(statement):
        found.setdefault(record.customer_id, []).append(record)
    return found
