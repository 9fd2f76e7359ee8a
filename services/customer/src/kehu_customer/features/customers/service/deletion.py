"""Deleted customers: which may be restored, and removing for good those that may not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_chassis.problems import not_found
from kehu_chassis.records import audit, system_settings
from kehu_customer.features.customers import events
from kehu_customer.features.customers.models import Customer


def restorable_since(session: Session) -> datetime:
    """Customers deleted before this time can no longer be restored."""
    return clock.now() - timedelta(days=system_settings.get(session, "customer_restore_days"))


def restorable(session: Session, actor: Actor, customer_id: UUID, permission: str) -> Customer:
    """A customer that the caller may restore if it is deleted; 404 for any other.  The scope of
    `records.get` covers only what is not deleted."""
    found = select(Customer).where(
        Customer.id == customer_id, directory.visible(actor, permission, Customer.manager_id)
    )
    customer = session.scalar(found)
    if customer is None:
        raise not_found()
    return customer


def purge(session: Session, limit: int, *, keep: Callable[[Any], ColumnElement[bool]]) -> int:
    """Remove customers that can no longer be restored; returns how many.  ``keep`` makes the
    condition to keep one, from its id.  One entry in the audit trail lists the numbers of all."""
    gone = (
        select(Customer.id, Customer.number, Customer.version)
        .where(Customer.deleted_at < restorable_since(session), ~keep(Customer.id))
        .order_by(Customer.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(gone).all()
    numbers_of = {row.id: row.number for row in rows}
    if numbers_of:
        outbox.add_all(session, [events.purged(row.id, row.version + 1) for row in rows])
        gone_for_good = delete(Customer).where(Customer.id.in_(numbers_of))
        session.execute(gone_for_good.execution_options(state_published=True))
        audit.note(
            session,
            action="purged",
            record_type="customer",
            changes=[
                {"field": "number", "old": number, "new": None} for number in numbers_of.values()
            ],
        )
    return len(numbers_of)
