"""Telling people which customers they manage."""

from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_customer.features.customers.events import notice
from kehu_customer.features.customers.models import Customer
from kehu_customer.features.customers.rules import MANAGERS


def notify_managers(
    session: Session, actor: Actor, customer: Customer, previous: UUID | None = None
) -> None:
    """Notify who manages a customer from now on, and who did before; not the caller, who knows."""
    manager = customer.manager_id
    if manager is not None and manager != actor.id:
        outbox.add(session, notice("customer-assigned", customer, recipients=(manager,)))
    former = directory.person(session, previous) if previous not in (None, actor.id) else None
    if former is not None and directory.is_available(former, MANAGERS):
        outbox.add(session, notice("customer-reassigned", customer, recipients=(former.id,)))
