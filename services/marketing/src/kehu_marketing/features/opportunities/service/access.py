"""Finding an opportunity for somebody, and what they may do to it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.identity import directory
from kehu_chassis.messaging import outbox
from kehu_chassis.problems import not_found
from kehu_chassis.records import precondition
from kehu_marketing.features.opportunities import events, rules
from kehu_marketing.features.opportunities.models import Opportunity

_BOTH = (Opportunity.created_by, Opportunity.assignee_id)
# Whose record it is depends on what is done: editing is the creator's, developing the assignee's.
_OWNERS: dict[str, Any] = {
    "opportunity:update": (Opportunity.created_by,),
    "opportunity:delete": (Opportunity.created_by,),
    "opportunity:plan": (Opportunity.assignee_id,),
    "opportunity:progress": (Opportunity.assignee_id,),
    "opportunity:stage": (Opportunity.assignee_id,),
    "opportunity:close": (Opportunity.assignee_id,),
}


def readable(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor may read an opportunity."""
    return directory.visible(actor, "opportunity:read", *_BOTH, orphans=Opportunity.created_by)


def get(session: Session, actor: Actor, opportunity_id: UUID) -> Opportunity:
    """One opportunity; 404 if the actor may not read it."""
    opportunity = session.get(Opportunity, opportunity_id)
    if opportunity is None:
        raise not_found()
    directory.require(
        session, actor, opportunity, read="opportunity:read", act="opportunity:read",
        owners=_BOTH, orphans=Opportunity.created_by,
    )  # fmt: skip
    return opportunity


def lock(
    session: Session, actor: Actor, opportunity_id: UUID, *, act: str, action: str
) -> Opportunity:
    """One opportunity, locked for a change that its state and the actor's permission allow."""
    opportunity = _locked(session, actor, opportunity_id, act)
    precondition.check(opportunity)
    rules.require_state(action, opportunity.status)
    return opportunity


def lock_parent(
    session: Session, actor: Actor, opportunity_id: UUID, *, act: str, action: str
) -> Opportunity:
    """The same for a change of something that belongs to it and has a version of its own."""
    opportunity = _locked(session, actor, opportunity_id, act)
    rules.require_state(action, opportunity.status)
    return opportunity


def publish_state(session: Session, opportunity: Opportunity) -> None:
    """Tell everybody the state that this transaction leaves the opportunity in."""
    opportunity.refresh_search()
    session.flush()
    outbox.add(session, events.changed(opportunity))


def _locked(session: Session, actor: Actor, opportunity_id: UUID, act: str) -> Opportunity:
    opportunity = session.get(Opportunity, opportunity_id, with_for_update=True)
    if opportunity is None:
        raise not_found()
    directory.require(
        session, actor, opportunity, read="opportunity:read", act=act,
        owners=_BOTH, act_owners=_OWNERS.get(act), orphans=Opportunity.created_by,
    )  # fmt: skip
    return opportunity
