"""Mirroring customers, and looking one up."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.messaging import projection
from kehu_chassis.messaging.events import Received
from kehu_chassis.problems import unknown_reference
from kehu_marketing.features.customers.models import CustomerRef


def mirror(session: Session, events: Iterable[Received]) -> None:
    """Store the newest state of each customer."""
    projection.mirror(session, CustomerRef, events)


def mirror_deleted(session: Session, event: Received) -> None:
    """Leave a tombstone."""
    projection.mirror_deleted(session, CustomerRef, event)


def require(session: Session, customer_id: UUID) -> CustomerRef:
    """A customer that exists; 422 about ``customer_id`` otherwise."""
    customer = session.get(CustomerRef, customer_id)
    if customer is None or customer.deleted or customer.merged_into is not None:
        raise unknown_reference("customer_id")
    return customer
