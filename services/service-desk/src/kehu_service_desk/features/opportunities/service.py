"""Who may read an opportunity."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_service_desk.features.opportunities.models import OpportunityRef

READ = "opportunity:read"


def readable(session: Session, actor: Actor, ids: Collection[UUID]) -> set[UUID]:
    """Those of the opportunities that the caller may read now, by marketing's scope of them."""
    owners = (OpportunityRef.created_by, OpportunityRef.assignee_id)
    found = select(OpportunityRef.id).where(
        OpportunityRef.id.in_(ids),
        OpportunityRef.deleted.is_(False),
        directory.visible(actor, READ, *owners, orphans=OpportunityRef.created_by),
    )
    return set(session.scalars(found))
