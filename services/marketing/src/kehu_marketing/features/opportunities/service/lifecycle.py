"""Assigning, voiding, progressing, moving, winning and losing opportunities."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis import clock, money, problems, records
from kehu_chassis.actor import Actor
from kehu_chassis.data import amounts
from kehu_chassis.identity import directory
from kehu_chassis.jsontext import plain
from kehu_chassis.messaging import outbox
from kehu_chassis.problems import invalid
from kehu_marketing.features.opportunities import events, operations, rules
from kehu_marketing.features.opportunities.models import (
    Opportunity,
    ProgressChange,
    StageChange,
)
from kehu_marketing.features.opportunities.service import kanban, plan
from kehu_marketing.features.stages import service as stages


def assign(
    session: Session, actor: Actor, opportunity_id: UUID, *, assignee_id: UUID
) -> Opportunity:
    """Assign the opportunity to an account manager, who develops it from then on."""
    opportunity = records.lock(session, actor, operations.ASSIGN, opportunity_id)
    directory.require_colleague(
        session, actor, assignee_id,
        field="assignee_id", roles=["account_manager"], permission=operations.ASSIGN.permission,
    )  # fmt: skip
    previous = opportunity.assignee_id
    if previous == assignee_id:
        return opportunity
    opportunity.assignee_id, opportunity.assigned_at = assignee_id, clock.now()
    if opportunity.status == rules.UNASSIGNED:
        opportunity.status = rules.DEVELOPING
        _enter_stage(session, actor, opportunity, stages.first_open(session))
    outbox.add(session, lambda: events.assigned(opportunity, by=actor.id, previous=previous))
    return opportunity


def void(session: Session, actor: Actor, opportunity_id: UUID, *, reason: str) -> Opportunity:
    """Set an unassigned opportunity aside, with a reason."""
    opportunity = records.lock(session, actor, operations.VOID, opportunity_id)
    opportunity.status, opportunity.close_reason = rules.VOIDED, reason
    opportunity.closed_at = clock.now()
    return opportunity


def progress(session: Session, actor: Actor, opportunity_id: UUID, **changes: Any) -> Opportunity:
    """Change the expectations of a developing opportunity; every change is recorded."""
    opportunity = records.lock(session, actor, operations.PROGRESS, opportunity_id)
    for name, value in amounts.fit(Opportunity, changes, opportunity).items():
        _progress_one(session, actor, opportunity, name, value)
    return opportunity


def move(
    session: Session,
    actor: Actor,
    opportunity_id: UUID,
    *,
    stage: str,
    success_rate: int | None = None,
    above_id: UUID | None = None,
) -> Opportunity:
    """Move to another open stage, or within it to above another opportunity on the kanban."""
    if above_id is not None:
        kanban.hold(session, stage)
    opportunity = records.lock(session, actor, operations.MOVE, opportunity_id)
    target = stages.require(session, stage)
    rules.require_open_stage(target.code, target.type)
    if success_rate is not None:
        _progress_one(session, actor, opportunity, "success_rate", success_rate)
    if above_id is not None:
        opportunity.kanban_rank = kanban.rank_above(session, actor, opportunity, stage, above_id)
    if opportunity.stage != stage:
        _enter_stage(session, actor, opportunity, target)
    return opportunity


def win(
    session: Session, actor: Actor, opportunity_id: UUID, *, amount: Decimal | None = None
) -> Opportunity:
    """Close as won; the customer service makes or links the customer by the event."""
    opportunity = records.lock(session, actor, operations.WIN, opportunity_id)
    opportunity.amount, _ = problems.together(
        lambda: _won_for(opportunity, amount), lambda: _require_currency(opportunity)
    )
    _close(session, actor, opportunity, rules.WON, stages.won(session), success_rate=100)
    outbox.add(session, lambda: events.won(opportunity, by=actor.id))
    return opportunity


def lose(
    session: Session,
    actor: Actor,
    opportunity_id: UUID,
    *,
    reason_code: str,
    reason: str,
    competitor: str | None = None,
) -> Opportunity:
    """Close as lost, to a competitor if one is named."""
    opportunity = records.lock(session, actor, operations.LOSE, opportunity_id)
    opportunity.close_reason_code, opportunity.close_reason = reason_code, reason
    opportunity.competitor = competitor
    stage = stages.lost(session, to_competitor=bool(competitor))
    _close(session, actor, opportunity, rules.LOST, stage, success_rate=0)
    return opportunity


def history(session: Session, actor: Actor, opportunity_id: UUID) -> dict[str, Any]:
    """Every move through the pipeline and every change of expectations, oldest first."""
    records.get(session, actor, Opportunity, opportunity_id)
    return {
        "stage_changes": session.scalars(
            select(StageChange)
            .where(StageChange.opportunity_id == opportunity_id)
            .order_by(StageChange.changed_at, StageChange.id)
        ).all(),
        "progress_changes": session.scalars(
            select(ProgressChange)
            .where(ProgressChange.opportunity_id == opportunity_id)
            .order_by(ProgressChange.changed_at, ProgressChange.id)
        ).all(),
    }


def _require_currency(opportunity: Opportunity) -> None:
    """Refuse with 422 a currency that was stored before currencies were checked."""
    if not money.is_currency(opportunity.currency):
        raise invalid("/currency", "unknown-currency", currency=opportunity.currency)


def _won_for(opportunity: Opportunity, amount: Decimal | None) -> Decimal:
    """The amount, or the expected one, in the decimals of the currency."""
    won_for = amount if amount is not None else opportunity.expected_amount
    if won_for is None:
        raise invalid("/amount", "amount-missing")
    fitted: Decimal = amounts.fit(Opportunity, {"amount": won_for}, opportunity)["amount"]
    return fitted


def _close(
    session: Session,
    actor: Actor,
    opportunity: Opportunity,
    status: str,
    stage: Any,
    *,
    success_rate: int,
) -> None:
    opportunity.status, opportunity.closed_at = status, clock.now()
    _progress_one(session, actor, opportunity, "success_rate", success_rate)
    plan.close_pending(session, opportunity.id)
    _enter_stage(session, actor, opportunity, stage)


def _enter_stage(session: Session, actor: Actor, opportunity: Opportunity, stage: Any) -> None:
    moment, since = clock.now(), opportunity.stage_entered_at
    change = StageChange(
        opportunity_id=opportunity.id,
        from_stage=opportunity.stage,
        to_stage=stage.code,
        changed_at=moment,
        changed_by=actor.id,
        seconds_in_from_stage=int((moment - since).total_seconds()) if since else None,
    )
    session.add(change)
    opportunity.stage, opportunity.stage_type = stage.code, stage.type
    opportunity.stage_entered_at = moment
    outbox.add(session, lambda: events.stage_changed(opportunity, change))


def _progress_one(
    session: Session, actor: Actor, opportunity: Opportunity, name: str, value: Any
) -> None:
    old = getattr(opportunity, name)
    if old == value:
        return
    setattr(opportunity, name, value)
    session.add(
        ProgressChange(
            opportunity_id=opportunity.id,
            field=name,
            old=plain(old),
            new=plain(value),
            changed_at=clock.now(),
            changed_by=actor.id,
        )
    )
