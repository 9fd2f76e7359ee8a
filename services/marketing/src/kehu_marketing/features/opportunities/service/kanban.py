"""The order of the cards on the kanban: ranks with room between them."""

from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.problems import unknown_reference
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.models import Opportunity


def hold(session: Session, stage: str) -> None:
    """Lock the order of the cards of a stage.

    Taken before the lock of the opportunity, as making room changes the stage's other cards.
    """
    advisory_lock(session, f"kanban:{stage}")


def rank_on_top(session: Session) -> float:
    """The rank of a new card: above all others."""
    top = session.scalar(select(func.min(Opportunity.kanban_rank)))
    return 0.0 if top is None else top - 1.0


def rank_above(
    session: Session, actor: Actor, opportunity: Opportunity, stage: str, other_id: UUID
) -> float:
    """The rank right above another card of the (locked) stage; 422 if the actor may not read it."""
    rank = _rank_above(session, actor, opportunity, stage, other_id)
    if rank is None:
        _make_room(session, opportunity, stage)
        rank = _rank_above(session, actor, opportunity, stage, other_id)
        assert rank is not None
    return rank


def _rank_above(
    session: Session, actor: Actor, opportunity: Opportunity, stage: str, other_id: UUID
) -> float | None:
    place = (Opportunity.kanban_rank, Opportunity.id)
    others = (Opportunity.stage == stage, Opportunity.id != opportunity.id)
    below = session.execute(
        select(*place).where(
            *others, Opportunity.id == other_id, records.readable(session, actor, Opportunity)
        )
    ).first()
    if below is None:
        raise unknown_reference("above_id")
    above = session.scalar(
        select(Opportunity.kanban_rank)
        .where(*others, Opportunity.status == rules.DEVELOPING, tuple_(*place) < tuple(below))
        .order_by(Opportunity.kanban_rank.desc(), Opportunity.id.desc())
        .limit(1)
    )
    return rules.rank_between(above, below.kanban_rank)


def _make_room(session: Session, opportunity: Opportunity, stage: str) -> None:
    """Renumber the other cards of a stage in their order.  They keep their versions, as the rank is
    not published."""
    nth = func.row_number().over(order_by=(Opportunity.kanban_rank, Opportunity.id))
    ranked = (
        select(Opportunity.id, nth.label("nth"))
        .where(
            Opportunity.status == rules.DEVELOPING,
            Opportunity.stage == stage,
            Opportunity.id != opportunity.id,
        )
        .subquery()
    )
    session.execute(
        update(Opportunity)
        .where(Opportunity.id == ranked.c.id)
        .values(kanban_rank=ranked.c.nth)
        .execution_options(synchronize_session=False, state_published=True)
    )
