"""Reporting how service requests are composed."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_reporting import pages, periods
from kehu_reporting.features.customers import service as customers
from kehu_reporting.features.requests.models import ServiceRequest
from kehu_reporting.periods import period_of

Data = dict[str, Any]
TYPES = ("consultation", "suggestion", "complaint", "after_sales", "other")
STATUSES = ("created", "assigned", "handled", "archived", "cancelled")

REQUESTS = Listing(
    ServiceRequest,
    filters=("type", "status", "priority", "customer_id", "assignee_id"),
    choices={"type": TYPES, "status": STATUSES},
    sorts=("created_at", "number"),
    default_sort="-created_at",
    extra=periods.fields(),
)


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


def composition_rows(session: Session, actor: Actor, args: Data) -> Page:
    """The requests that the composition counts."""
    statement = select(ServiceRequest).where(
        _in_scope(actor), *period_of(args).conditions(ServiceRequest.created_at)
    )
    page = REQUESTS.page(session, statement, pages.listing_args(args))
    known = customers.labels(session, [row.customer_id for row in page.items])
    names = {customer.id: customer.name for customer in known.values()}
    return page.map(lambda row: records.show(row, customer_name=names.get(row.customer_id)))


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    """SQL: a request whose customer, creator or assignee the caller may see."""
    customer = customers.reference()
    visible = select(customer.id).where(customers.in_scope(actor, customer))
    people = directory.visible(
        actor, "report:read", ServiceRequest.created_by, ServiceRequest.assignee_id
    )
    return and_(ServiceRequest.customer_id.in_(visible) | people)
