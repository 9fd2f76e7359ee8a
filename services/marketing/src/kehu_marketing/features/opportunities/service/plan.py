"""The development plan 客户开发计划 of an opportunity."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Page
from kehu_chassis.problems import Problem
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.models import Opportunity, PlanItem

_PLAN = "opportunity:plan"


def list_items(session: Session, actor: Actor, opportunity_id: UUID) -> dict[str, Any]:
    """The plan, by date."""
    records.get(session, actor, Opportunity, opportunity_id)
    query = select(PlanItem).where(PlanItem.opportunity_id == opportunity_id)
    return {"items": session.scalars(query.order_by(PlanItem.date, PlanItem.id)).all()}


def get_item(session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID) -> PlanItem:
    """One plan item."""
    return records.get(session, actor, PlanItem, item_id, within=opportunity_id)


def list_item_changes(
    session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID, args: dict[str, Any]
) -> Page:
    """One page of who changed a plan item, and what."""
    return records.changes_of(session, actor, PlanItem, item_id, args, within=opportunity_id)


def add_item(
    session: Session, actor: Actor, opportunity_id: UUID, *, date: date, content: str
) -> PlanItem:
    """Add a step to the plan."""
    records.lock(session, actor, Opportunity, opportunity_id, _PLAN, transition="plan")
    item = PlanItem(opportunity_id=opportunity_id, date=date, content=content, state=rules.PENDING)
    session.add(item)
    return item


def edit_item(
    session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID,
    *, content: str, date: date | None = None,
) -> PlanItem:  # fmt: skip
    """Change what is planned; the date stays as it was saved."""
    item = _lock(session, actor, opportunity_id, item_id)
    rules.require_changeable_item(item.state)
    if date is not None and date != item.date:
        raise Problem(409, "date-is-fixed")
    item.content = content
    return item


def delete_item(session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID) -> None:
    """Delete a step of the plan."""
    item = _lock(session, actor, opportunity_id, item_id)
    rules.require_changeable_item(item.state)
    session.delete(item)


def record_result(
    session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID, *, result: str
) -> PlanItem:
    """Record the result 执行效果 of a step, once: another result is 409, the same one changes
    nothing."""
    item = _lock(session, actor, opportunity_id, item_id)
    if item.result == result:
        return item
    rules.require_changeable_item(item.state)
    item.result, item.state = result, rules.EXECUTED
    item.executed_at = clock.now()
    return item


def close_pending(session: Session, opportunity_id: UUID) -> None:
    """Mark the pending steps of a closed (locked) opportunity as not executed."""
    pending = (
        select(PlanItem)
        .where(PlanItem.opportunity_id == opportunity_id, PlanItem.state == rules.PENDING)
        .order_by(PlanItem.id)
    )
    for item in session.scalars(pending):
        item.state = rules.NOT_EXECUTED


def _lock(session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID) -> PlanItem:
    return records.lock(
        session, actor, PlanItem, item_id, _PLAN, transition="plan", within=opportunity_id
    )
