"""Reading customers: in full within one's scope, and everybody's in the short directory."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.identity import directory
from kehu_customer.features.contacts import service as contacts
from kehu_customer.features.orders import service as orders
from kehu_customer.features.registry import service as registry


class CustomerView:
    """A customer with what is known about it elsewhere."""

    def __init__(self, customer: Any, **more: Any) -> None:
        self._customer = customer
        self.__dict__.update(more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._customer, name)


def list_(session: Session, actor: Actor, listing: Listing, args: Mapping[str, Any]) -> Page:
    """The customers that the actor may read, or those that they might restore."""
    if args.get("deleted"):
        statement = registry.restorable(session, actor)
    else:
        statement = registry.present().where(registry.readable(session, actor))
    if args.get("without_manager"):
        statement = statement.where(registry.Columns.manager_id.is_(None))
    return _shown(session, listing.page(session, statement, args))


def directory_(session: Session, listing: Listing, args: Mapping[str, Any]) -> Page:
    """All customers, with as much as keeps two people from chasing one company."""
    statement = registry.present()
    if args.get("q"):
        statement = statement.where(registry.searched_by_all(args["q"]))
    return _shown(session, listing.page(session, statement, args))


def get(session: Session, actor: Actor, customer_id: UUID) -> CustomerView:
    """A customer that the actor may read."""
    return view(session, actor, registry.get(session, actor, customer_id))


def losses(session: Session, actor: Actor, customer_id: UUID) -> dict[str, Any]:
    """When and why a customer was lost, and how it came back."""
    registry.get(session, actor, customer_id)
    return {"items": registry.losses(session, customer_id)}


def view(session: Session, actor: Actor, customer: Any) -> CustomerView:
    """A customer as its detail page shows it."""
    session.flush()
    contact_count = contacts.count(session, customer.id)
    return CustomerView(
        customer,
        manager_name=directory.name_of(session, customer.manager_id),
        missing=_missing(customer, contact_count),
        contact_count=contact_count,
        sales_differences=orders.differences(session, customer),
        restricted=not registry.sees_confidential(session, actor, customer.id),
    )


def _shown(session: Session, page: Page) -> Page:
    names = directory.names_of(session, [customer.manager_id for customer in page.items])
    counts = contacts.counts(session, [customer.id for customer in page.items])
    return page.map(
        lambda customer: CustomerView(
            customer,
            manager_name=names.get(customer.manager_id),
            missing=_missing(customer, counts.get(customer.id, 0)),
        )
    )


def _missing(customer: Any, contact_count: int) -> list[str]:
    return registry.missing(customer) + ([] if contact_count else ["contacts"])
