"""The development plan 客户开发计划 of an opportunity."""

from datetime import date
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import ColumnElement, and_, not_, select
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.actor import Actor
from kehu_chassis.data import validate
from kehu_chassis.data.counts import Counts
from kehu_chassis.data.fields import CommaList
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.problems import Problem
from kehu_marketing.features.opportunities import operations, rules
from kehu_marketing.features.opportunities.models import Opportunity, PlanItem

PLAN_ITEMS = Listing(
    PlanItem,
    filters=("state", "opportunity_id"),
    choices={"state": rules.ITEM_STATES},
    ranges=("date",),
    sorts=("date",),
    default_sort="date",
    extra={
        "assignee_id": CommaList(ma.fields.UUID(), validate=validate.Length(1, 50)),
        "overdue": ma.fields.Boolean(
            metadata={"description": "Pending, and planned for a day before today."}
        ),
    },
)
PLAN_ITEM_COUNTS = Counts(PLAN_ITEMS, by=("state",))


def search_items(session: Session, actor: Actor, args: dict[str, Any]) -> Page:
    """One page of the plan items of all opportunities that the caller may read."""
    page = records.page(session, actor, PLAN_ITEMS, args, *_conditions(args))
    ids = {item.opportunity_id for item in page.items}
    found = session.scalars(select(Opportunity).where(Opportunity.id.in_(ids)))
    opportunities = {opportunity.id: opportunity for opportunity in found}
    return page.map(lambda item: _with_opportunity(item, opportunities[item.opportunity_id]))


def count_items(session: Session, actor: Actor, args: dict[str, Any]) -> dict[str, Any]:
    """How many of them are in each state."""
    readable = select(PlanItem).where(records.readable(session, actor, PlanItem))
    return PLAN_ITEM_COUNTS.of(session, readable.where(*_conditions(args)), args)


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
    records.lock(session, actor, operations.ADD_ITEM, opportunity_id)
    item = PlanItem(opportunity_id=opportunity_id, date=date, content=content, state=rules.PENDING)
    session.add(item)
    return item


def edit_item(
    session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID,
    *, content: str, date: date | None = None,
) -> PlanItem:  # fmt: skip
    """Change what is planned; the date stays as it was saved."""
    item = records.lock(session, actor, operations.EDIT_ITEM, item_id, within=opportunity_id)
    if date is not None and date != item.date:
        raise Problem(409, "date-is-fixed")
    item.content = content
    return item


def delete_item(session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID) -> None:
    """Delete a step of the plan."""
    item = records.lock(session, actor, operations.DELETE_ITEM, item_id, within=opportunity_id)
    session.delete(item)


def record_result(
    session: Session, actor: Actor, opportunity_id: UUID, item_id: UUID, *, result: str
) -> PlanItem:
    """Record the result 执行效果 of a step, once: another result is 409, the same one changes
    nothing."""
    item = records.lock(
        session,
        actor,
        operations.RECORD_RESULT,
        item_id,
        within=opportunity_id,
        repeated=lambda item: item.result == result,
    )
    if item.result == result:
        return item
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


def _conditions(args: dict[str, Any]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if "assignee_id" in args:
        assigned = select(Opportunity.id).where(Opportunity.assignee_id.in_(args["assignee_id"]))
        conditions.append(PlanItem.opportunity_id.in_(assigned))
    if "overdue" in args:
        overdue = and_(PlanItem.state == rules.PENDING, PlanItem.date < clock.today())
        conditions.append(overdue if args["overdue"] else not_(overdue))
    return conditions


def _with_opportunity(item: PlanItem, opportunity: Opportunity) -> Any:
    return records.show(
        item,
        overdue=rules.is_overdue(item.state, item.date, clock.today()),
        opportunity_number=opportunity.number,
        opportunity_summary=opportunity.summary,
        customer_id=opportunity.customer_id,
        customer_name=opportunity.customer_name,
        assignee_id=opportunity.assignee_id,
    )
