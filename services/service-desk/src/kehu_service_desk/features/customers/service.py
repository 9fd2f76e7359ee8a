"""Looking customers up."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.messaging import replica
from kehu_chassis.messaging.events import Received
from kehu_chassis.problems import unknown_reference
from kehu_chassis.records import system_settings
from kehu_service_desk.features.customers.models import CustomerRef

READ = "customer:read"
READ_WARNINGS = "churn-warning:read"


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


def readable(session: Session, actor: Actor, ids: Collection[UUID]) -> set[UUID]:
    """Those of the customers that the caller may read now, also those that are only shared."""
    shared = system_settings.get(session, "customer_sharing") == "full"
    return _within(session, actor, READ, ids, everybodys=shared)


def with_readable_warnings(session: Session, actor: Actor, ids: Collection[UUID]) -> set[UUID]:
    """Those of the customers whose churn warnings the caller may read now; they belong to the
    present manager."""
    return _within(session, actor, READ_WARNINGS, ids)


def _within(
    session: Session,
    actor: Actor,
    permission: str,
    ids: Collection[UUID],
    *,
    everybodys: bool = False,
) -> set[UUID]:
    within = directory.visible(actor, permission, CustomerRef.manager_id)
    found = select(CustomerRef.id).where(
        CustomerRef.id.in_(ids),
        CustomerRef.deleted.is_(False),
        true() if everybodys and actor.scope(permission) else within,
    )
    return set(session.scalars(found))


def labels(session: Session, customer_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Number and name of customers, of those that are known."""
    rows = session.execute(
        select(CustomerRef.id, CustomerRef.number, CustomerRef.name).where(
            CustomerRef.id.in_(set(customer_ids))
        )
    )
    return {row.id: (row.number, row.name) for row in rows}
