"""The board: the opportunities that are being developed, by stage, as the caller may read them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import marshmallow as ma
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data import validate
from kehu_marketing.features.opportunities import rules
from kehu_marketing.features.opportunities.models import Opportunity
from kehu_marketing.features.opportunities.service.records import OPPORTUNITIES
from kehu_marketing.features.stages import service as stages

_ROWS = {
    "limit": ma.fields.Integer(
        load_default=20,
        validate=validate.Range(1, 50),
        metadata={"description": "How many opportunities to show of each stage."},
    )
}
# All filters of the list but the status, which is `developing` here.
_FILTERS = {name: field for name, field in OPPORTUNITIES.filter_fields.items() if name != "status"}
BoardQuery = ma.Schema.from_dict(_ROWS | _FILTERS, name="BoardQuery")


def board(session: Session, actor: Actor, args: Mapping[str, Any]) -> dict[str, Any]:
    """The open stages in order, each with count, expected amounts per currency and first cards."""
    given = {**args, "status": [rules.DEVELOPING], "sort": "kanban_rank"}
    amounts = _amounts(session, actor, given)
    columns = []
    for stage in stages.all_open(session):
        if stage.code not in args.get("stage", [stage.code]):
            continue
        page = records.page(session, actor, OPPORTUNITIES, given | {"stage": [stage.code]})
        of_stage = amounts.get(stage.code, [])
        columns.append(
            {
                "stage": stage.code,
                "position": stage.position,
                "label_zh": stage.label_zh,
                "label_en": stage.label_en,
                "count": sum(amount["count"] for amount in of_stage),
                "amounts": of_stage,
                "opportunities": page.items,
                "next_cursor": page.next_cursor,
            }
        )
    return {"items": columns}


def _amounts(
    session: Session, actor: Actor, given: Mapping[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Count and sum by stage and currency; amounts of different currencies are never added."""
    readable = select(Opportunity).where(records.readable(session, actor, Opportunity))
    grouped = (
        OPPORTUNITIES.filtered(session, readable, given)
        .with_only_columns(
            Opportunity.stage,
            Opportunity.currency,
            func.count().label("count"),
            func.coalesce(func.sum(Opportunity.expected_amount), Decimal("0.00")).label("amount"),
        )
        .group_by(Opportunity.stage, Opportunity.currency)
        .order_by(Opportunity.stage, Opportunity.currency)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.execute(grouped):
        amount = {"currency": row.currency, "count": row.count, "amount": row.amount}
        found.setdefault(row.stage, []).append(amount)
    return found
