"""What the opportunity tells the other services."""

from typing import Any
from uuid import UUID

from kehu_chassis.messaging.events import Event

_STATE = (
    "id", "number", "source", "customer_name", "customer_id", "success_rate", "summary",
    "contact_name", "contact_phone", "description", "expected_amount", "currency",
    "expected_close_date", "products", "region", "industry", "registration_no", "status", "stage",
    "stage_type", "assignee_id", "assigned_at", "amount", "closed_at", "close_reason_code",
    "close_reason", "competitor", "previous_id", "created_by", "created_at",
)  # fmt: skip


def changed(opportunity: Any) -> Event:
    """The whole public state, after every change."""
    return _event("opportunity-changed", opportunity, _state(opportunity))


def deleted(opportunity: Any) -> Event:
    """It was deleted; one version past its last state."""
    return Event(
        type="marketing.opportunity-deleted.v1",
        subject=str(opportunity.id),
        version=opportunity.version + 1,
        data={"id": opportunity.id},
    )


def assigned(opportunity: Any, *, by: UUID, previous: UUID | None) -> Event:
    """It was given to somebody."""
    data = _state(opportunity) | {"assigned_by": by, "previous_assignee_id": previous}
    return _event("opportunity-assigned", opportunity, data)


def won(opportunity: Any, *, by: UUID) -> Event:
    """It was won: all that the customer record needs."""
    return _event("opportunity-won", opportunity, _state(opportunity) | {"won_by": by})


def stage_changed(opportunity: Any, change: Any) -> Event:
    """It moved through the pipeline."""
    data = {
        "opportunity_id": opportunity.id,
        "number": opportunity.number,
        "customer_name": opportunity.customer_name,
        "assignee_id": opportunity.assignee_id,
        "created_by": opportunity.created_by,
        "from_stage": change.from_stage,
        "to_stage": change.to_stage,
        "changed_at": change.changed_at,
        "changed_by": change.changed_by,
        "seconds_in_from_stage": change.seconds_in_from_stage,
        "success_rate": opportunity.success_rate,
        "expected_amount": opportunity.expected_amount,
        "amount": opportunity.amount,
        "currency": opportunity.currency,
    }
    return _event("opportunity-stage-changed", opportunity, data)


def _state(opportunity: Any) -> dict[str, Any]:
    return {name: getattr(opportunity, name) for name in _STATE}


def _event(name: str, opportunity: Any, data: dict[str, Any]) -> Event:
    return Event(
        type=f"marketing.{name}.v1",
        subject=str(opportunity.id),
        version=opportunity.version,
        data=data,
    )
