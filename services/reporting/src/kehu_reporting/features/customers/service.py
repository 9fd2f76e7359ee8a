"""Customers for the other reports, and reporting how they are composed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import ColumnElement, Text, and_, cast, func, select
from sqlalchemy.orm import Session, aliased

from kehu_chassis.actor import Actor
from kehu_chassis.data import search, validate
from kehu_chassis.data.bulk import one_of
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.messaging import projection
from kehu_reporting import pages, periods
from kehu_reporting.features.customers.models import CustomerRef
from kehu_reporting.periods import period_of

Data = dict[str, Any]
DIMENSIONS = ("level", "region", "satisfaction", "credit", "industry")
STATUSES = ("normal", "lost")

CUSTOMERS = Listing(
    CustomerRef,
    filters=("level", "region", "satisfaction", "credit", "industry", "status", "manager_id"),
    choices={"status": STATUSES},
    names=("region", "industry"),
    sorts=("name", "number", "created_at"),
    default_sort="name",
    extra={"missing": ma.fields.String(validate=validate.OneOf(DIMENSIONS))} | periods.fields(),
)


def mentioned(session: Session, events: Iterable[Data]) -> None:
    """Record customers that another event names, until their own state arrives."""
    rows = [
        projection.blank(
            CustomerRef,
            id=UUID(data["customer_id"]),
            number=data["customer_number"] or "",
            name=data["customer_name"] or "",
            manager_id=projection.uuid_of(data.get("manager_id")),
        )
        for data in events
    ]
    projection.add_missing(session, CustomerRef, rows, "id")


def reference() -> Any:
    """The customers as a table that other features may join."""
    return aliased(CustomerRef, name="customer")


def in_scope(actor: Actor, customer: Any) -> ColumnElement[bool]:
    """SQL: a customer that exists and that the reader of reports may see."""
    return and_(
        customer.deleted.is_(False),
        directory.visible(actor, "report:read", customer.manager_id),
    )


def named(customer: Any, text: str) -> ColumnElement[bool]:
    """SQL: the customer's name contains the text, in any case and width."""
    return search.has_text(search.folded(customer.name), search.normalise(text))


def labels(session: Session, customer_ids: Iterable[UUID]) -> dict[UUID, CustomerRef]:
    """Customers by id; a file may have rows of more than the 65,535 that ``in_`` could take."""
    rows = session.scalars(select(CustomerRef).where(one_of(CustomerRef.id, set(customer_ids))))
    return {row.id: row for row in rows}


def shown(customer: CustomerRef) -> Data:
    """How the rows of other features show their customer."""
    return {"customer_number": customer.number, "customer_name": customer.name}


def composition(session: Session, actor: Actor, args: Data) -> Data:
    """How many customers there are of each kind, and their share."""
    column = cast(getattr(CustomerRef, args["by"]), Text).label("value")
    customers = func.count().label("customers")
    statement = (
        select(column, customers)
        .where(_counted(actor), CustomerRef.status.in_(args["status"]))
        .where(*period_of(args).conditions(CustomerRef.created_at))
        .group_by(column)
        .order_by(customers.desc(), column)
    )
    rows = session.execute(statement).all()
    total = sum(row.customers for row in rows)
    return {
        "by": args["by"],
        "status": args["status"],
        "period": period_of(args),
        "total": total,
        "items": [
            {"value": row.value, "count": row.customers, "share": round(row.customers / total, 6)}
            for row in rows
        ],
    }


def composition_rows(session: Session, actor: Actor, args: Data) -> Page:
    """The customers that the composition counts."""
    statement = select(CustomerRef).where(_counted(actor))
    statement = statement.where(*period_of(args).conditions(CustomerRef.created_at))
    if "missing" in args:
        statement = statement.where(getattr(CustomerRef, args["missing"]).is_(None))
    return CUSTOMERS.page(session, statement, {"status": ["normal"]} | pages.listing_args(args))


def _counted(actor: Actor) -> ColumnElement[bool]:
    return and_(
        in_scope(actor, CustomerRef), CustomerRef.version > 0, CustomerRef.merged_into.is_(None)
    )


def deleted(customer_id: Any) -> ColumnElement[bool]:
    """SQL: whether the customer of that column is deleted."""
    return CustomerRef.is_deleted(customer_id)
