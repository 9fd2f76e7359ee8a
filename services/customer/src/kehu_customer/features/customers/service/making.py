"""Creating customers, and adding the sales system's codes to them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.data import numbers
from kehu_chassis.data.database import new_id
from kehu_chassis.messaging import outbox
from kehu_customer.features.customers import events
from kehu_customer.features.customers.models import Customer
from kehu_customer.features.customers.service.access import hold


def add(
    session: Session, forms: Sequence[Mapping[str, Any]], *, opportunity_id: UUID | None = None
) -> list[Customer]:
    """Create customers from their fields, with defaults for the rest; flushed."""
    made = list(_made(session, forms))
    session.add_all(made)
    session.flush()
    outbox.add_all(session, [partial(events.created, one, opportunity_id) for one in made])
    return made


def _made(session: Session, forms: Sequence[Mapping[str, Any]]) -> Iterator[Customer]:
    if not forms:
        return
    # All numbers at once, as the row of the last number stays locked until the end.
    with session.no_autoflush:
        found = numbers.next_numbers(session, "KH", len(forms))
    for number, fields in zip(found, forms, strict=True):
        yield Customer(**{"id": new_id(), "number": number, "level": "ordinary"} | dict(fields))


def keep_apart(session: Session, customer: Customer, namesake: Customer) -> None:
    """Publish that a new customer has the name of another one, but not its registration number:
    people decide whether they are one company after all."""
    outbox.add(session, lambda: events.namesake_created(customer, namesake))


def add_codes(session: Session, links: Mapping[str, UUID]) -> dict[str, UUID]:
    """Add sales codes to the customers that they are to be linked to; returns the links without
    those to customers deleted meanwhile."""
    kept = {}
    for code, customer_id in sorted(links.items(), key=lambda link: (link[1], link[0])):
        customer = hold(session, customer_id)
        if customer is None:
            continue
        kept[code] = customer_id
        if code not in customer.sales_codes:
            customer.sales_codes = sorted([*customer.sales_codes, code])
    return kept
