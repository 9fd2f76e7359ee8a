"""Storing service requests, and reporting how they are composed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging import projection
from kehu_chassis.messaging.events import Received
from kehu_chassis.messaging.versions import known
from kehu_reporting import pages
from kehu_reporting.features.customers import service as customers
from kehu_reporting.features.requests.models import ServiceRequest
from kehu_reporting.periods import period_of

Data = dict[str, Any]


def store(session: Session, events: Iterable[Received]) -> None:
    """Store the newest state of each request."""
    projection.mirror(session, ServiceRequest, events)


def composition(session: Session, actor: Actor, args: Data) -> Data:
    """How many requests there are of each type, their share, and how they ended."""
    count = func.count().label("count")
    statement = (
        select(
            ServiceRequest.type.label("value"),
            count,
            func.count().filter(ServiceRequest.status == "archived").label("archived"),
            func.count().filter(ServiceRequest.status == "cancelled").label("cancelled"),
            func.avg(ServiceRequest.satisfaction).label("satisfaction"),
        )
        .where(_in_scope(actor), *period_of(args).conditions(ServiceRequest.created_at))
        .group_by(ServiceRequest.type)
        .order_by(count.desc(), ServiceRequest.type)
    )
    rows = session.execute(statement).mappings().all()
    total = sum(row["count"] for row in rows)
    return {
        "period": period_of(args),
        "total": total,
        "items": [dict(row) | {"share": round(row["count"] / total, 6)} for row in rows],
    }


def composition_rows(session: Session, actor: Actor, listing: Listing, args: Data) -> Page:
    """The requests that the composition counts."""
    statement = select(ServiceRequest).where(
        _in_scope(actor), *period_of(args).conditions(ServiceRequest.created_at)
    )
    page = listing.page(session, statement, pages.listing_args(args))
    known = customers.labels(session, [row.customer_id for row in page.items])
    columns = ServiceRequest.__table__.columns.keys()
    return page.map(
        lambda row: (
            {name: getattr(row, name) for name in columns}
            | {"customer_name": known[row.customer_id].name if row.customer_id in known else None}
        )
    )


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    """SQL: a request of a customer that the reader may see, or of one not heard of yet if they
    may see the request's creator or assignee."""
    customer = customers.reference()
    visible = select(customer.id).where(customers.in_scope(actor, customer))
    people = directory.visible(
        actor, "report:read", ServiceRequest.created_by, ServiceRequest.assignee_id
    )
    return and_(ServiceRequest.customer_id.in_(visible) | people)


VERSIONS = [
    known("service-desk.request-changed.v1", select(ServiceRequest.id, ServiceRequest.version))
]
