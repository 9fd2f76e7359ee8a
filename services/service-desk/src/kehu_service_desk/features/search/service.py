"""Searching service requests as the search box does."""

from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_service_desk.features.customers import service as customers
from kehu_service_desk.features.requests import service as requests


def search(session: Session, actor: Actor, query: str) -> dict[str, Any]:
    """The best hits among what the caller may read."""
    found = requests.find(session, actor, query)
    labels = customers.labels(session, [hit.record.customer_id for hit in found])
    return {
        "items": [
            hit.shown(
                "request",
                number=hit.record.number,
                name=hit.record.summary,
                detail=labels.get(hit.record.customer_id, (None, None))[1],
                customer_id=hit.record.customer_id,
            )
            for hit in found
        ]
    }
