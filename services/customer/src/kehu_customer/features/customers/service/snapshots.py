"""Facts about customers, published again for rebuilding read models."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.messaging.events import Event
from kehu_customer.features.customers import events
from kehu_customer.features.customers.models import Customer, CustomerLoss, CustomerOrigin
from kehu_customer.features.customers.service.access import present


def snapshots(session: Session) -> Iterator[Event]:
    """Which opportunities were won for each customer, and its losses."""
    found = present().order_by(Customer.id).execution_options(yield_per=500)
    for customers in session.scalars(found).partitions():
        ids = [customer.id for customer in customers]
        origins = _by_customer(session, CustomerOrigin, ids, CustomerOrigin.opportunity_id)
        losses = _by_customer(session, CustomerLoss, ids, CustomerLoss.lost_at)
        for customer in customers:
            for origin in origins.get(customer.id, ()):
                yield events.linked(customer, origin.opportunity_id)
            for loss in losses.get(customer.id, ()):
                yield events.lost(customer, loss)
                if loss.reactivated_at is not None:
                    yield events.reactivated(customer, loss)


def _by_customer(
    session: Session, model: Any, ids: Collection[UUID], order: Any
) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    statement = select(model).where(model.customer_id.in_(ids)).order_by(order)
    for record in session.scalars(statement):
        found.setdefault(record.customer_id, []).append(record)
    return found
