"""Facts about opportunities; the state itself is published with every change."""

from typing import Any
from uuid import UUID

from kehu_chassis.messaging.events import Event
from kehu_chassis.records import fact
from kehu_marketing.features.opportunities.models import Opportunity, StageChange


def assigned(opportunity: Opportunity, *, by: UUID, previous: UUID | None) -> Event:
    """It was assigned to somebody."""
    return fact(
        "marketing.opportunity-assigned.v1",
        opportunity,
        assigned_by=by,
        previous_assignee_id=previous,
    )


def won(opportunity: Opportunity, *, by: UUID) -> Event:
    """It was won: all that the customer record needs."""
    return fact("marketing.opportunity-won.v1", opportunity, won_by=by)


def stage_changed(opportunity: Opportunity, change: StageChange) -> Event:
    """It moved through the pipeline."""
    of_opportunity = (
        "number", "customer_name", "assignee_id", "created_by", "success_rate", "expected_amount",
        "amount", "currency",
    )  # fmt: skip
    of_change = (
        "opportunity_id", "from_stage", "to_stage", "changed_at", "changed_by",
        "seconds_in_from_stage",
    )  # fmt: skip
    data: dict[str, Any] = {name: getattr(opportunity, name) for name in of_opportunity}
    data |= {name: getattr(change, name) for name in of_change}
    return Event(
        "marketing.opportunity-stage-changed.v1",
        str(opportunity.id),
        opportunity.version,
        data,
        opportunity,
    )
