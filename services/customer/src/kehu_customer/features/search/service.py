"""Searching customers, contacts and orders at once."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis.actor import Actor
from kehu_customer.features.contacts import service as contacts
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import service as orders


def search(session: Session, actor: Actor, query: str) -> dict[str, Any]:
    """The best hits of each type among what the caller may read."""
    return {"items": list(_found(session, actor, query))}


def _found(session: Session, actor: Actor, query: str) -> Iterator[dict[str, Any]]:
    people = contacts.find(session, actor, query)
    sales = orders.find(session, actor, query)
    owners = customers.briefs(session, {hit.record.customer_id for hit in (*people, *sales)})
    for hit in customers.find(session, actor, query):
        one = hit.record
        yield hit.shown(
            "customer", number=one.number, name=one.name, detail=one.region, customer_id=one.id
        )
    for hit in people:
        one = hit.record
        owner = owners[one.customer_id]
        yield hit.shown("contact", name=one.name, detail=owner.name, customer_id=owner.id)
    for hit in sales:
        one = hit.record
        owner, number = owners[one.customer_id], one.order_no
        yield hit.shown(
            "order", number=number, name=number, detail=owner.name, customer_id=owner.id
        )
