"""Storing opportunities and their moves, and reporting the funnel."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging import projection
from kehu_chassis.messaging.versions import known
from kehu_reporting import pages, sheets
from kehu_reporting.features.funnel import rules
from kehu_reporting.features.funnel.models import Opportunity, StageChange
from kehu_reporting.periods import period_of

Data = dict[str, Any]
Events = Sequence[tuple[Data, int]]
_FILTERS = ("assignee_id", "source", "region", "industry", "currency")
_OF_STAGE = ("reached", "conversion_to_next", "stays", "average_seconds", "median_seconds")


def store_opportunities(session: Session, events: Events) -> None:
    """Store the newest state of each opportunity."""
    rows = [_row(data, version) for data, version in events]
    projection.store(session, Opportunity, rows, "id")


def store_deleted(session: Session, data: Data, version: int) -> None:
    """Leave a tombstone, also of an opportunity that was never heard of."""
    row = projection.blank(Opportunity, id=UUID(data["id"]), deleted=True, version=version)
    projection.store(session, Opportunity, [row], "id")


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
    """The nine stages with count, amounts, conversion and time in stage."""
    counted = _counted(actor, args)
    now = _present(session, counted)
    furthest = _furthest(session, counted)
    times = _times(session, counted)
    reached = rules.reached(furthest)
    known = [*rules.STAGES, *sorted(set(now) - set(rules.STAGES))]
    items = []
    for position, stage in enumerate(known, 1):
        amounts = now.get(stage, [])
        count = sum(row["count"] for row in amounts)
        items.append(
            {
                "stage": stage,
                "position": position,
                "type": rules.type_of(stage),
                "count": count,
                "amounts": amounts,
                "reached": reached.get(stage, count),
                "conversion_to_next": rules.conversion(stage, reached),
            }
            | times.get(stage, {"stays": 0, "average_seconds": None, "median_seconds": None})
        )
    shown = _per_currency(items) if sheets.wants_csv(args) else items
    return {"period": period_of(args), "opportunities": sum(furthest.values()), "items": shown}


def funnel_rows(session: Session, actor: Actor, listing: Listing, args: Data) -> Page:
    """The opportunities that the funnel counts."""
    statement = select(Opportunity).where(*_counted(actor, args))
    page = listing.page(session, statement, pages.listing_args(args))
    names = directory.names_of(session, [row.assignee_id for row in page.items])
    columns = Opportunity.__table__.columns.keys()
    return page.map(
        lambda row: (
            {name: getattr(row, name) for name in columns}
            | {"assignee_name": names.get(row.assignee_id)}
        )
    )


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
    for name in _FILTERS:
        if name in args:
            conditions.append(getattr(Opportunity, name).in_(args[name]))
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


def _furthest(session: Session, counted: list[ColumnElement[bool]]) -> dict[int, int]:
    """How many opportunities got how far at most; whichever events have arrived."""
    moves = (
        select(
            StageChange.opportunity_id,
            func.max(
                func.greatest(_depth(StageChange.to_stage), _depth(StageChange.from_stage))
            ).label("depth"),
        )
        .group_by(StageChange.opportunity_id)
        .subquery()
    )
    furthest = func.greatest(1, _depth(Opportunity.stage), moves.c.depth).label("furthest")
    statement: Select[Any] = (
        select(furthest, func.count())
        .outerjoin(moves, moves.c.opportunity_id == Opportunity.id)
        .where(*counted)
        .group_by(furthest)
    )
    return dict(session.execute(statement).all())


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
    """One row per stage and currency, as a sheet wants it.  What is told of the stage, whatever the
    currency, stands in its first row only, so that a column can be added up."""
    rows = []
    for item in items:
        amounts = item["amounts"] or [{"currency": None, "count": 0, "amount": None}]
        rows.append(item | amounts[0])
        rows += [item | dict.fromkeys(_OF_STAGE) | amount for amount in amounts[1:]]
    return rows


def _depth(column: Any) -> ColumnElement[int]:
    return case(rules.DEPTHS, value=column, else_=0)


def _row(data: Data, version: int) -> Data:
    won = data["amount"] if data.get("amount") is not None else data.get("expected_amount")
    return {
        "id": UUID(data["id"]),
        "number": data["number"],
        "customer_name": data["customer_name"],
        "customer_id": projection.uuid_of(data.get("customer_id")),
        "status": data["status"],
        "stage": data.get("stage"),
        "assignee_id": projection.uuid_of(data.get("assignee_id")),
        "created_by": UUID(data["created_by"]),
        "success_rate": data["success_rate"],
        "currency": data["currency"],
        "amount": Decimal(won) if won is not None else None,
        "source": data.get("source"),
        "region": data.get("region"),
        "industry": data.get("industry"),
        "created_at": datetime.fromisoformat(data["created_at"]),
        "closed_at": datetime.fromisoformat(data["closed_at"]) if data.get("closed_at") else None,
        "deleted": False,
        "version": version,
    }


VERSIONS = [
    known(
        "marketing.opportunity-changed.v1",
        select(Opportunity.id, Opportunity.version, Opportunity.deleted),
    ),
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
