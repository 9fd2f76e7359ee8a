"""What is open for a customer."""

from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from kehu_customer.features.open_work import rules
from kehu_customer.features.open_work.models import OpportunityRef, RequestRef


def any_of(session: Session, customer_id: UUID) -> bool:
    """Whether a customer has or had any service request or opportunity."""
    named = (
        exists().where(model.customer_id == customer_id) for model in (RequestRef, OpportunityRef)
    )
    return bool(session.scalar(select(or_(*named))))


def counts(session: Session, customer_id: UUID) -> dict[str, int]:
    """How many open ``requests`` and ``opportunities`` a customer has, as far as their events have
    arrived."""
    requests = select(func.count()).where(
        RequestRef.customer_id == customer_id, RequestRef.status.not_in(rules.ENDED_REQUESTS)
    )
    opportunities = select(func.count()).where(
        OpportunityRef.customer_id == customer_id,
        OpportunityRef.deleted.is_(False),
        OpportunityRef.status.not_in(rules.ENDED_OPPORTUNITIES),
    )
    return {
        "requests": session.scalar(requests) or 0,
        "opportunities": session.scalar(opportunities) or 0,
    }
