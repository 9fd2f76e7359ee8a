"""Reading many customers: lists for people, rows for batch work."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data import hits, search
from kehu_chassis.data.counts import Counts
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_chassis.problems import forbidden
from kehu_customer.features.customers.models import Customer
from kehu_customer.features.customers.rules import STATUSES
from kehu_customer.features.customers.service.access import present
from kehu_customer.features.customers.service.deletion import restorable_since
from kehu_customer.features.reference import service as reference

# The directory is filtered and sorted only by what it shows.
_SHOWN_FILTERS = ("manager_id", "region", "industry", "level", "status", "number")
_SHOWN_SORTS = ("number", "name")
_CHOICES = {"level": tuple(reference.LEVELS), "status": STATUSES}
_SHOWN_NAMES = ("region", "industry")


def _found_by(session: Session, word: str) -> ColumnElement[bool] | None:
    """A customer is found by its manager's name, too."""
    managers = directory.named(session, word)
    return Customer.manager_id.in_(managers) if managers else None


def _shown_text() -> ColumnElement[str]:
    """The lines of a customer's name and number, the only ones that everybody may search: the
    other fields would reveal whose phone a number is."""
    number = func.lower(Customer.number)
    name = func.split_part(Customer.search_text, number, 1)
    return name.concat(number).concat("\n").concat(func.replace(number, "-", ""))


LISTING = Listing(
    Customer,
    sorts=("created_at", *_SHOWN_SORTS, "updated_at"),
    default_sort="-created_at",
    filters=(*_SHOWN_FILTERS, "source", "type", "satisfaction", "credit", "is_prospect"),
    ranges=("created_at",),
    choices=_CHOICES,
    names=(*_SHOWN_NAMES, "source", "type"),
    found_by=_found_by,
    extra={"deleted": ma.fields.Boolean(), "without_manager": ma.fields.Boolean()},
)
COUNTS = Counts(LISTING, by=("status", "manager_id"))
DIRECTORY = Listing(
    Customer,
    sorts=_SHOWN_SORTS,
    default_sort="-number",
    filters=_SHOWN_FILTERS,
    choices=_CHOICES,
    names=_SHOWN_NAMES,
    text=_shown_text(),
)
# The search box: by names, or by whatever has a digit.  The name of a region, level or manager
# would bring many customers whose own names do not show why.
_BY_NAME = Listing(Customer, sorts=("created_at",), default_sort="-created_at", text=_shown_text())
_BY_NUMBER = Listing(Customer, sorts=("created_at",), default_sort="-created_at")
_COMPARED = ("number", "name", "phone", "registration_no", "sales_codes")
_BRIEF = (
    Customer.id,
    Customer.number,
    Customer.name,
    Customer.manager_id,
    Customer.status,
    Customer.lost_at,
)


def list_(session: Session, actor: Actor, args: Mapping[str, Any]) -> Page:
    """The customers that the caller may read, or the deleted ones that they might restore."""
    return LISTING.page(session, listed(session, actor, args), args)


def listed(session: Session, actor: Actor, args: Mapping[str, Any]) -> Select[Customer]:
    """The same as a statement, without the list's own filters."""
    if args.get("deleted"):
        statement = _restorable(session, actor)
    else:
        statement = select(Customer).where(records.readable(session, actor, Customer))
    unmanaged = [Customer.manager_id.is_(None)] if args.get("without_manager") else []
    return statement.where(*unmanaged)


def list_directory(session: Session, args: Mapping[str, Any]) -> Page:
    """All customers in short, so that no two people pursue one company."""
    return DIRECTORY.page(session, present(), args)


def find(session: Session, actor: Actor, query: str) -> list[hits.Hit]:
    """The customers whom the caller may read that a search box shows."""
    listing = _BY_NUMBER if search.has_digit(query) else _BY_NAME
    visible = select(Customer).where(records.readable(session, actor, Customer))
    return hits.best(session, listing, visible, query, by=_COMPARED)


def found_ids(query: str) -> Select[UUID]:
    """The ids of the customers whose name or number contains these words."""
    found = search.matches(query, Customer.search_grams.expression, _shown_text())
    return select(Customer.id).where(found)


def briefs(session: Session, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Number, name, manager and state of customers."""
    return _briefs(session, select(*_BRIEF).where(Customer.id.in_(ids))) if ids else {}


def share(session: Session, ids: Collection[UUID]) -> dict[UUID, Any]:
    """The same of those that are not deleted, share-locked until the end of the transaction.

    Scans, losses and deletions lock a customer exclusively, so that none of them misses an order
    that is being recorded.
    """
    if not ids:
        return {}
    held = select(*_BRIEF).where(Customer.id.in_(ids), Customer.deleted_at.is_(None))
    return _briefs(session, held.order_by(Customer.id).with_for_update(read=True))


def normal_batch(session: Session, after: UUID, limit: int) -> list[Any]:
    """The next ``limit`` normal customers by id, locked for a scan."""
    return list(
        session.execute(
            select(
                Customer.id,
                Customer.number,
                Customer.name,
                Customer.manager_id,
                Customer.level,
                Customer.status,
                Customer.churn_months,
                Customer.is_prospect,
                Customer.created_at,
            )
            .where(Customer.id > after, Customer.status == "normal", Customer.deleted_at.is_(None))
            .order_by(Customer.id)
            .limit(limit)
            .with_for_update()
        )
    )


def _restorable(session: Session, actor: Actor) -> Select[Customer]:
    """The deleted customers that the caller might restore; 403 for anyone who may delete none."""
    if actor.scope("customer:delete") is None:
        raise forbidden("customer:delete")
    return select(Customer).where(
        Customer.deleted_at >= restorable_since(session),
        directory.visible(actor, "customer:delete", Customer.manager_id),
    )


def _briefs(session: Session, statement: Any) -> dict[UUID, Any]:
    return {row.id: row for row in session.execute(statement)}
