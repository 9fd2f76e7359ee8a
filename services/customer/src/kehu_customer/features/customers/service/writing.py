"""Making customers and setting their fields."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kehu_chassis.data import numbers
from kehu_chassis.data.database import new_id
from kehu_chassis.data.search import normalise
from kehu_customer.features.customers.models import Customer
from kehu_customer.features.customers.service.access import locked
from kehu_customer.features.customers.service.publishing import publish_changed


def add(session: Session, customers: list[dict[str, Any]]) -> list[Customer]:
    """New customers from their fields; what is not given has its default.  Flushed."""
    made = []
    # Taken together, as the row of the last number stays locked until the end.
    for number, fields in zip(
        numbers.next_numbers(session, "KH", len(customers)) if customers else [],
        customers,
        strict=True,
    ):
        customer = Customer(
            id=new_id(),
            number=number,
            level="ordinary",
            satisfaction=3,
            credit=3,
            tags=[],
            products=[],
            sales_codes=[],
            is_prospect=False,
            status="normal",
        )
        assign(customer, fields)
        made.append(customer)
    session.add_all(made)
    session.flush()
    return made


def assign(customer: Customer, fields: Mapping[str, Any]) -> None:
    """Set fields, and what is derived from them."""
    for field, value in fields.items():
        setattr(customer, field, value)
    customer.name_key = normalise(customer.name)
    customer.set_search(
        customer.name,
        customer.number,  # in this order, see reading._searched_by_all
        customer.phone,
        customer.registration_no,
        *customer.sales_codes[:20],
    )


def add_codes(session: Session, links: Mapping[str, UUID]) -> dict[str, UUID]:
    """Note on customers the sales system's codes that are to be linked to them; returns the links
    without those to customers that were deleted meanwhile."""
    kept = {}
    for code, customer_id in sorted(links.items(), key=lambda link: (link[1], link[0])):
        customer = locked(session, customer_id)
        if customer is None:
            continue
        kept[code] = customer_id
        if code not in customer.sales_codes:
            assign(customer, {"sales_codes": sorted([*customer.sales_codes, code])})
            publish_changed(session, customer)
    return kept
