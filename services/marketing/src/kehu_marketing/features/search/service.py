"""Searching opportunities as the search box does."""

from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data.hits import Hit
from kehu_marketing.features.opportunities import service as opportunities


def search(session: Session, actor: Actor, query: str) -> dict[str, Any]:
    """The best hits among what the caller may read."""
    return {"items": [_shown(hit) for hit in opportunities.find(session, actor, query)]}


def _shown(hit: Hit) -> dict[str, Any]:
    one = hit.record
    return hit.shown(
        "opportunity",
        number=one.number,
        name=one.customer_name,
        detail=one.summary,
        customer_id=one.customer_id,
    )
