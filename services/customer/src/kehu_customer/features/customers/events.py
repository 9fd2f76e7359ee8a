"""Facts about customers; the state itself is published with every change."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.database import new_id
from kehu_chassis.messaging.events import Event
from kehu_chassis.records import fact
from kehu_customer.features.customers.models import Customer, CustomerLoss


def created(customer: Customer, opportunity_id: UUID | None) -> Event:
    """A customer was created, by an opportunity or otherwise."""
    return fact("customer.customer-created.v1", customer, opportunity_id=opportunity_id)


def purged(customer_id: UUID, version: int) -> Event:
    """A deleted customer can no longer be restored; readers forget what they kept of it."""
    return Event("customer.customer-purged.v1", str(customer_id), version, {"id": customer_id})


def linked(customer: Customer, opportunity_id: UUID) -> Event:
    """A further opportunity was won for a customer."""
    return fact("customer.customer-linked.v1", customer, opportunity_id=opportunity_id)


def namesake_created(customer: Customer, namesake: Customer) -> Event:
    """A customer was created although another has its name: their registration numbers differ."""
    return fact(
        "customer.namesake-created.v1",
        customer,
        namesake_id=namesake.id,
        namesake_number=namesake.number,
        namesake_manager_id=namesake.manager_id,
    )


def lost(customer: Customer, loss: CustomerLoss) -> Event:
    """A customer was lost."""
    return fact(
        "customer.customer-lost.v1",
        customer,
        lost_at=loss.lost_at,
        warning_id=loss.warning_id,
        reason_code=loss.reason_code,
        reason=loss.reason,
        manager_at_loss_id=loss.manager_id,
        confirmed_by=loss.confirmed_by,
    )


def reactivated(customer: Customer, loss: CustomerLoss) -> Event:
    """A lost customer is back."""
    return fact(
        "customer.customer-reactivated.v1",
        customer,
        cause=loss.reactivation_cause,
        reactivated_at=loss.reactivated_at,
        reason=loss.reactivation_reason,
    )


def notice(
    kind: str,
    customer: Any = None,
    *,
    recipients: tuple[UUID, ...] = (),
    audience: str = "users",
    **params: Any,
) -> Event:
    """A notice for people; service-desk turns it into notifications.

    ``audience`` is ``users`` (those in ``recipients``), ``directors_of_manager`` or
    ``all_directors``.
    """
    return Event(
        "customer.notice-raised.v1",
        str(new_id()),
        1,
        {
            "kind": kind,
            "customer_id": customer.id if customer else None,
            "customer_number": customer.number if customer else None,
            "customer_name": customer.name if customer else None,
            "recipients": list(recipients),
            "audience": audience,
            "manager_id": customer.manager_id if customer else None,
            "params": params,
        },
    )
