"""Contacts of a customer: at most one is the primary one, and the last one stays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from kehu_chassis import records
from kehu_chassis.actor import Actor
from kehu_chassis.data import hits
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.data.search import normalise
from kehu_chassis.problems import require_filled
from kehu_customer.features.contacts import operations, rules
from kehu_customer.features.contacts.models import Contact
from kehu_customer.features.customers import service as customers
from kehu_customer.features.customers.service import Customer

_SORTS = ("name", "created_at")
_FILTERS = ("is_primary", "category", "department", "reports_to_id")
_NAMES = ("category", "department")
LISTING = Listing(Contact, sorts=_SORTS, default_sort="created_at", filters=_FILTERS, names=_NAMES)
# The contacts of all customers.
ALL = Listing(
    Contact,
    sorts=_SORTS,
    default_sort="-created_at",
    filters=("customer_id", *_FILTERS),
    names=_NAMES,
)
_COMPARED = ("name", "mobile", "office_phone", "wechat", "email")


def list_(session: Session, actor: Actor, customer_id: UUID, args: Mapping[str, Any]) -> Page:
    """The contacts of a customer that the caller may read."""
    records.get(session, actor, Customer, customer_id)
    page = LISTING.page(session, select(Contact).where(Contact.customer_id == customer_id), args)
    return page.map(_Names(session, page.items).shown)


def list_all(session: Session, actor: Actor, args: Mapping[str, Any]) -> Page:
    """The contacts of all customers that the caller may read."""
    page = records.page(session, actor, ALL, args)
    return page.map(_Names(session, page.items).shown)


def find(session: Session, actor: Actor, query: str) -> list[hits.Hit]:
    """The contacts whom the caller may read that a search box shows."""
    visible = select(Contact).where(records.readable(session, actor, Contact))
    return hits.best(session, ALL, visible, query, by=_COMPARED)


def get(session: Session, actor: Actor, customer_id: UUID, contact_id: UUID) -> Any:
    """One contact."""
    return _shown(session, records.get(session, actor, Contact, contact_id, within=customer_id))


def list_changes(
    session: Session, actor: Actor, customer_id: UUID, contact_id: UUID, args: dict[str, Any]
) -> Page:
    """One page of who changed a contact, and what."""
    return records.changes_of(session, actor, Contact, contact_id, args, within=customer_id)


def create(session: Session, actor: Actor, customer_id: UUID, **fields: Any) -> Any:
    """Add a contact; the first one is the primary one."""
    records.lock(session, actor, operations.CREATE, customer_id)
    return _shown(session, _add(session, customer_id, fields))


def add_if_new(session: Session, customer_id: UUID, *, name: str, phone: str | None) -> None:
    """Add the person named on an opportunity to a (locked) customer, unless known by that name."""
    known = session.scalars(select(Contact.name).where(Contact.customer_id == customer_id))
    if normalise(name) not in {"", *map(normalise, known)}:
        _add(session, customer_id, {"name": name, "office_phone": phone, "gender": "unknown"})


def update_(
    session: Session, actor: Actor, customer_id: UUID, contact_id: UUID, **fields: Any
) -> Any:
    """Edit a contact, or make it the primary one."""
    contact = records.lock(session, actor, operations.UPDATE, contact_id, within=customer_id)
    require_filled(_fill(session, contact, fields), rules.REQUIRED)
    return _shown(session, contact)


def delete(session: Session, actor: Actor, customer_id: UUID, contact_id: UUID) -> None:
    """Delete a contact; 409 for the last one.  The oldest one succeeds a primary one."""
    contact = records.lock(session, actor, operations.DELETE, contact_id, within=customer_id)
    for other in session.scalars(select(Contact).where(Contact.reports_to_id == contact_id)):
        other.reports_to_id = None
    session.delete(contact)
    session.flush()
    if contact.is_primary:
        others = select(Contact).where(Contact.customer_id == customer_id)
        session.scalars(others.order_by(Contact.id).limit(1)).one().is_primary = True


@dataclass(frozen=True)
class Summary:
    """How many contacts a customer has, and the primary one."""

    count: int = 0
    primary_contact_id: UUID | None = None
    primary_contact_name: str | None = None


def summaries(session: Session, customer_ids: Collection[UUID]) -> dict[UUID, Summary]:
    """A summary of the contacts of each of these customers; an empty one for those without."""
    found = (
        select(
            Contact.customer_id,
            func.count().over(partition_by=Contact.customer_id),
            case((Contact.is_primary, Contact.id)),
            case((Contact.is_primary, Contact.name)),
        )
        .ext(distinct_on(Contact.customer_id))
        .where(Contact.customer_id.in_(customer_ids))
        .order_by(Contact.customer_id, Contact.is_primary.desc())
    )
    known = {customer_id: Summary(*rest) for customer_id, *rest in session.execute(found)}
    return {ident: known.get(ident, Summary()) for ident in customer_ids}


def _shown(session: Session, contact: Contact) -> Any:
    return _Names(session, [contact]).shown(contact)


class _Names:
    """What contacts are shown with: their customers, and those to whom they report."""

    def __init__(self, session: Session, contacts: Sequence[Contact]) -> None:
        self._customers = customers.briefs(session, {one.customer_id for one in contacts})
        chiefs = {one.reports_to_id for one in contacts} - {None}
        found = select(Contact.id, Contact.name).where(Contact.id.in_(chiefs))
        self._chiefs: dict[UUID | None, str] = dict(session.execute(found).all())

    def shown(self, contact: Contact) -> Any:
        customer = self._customers[contact.customer_id]
        return records.show(
            contact,
            customer_number=customer.number,
            customer_name=customer.name,
            reports_to_name=self._chiefs.get(contact.reports_to_id),
        )


def _add(session: Session, customer_id: UUID, fields: Mapping[str, Any]) -> Contact:
    first = {} if summaries(session, [customer_id])[customer_id].count else {"is_primary": True}
    contact = _fill(session, Contact(customer_id=customer_id), {**fields, **first})
    session.add(contact)
    return contact


def _fill(session: Session, contact: Contact, fields: Mapping[str, Any]) -> Contact:
    """The customer is locked, so that no two edits make a circle together, or two primary ones."""
    of_customer = Contact.customer_id == contact.customer_id
    if chief_id := fields.get("reports_to_id"):
        known = session.execute(select(Contact.id, Contact.reports_to_id).where(of_customer))
        rules.require_chief(contact, chief_id, dict(known.all()))
    if fields.get("is_primary") and not contact.is_primary:
        for other in session.scalars(select(Contact).where(of_customer, Contact.is_primary)):
            other.is_primary = False
        session.flush()  # first, as there is never a second one
    for field, value in fields.items():
        setattr(contact, field, value)
    return contact
