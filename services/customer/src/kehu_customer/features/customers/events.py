"""What this service publishes about customers."""

from typing import Any
from uuid import UUID

from kehu_chassis.data.database import new_id
from kehu_chassis.messaging.events import Event

_PUBLIC = (
    "id",
    "number",
    "name",
    "region",
    "manager_id",
    "level",
    "satisfaction",
    "credit",
    "address",
    "phone",
    "industry",
    "source",
    "type",
    "stage",
    "registration_no",
    "status",
    "lost_at",
    "sales_codes",
    "is_prospect",
    "merged_into",
    "created_at",
    "created_by",
)


def state(customer: Any) -> dict[str, Any]:
    """A customer's whole public state."""
    return {field: getattr(customer, field) for field in _PUBLIC}


def created(customer: Any, opportunity_id: UUID | None = None) -> Event:
    """A customer came to be, through an opportunity or otherwise."""
    return _event("created", customer, opportunity_id=opportunity_id)


def linked(customer: Any, opportunity_id: UUID) -> Event:
    """A further opportunity was won for a customer."""
    return _event("linked", customer, opportunity_id=opportunity_id)


def changed(customer: Any) -> Event:
    """A customer changed."""
    return _event("changed", customer)


def lost(customer: Any, loss: Any) -> Event:
    """A customer was lost."""
    return _event(
        "lost",
        customer,
        lost_at=loss.lost_at,
        warning_id=loss.warning_id,
        reason_code=loss.reason_code,
        reason=loss.reason,
        manager_at_loss_id=loss.manager_id,
        confirmed_by=loss.confirmed_by,
    )


def reactivated(customer: Any, loss: Any) -> Event:
    """A lost customer is back."""
    return _event(
        "reactivated",
        customer,
        cause=loss.reactivation_cause,
        reactivated_at=loss.reactivated_at,
        reason=loss.reactivation_reason,
    )


def deleted(customer: Any) -> Event:
    """A customer was deleted; if it is restored, a newer state event says so."""
    return Event(
        "customer.customer-deleted.v1", str(customer.id), customer.version, {"id": customer.id}
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


def _event(name: str, customer: Any, **more: Any) -> Event:
    return Event(
        f"customer.customer-{name}.v1",
        str(customer.id),
        customer.version,
        state(customer) | more,
    )
