"""Publishing stages and looking them up."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.problems import unknown_reference
from kehu_chassis.records import states
from kehu_marketing.features.stages.models import Stage

LOST_TO_COMPETITOR = "lost_to_competitor"


def list_(session: Session) -> dict[str, list[Stage]]:
    """All stages, in order."""
    return {"items": list(session.scalars(select(Stage).order_by(Stage.position)))}


def publish(session: Session) -> None:
    """Publish the state of every stage, at the end of every migration.

    Migrations fill the table but publish nothing.  Consumers ignore a state that they already have,
    and there are only nine.
    """
    states.add(session, session.scalars(select(Stage).order_by(Stage.position)))


def require(session: Session, code: str) -> Stage:
    """The stage of that code; 422 about ``stage`` if there is none."""
    stage = session.scalar(select(Stage).where(Stage.code == code))
    if stage is None:
        raise unknown_reference("stage")
    return stage


def all_open(session: Session) -> list[Stage]:
    """The open stages, in order."""
    return list(session.scalars(select(Stage).where(Stage.type == "open").order_by(Stage.position)))


def first_open(session: Session) -> Stage:
    """Where every opportunity begins: the first open stage."""
    return _first(session, "open")


def won(session: Session) -> Stage:
    """The stage of won opportunities."""
    return _first(session, "won")


def lost(session: Session, *, to_competitor: bool) -> Stage:
    """The stage of lost opportunities, its own for those lost to a competitor."""
    return require(session, LOST_TO_COMPETITOR) if to_competitor else _first(session, "lost")


def _first(session: Session, stage_type: str) -> Stage:
    return session.scalars(
        select(Stage).where(Stage.type == stage_type).order_by(Stage.position).limit(1)
    ).one()
