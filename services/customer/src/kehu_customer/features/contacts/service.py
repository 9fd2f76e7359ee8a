"""Contacts of a customer: at most one is the primary one, and the last one stays."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.data.search import normalise
from kehu_chassis.problems import not_found
from kehu_chassis.records import precondition
from kehu_customer.features.contacts import rules
from kehu_customer.features.contacts.models import Contact
from kehu_customer.features.customers import service as customers

LISTING = Listing(
    Contact,
    sorts={"name": Contact.name, "created_at": Contact.created_at},
    default_sort="created_at",
    filters={
        "is_primary": Contact.is_primary,
        "category": Contact.category,
        "department": Contact.department,
        "reports_to_id": Contact.reports_to_id,
    },
)


def list_(session: Session, actor: Actor, customer_id: UUID, args: Mapping[str, Any]) -> Page:
    """The contacts of a customer that the actor may read."""
    customers.get(session, actor, customer_id)
    return LISTING.page(session, select(Contact).where(Contact.customer_id == customer_id), args)


def get(session: Session, actor: Actor, customer_id: UUID, contact_id: UUID) -> Contact:
    """One contact."""
    customers.get(session, actor, customer_id)
    return _of(session, customer_id, contact_id)


def create(
    session: Session, actor: Actor, customer_id: UUID, *, is_primary: bool = False, **fields: Any
) -> Contact:
    """Add a contact; the first one is the primary one."""
    customers.lock(session, actor, customer_id, "contact:create")
    _check_chief(session, customer_id, None, fields)
    return _add(session, customer_id, fields, is_primary=is_primary)


def add_if_new(session: Session, customer_id: UUID, *, name: str, phone: str | None) -> None:
    """Add the person named on an opportunity to a (locked) customer, unless known by that name."""
    wanted = normalise(name)
    known = session.scalars(select(Contact.name).where(Contact.customer_id == customer_id))
    if wanted and all(normalise(other) != wanted for other in known):
        _add(session, customer_id, {"name": name, "office_phone": phone}, is_primary=False)


def update_(
    session: Session,
    actor: Actor,
    customer_id: UUID,
    contact_id: UUID,
    *,
    is_primary: bool | None = None,
    **fields: Any,
) -> Contact:
    """Edit a contact, or make it the primary one."""
    customers.lock(session, actor, customer_id, "contact:update")
    contact = _of(session, customer_id, contact_id)
    precondition.check(contact)
    _check_chief(session, customer_id, contact_id, fields)
    if is_primary and not contact.is_primary:
        _demote(session, customer_id)
    if is_primary is not None:
        contact.is_primary = is_primary
    _assign(contact, fields)
    rules.require_complete(contact)
    return contact


def delete(session: Session, actor: Actor, customer_id: UUID, contact_id: UUID) -> None:
    """Delete a contact, unless it is the last; the oldest follows a deleted primary one, and nobody
    reports to them any more."""
    customers.lock(session, actor, customer_id, "contact:delete")
    contact = _of(session, customer_id, contact_id)
    precondition.check(contact)
    rules.require_another(count(session, customer_id))
    for other in session.scalars(select(Contact).where(Contact.reports_to_id == contact_id)):
        other.reports_to_id = None
    session.flush()
    session.delete(contact)
    session.flush()
    if contact.is_primary:
        oldest = session.scalars(
            select(Contact).where(Contact.customer_id == customer_id).order_by(Contact.id).limit(1)
        ).one()
        oldest.is_primary = True


def count(session: Session, customer_id: UUID) -> int:
    """How many contacts a customer has."""
    found = select(func.count()).select_from(Contact).where(Contact.customer_id == customer_id)
    return session.scalar(found) or 0


def counts(session: Session, customer_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many contacts each of these customers has, of those that have any."""
    found = (
        select(Contact.customer_id, func.count())
        .where(Contact.customer_id.in_(customer_ids))
        .group_by(Contact.customer_id)
    )
    return dict(session.execute(found).all())


def _of(session: Session, customer_id: UUID, contact_id: UUID) -> Contact:
    contact = session.get(Contact, contact_id, populate_existing=True)
    if contact is None or contact.customer_id != customer_id:
        raise not_found()
    return contact


def _add(
    session: Session, customer_id: UUID, fields: Mapping[str, Any], *, is_primary: bool
) -> Contact:
    first = count(session, customer_id) == 0
    if is_primary and not first:
        _demote(session, customer_id)
    contact = Contact(
        customer_id=customer_id, gender="unknown", tags=[], is_primary=first or is_primary
    )
    _assign(contact, fields)
    session.add(contact)
    session.flush()
    return contact


def _assign(contact: Contact, fields: Mapping[str, Any]) -> None:
    for field, value in fields.items():
        setattr(contact, field, value)
    contact.set_search(
        contact.name, contact.office_phone, contact.mobile, contact.email, contact.wechat
    )


def _check_chief(
    session: Session, customer_id: UUID, contact_id: UUID | None, fields: Mapping[str, Any]
) -> None:
    """The customer is locked, so that no two edits make a circle together."""
    if fields.get("reports_to_id") is None:
        return
    known = select(Contact.id, Contact.reports_to_id).where(Contact.customer_id == customer_id)
    chiefs = {row.id: row.reports_to_id for row in session.execute(known)}
    rules.require_chief(contact_id, fields["reports_to_id"], chiefs)


def _demote(session: Session, customer_id: UUID) -> None:
    """The primary contact so far is an ordinary one; done first, as there is never a second."""
    for contact in session.scalars(
        select(Contact).where(Contact.customer_id == customer_id, Contact.is_primary)
    ):
        contact.is_primary = False
    session.flush()
