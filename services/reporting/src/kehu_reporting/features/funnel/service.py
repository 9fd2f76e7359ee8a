"""Storing moves through the pipeline, and reporting the funnel."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, true
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data import search, validate
from kehu_chassis.data.fields import CommaList, Currency, Text
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging import projection
from kehu_chassis.messaging.versions import known
from kehu_reporting import pages, periods
from kehu_reporting.features.funnel import rules
from kehu_reporting.features.funnel.models import Opportunity, Stage, StageChange
from kehu_reporting.periods import period_of

Data = dict[str, Any]
Depths = dict[str, int]
Events = Sequence[tuple[Data, int]]
_SEVERAL = validate.Length(1, 50)
_WORDS = CommaList(Text(max_length=100, min_length=1), validate=_SEVERAL)
_NAMES = ("source", "region", "industry")  # compared as searches do
_OF_STAGE = ("reached", "conversion_to_next", "stays", "average_seconds", "median_seconds")
_NO_STAYS = {"stays": 0, "average_seconds": None, "median_seconds": None}

FILTERS: dict[str, ma.fields.Field[Any]] = {
    "assignee_id": CommaList(ma.fields.UUID(), validate=_SEVERAL),
    "currency": CommaList(Currency(), validate=_SEVERAL),
}
FILTERS |= dict.fromkeys(_NAMES, _WORDS)
OPPORTUNITIES = Listing(
    Opportunity,
    filters=("stage", "status"),
    sorts=("created_at", "amount", "closed_at", "number"),
    default_sort="-created_at",
    extra=FILTERS | {"reached_stage": Text(max_length=50, min_length=1)} | periods.fields(),
)


def store_stage_changes(session: Session, events: Events) -> None:
    """Store moves through the pipeline, each under its opportunity and moment."""
    rows = [
        {
            "opportunity_id": UUID(data["opportunity_id"]),
            "changed_at": datetime.fromisoformat(data["changed_at"]),
            "to_stage": data["to_stage"],
            "from_stage": data.get("from_stage"),
            "seconds_in_from_stage": data.get("seconds_in_from_stage"),
            "version": version,
        }
        for data, version in events
    ]
    projection.store(session, StageChange, rows, "opportunity_id", "changed_at", "to_stage")


def funnel(session: Session, actor: Actor, args: Data) -> Data:
    """The stages of the pipeline with count, amounts, conversion and time in stage."""
    counted, pipeline = _counted(actor, args), _pipeline(session)
    depths = rules.depths(pipeline)
    now = _present(session, counted)
    furthest = _furthest(session, counted, depths)
    times = _times(session, counted)
    reached = rules.reached(depths, furthest)
    conversions = rules.conversions(depths, reached)
    items = []
    for position, stage in enumerate(rules.shown(pipeline, now), 1):
        amounts = now.get(stage.code, [])
        count = sum(row["count"] for row in amounts)
        items.append(
            {
                "stage": stage.code,
                "position": position,
                "type": stage.type,
                "label_zh": stage.label_zh,
                "label_en": stage.label_en,
                "count": count,
                "amounts": amounts,
                "reached": reached.get(stage.code, count),
                "conversion_to_next": conversions.get(stage.code),
            }
            | times.get(stage.code, _NO_STAYS)
        )
    return {"period": period_of(args), "opportunities": sum(furthest.values()), "items": items}


def funnel_sheet(session: Session, actor: Actor, args: Data) -> Data:
    """The same with one row per stage and currency, as a sheet has no lists in its cells."""
    report = funnel(session, actor, args)
    return report | {"items": _per_currency(report["items"])}


def funnel_rows(session: Session, actor: Actor, args: Data) -> Page:
    """The opportunities that the funnel counts."""
    statement = select(Opportunity).where(*_counted(actor, args))
    if "reached_stage" in args:
        depths = rules.depths(_pipeline(session))
        statement = statement.where(_has_reached(args["reached_stage"], depths))
    return OPPORTUNITIES.page(session, statement, pages.listing_args(args))


def _pipeline(session: Session) -> list[rules.Stage]:
    """The stages in their order; none until marketing has published them to this service."""
    columns = (Stage.code, Stage.type, Stage.label_zh, Stage.label_en)
    rows = session.execute(select(*columns).order_by(Stage.position, Stage.code))
    return [rules.Stage(*row) for row in rows]


def _counted(actor: Actor, args: Data) -> list[ColumnElement[bool]]:
    """Opportunities that are or were in the pipeline, in scope, period and filter."""
    conditions = [
        Opportunity.deleted.is_(False),
        Opportunity.stage.is_not(None),
        directory.visible(
            actor,
            "report:read",
            Opportunity.assignee_id,
            Opportunity.created_by,
            orphans=Opportunity.created_by,
        ),
        *period_of(args).conditions(Opportunity.created_at),
    ]
    for name in FILTERS:
        if name in args:
            column = getattr(Opportunity, name)
            conditions.append(
                search.folded(column).in_([search.normalise(word) for word in args[name]])
                if name in _NAMES
                else column.in_(args[name])
            )
    return conditions


def _present(session: Session, counted: list[ColumnElement[bool]]) -> dict[str, list[Data]]:
    statement = (
        select(
            Opportunity.stage,
            Opportunity.currency,
            func.count().label("count"),
            func.coalesce(func.sum(Opportunity.amount), Decimal("0.00")).label("amount"),
        )
        .where(*counted)
        .group_by(Opportunity.stage, Opportunity.currency)
        .order_by(Opportunity.currency)
    )
    found: dict[str, list[Data]] = {}
    for row in session.execute(statement):
        part = {"currency": row.currency, "count": row.count, "amount": row.amount}
        found.setdefault(row.stage, []).append(part)
    return found


def _furthest(
    session: Session, counted: list[ColumnElement[bool]], depths: Depths
) -> dict[int, int]:
    """The number of opportunities by furthest depth, whichever events have arrived."""
    moves = (
        select(
            StageChange.opportunity_id,
            func.max(
                func.greatest(
                    _depth(StageChange.to_stage, depths), _depth(StageChange.from_stage, depths)
                )
            ).label("depth"),
        )
        .group_by(StageChange.opportunity_id)
        .subquery()
    )
    furthest = func.greatest(1, _depth(Opportunity.stage, depths), moves.c.depth).label("furthest")
    statement: Select[Any] = (
        select(furthest, func.count())
        .select_from(Opportunity)
        .outerjoin(moves, moves.c.opportunity_id == Opportunity.id)
        .where(*counted)
        .group_by(furthest)
    )
    return dict(session.execute(statement).all())


def _has_reached(stage: str, depths: Depths) -> ColumnElement[bool]:
    """The opportunity counts as one that reached the stage, as in the funnel."""
    if stage not in depths:
        return Opportunity.stage == stage
    if depths[stage] == 1:
        return true()
    there = [code for code, depth in depths.items() if depth >= depths[stage]]
    moved = select(StageChange.opportunity_id).where(
        or_(StageChange.to_stage.in_(there), StageChange.from_stage.in_(there))
    )
    return or_(Opportunity.stage.in_(there), Opportunity.id.in_(moved))


def _times(session: Session, counted: list[ColumnElement[bool]]) -> dict[str, Data]:
    seconds = StageChange.seconds_in_from_stage
    statement = (
        select(
            StageChange.from_stage,
            func.count(seconds).label("stays"),
            func.avg(seconds).label("average"),
            func.percentile_cont(0.5).within_group(seconds).label("median"),
        )
        .join(Opportunity, Opportunity.id == StageChange.opportunity_id)
        .where(StageChange.from_stage.is_not(None), seconds.is_not(None), *counted)
        .group_by(StageChange.from_stage)
    )
    return {
        row.from_stage: {
            "stays": row.stays,
            "average_seconds": round(row.average),
            "median_seconds": round(row.median),
        }
        for row in session.execute(statement)
    }


def _per_currency(items: list[Data]) -> list[Data]:
    """One row per stage and currency.  Figures of the whole stage are in its first row only, so
    that columns can be summed."""
    rows = []
    for item in items:
        amounts = item["amounts"] or [{"currency": None, "count": 0, "amount": None}]
        rows.append(item | amounts[0])
        rows += [item | dict.fromkeys(_OF_STAGE) | amount for amount in amounts[1:]]
    return rows


def _depth(column: Any, depths: Depths) -> ColumnElement[int]:
    return case(depths, value=column, else_=0) if depths else literal(0)


VERSIONS = [
    known(
        "marketing.opportunity-stage-changed.v1",
        select(
            func.concat_ws(
                " ", StageChange.opportunity_id, StageChange.changed_at, StageChange.to_stage
            ),
            literal(1),
            Opportunity.deleted,
        ).join_from(StageChange, Opportunity, Opportunity.id == StageChange.opportunity_id),
    ),
]
