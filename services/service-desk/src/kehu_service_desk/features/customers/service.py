"""Looking customers up."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.messaging import replica
from kehu_chassis.messaging.events import Received
from kehu_chassis.problems import unknown_reference
from kehu_service_desk.features.customers.models import CustomerRef


def catch_up(session: Session, events: Sequence[Received]) -> None:
    """Mirror these states, for a handler of the same events that may run before the replica's."""
    replica.store(session, CustomerRef, events)


def require_for_request(session: Session, actor: Actor, customer_id: UUID) -> CustomerRef:
    """A customer for whom the caller may create a request; 422 about ``customer_id`` otherwise.
    Account managers name their own customers, agents and directors any."""
    replica.awaited(session, CustomerRef, customer_id)
    scope = directory.visible(actor, "service-request:read", CustomerRef.manager_id)
    customer = session.scalars(
        select(CustomerRef).where(
            CustomerRef.id == customer_id,
            CustomerRef.deleted.is_(False),
            CustomerRef.merged_into.is_(None),
            scope,
        )
    ).first()
    if customer is None:
        raise unknown_reference("customer_id")
    return customer


def manager_of(customer_id: Any) -> Any:
    """SQL: who manages the customer of that column now; for the scope of records that belong to a
    customer."""
    return (
        select(CustomerRef.manager_id)
        .where(CustomerRef.id == customer_id)
        .correlate_except(CustomerRef)
        .scalar_subquery()
    )


def get(session: Session, customer_id: UUID) -> CustomerRef | None:
    """A customer of the replica, also a deleted one."""
    return session.get(CustomerRef, customer_id)


def labels(session: Session, customer_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Number and name of customers, of those that are known."""
    rows = session.execute(
        select(CustomerRef.id, CustomerRef.number, CustomerRef.name).where(
            CustomerRef.id.in_(set(customer_ids))
        )
    )
    return {row.id: (row.number, row.name) for row in rows}
