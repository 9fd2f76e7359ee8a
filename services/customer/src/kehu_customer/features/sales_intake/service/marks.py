"""Which version of an announcement filled which field of a customer, and whether a customer has
been used since."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis.actor import SYSTEM_ID
from kehu_customer.features.churn import service as churn
from kehu_customer.features.contacts import service as contacts
from kehu_customer.features.customers import service as customers
from kehu_customer.features.open_work import service as open_work
from kehu_customer.features.orders import service as orders


def mark(account: Any, version: int, fields: Mapping[str, str]) -> None:
    """Record which version filled which fields of the customer, and with what."""
    filled = {name: {"version": version, "value": value} for name, value in fields.items()}
    if filled:
        account.filled = {**account.filled, **filled}


def precedes(version: int, account: Any, field: str) -> bool:
    """Whether a higher version than this one filled a field.  (The name is filled by the version
    that makes a customer, no other.)"""
    filled = account.filled.get(field)
    return filled is not None and version < filled["version"]


def is_due(current: Any, version: int, account: Any, field: str) -> bool:
    """Whether an announcement fills a field: one that is empty, or still as a higher version has
    filled it."""
    earlier = precedes(version, account, field)
    if current in (None, ""):
        return not earlier
    return earlier and current == account.filled[field]["value"]


def is_bare(session: Session, customer: Any, account: Any) -> bool:
    """Whether a (locked or new) customer has nothing but what its account announced.

    Orders count as more, though they came from the same code: they may be in reports and reminders
    on which people have acted.
    """
    if customer.id is None:
        return bool(customer.sales_codes == [account.code])
    made = account.filled["name"]["value"]
    return (
        customer.name == made
        and customer.created_by == customer.updated_by == SYSTEM_ID
        and customer.sales_codes == [account.code]
        and not customers.has_history(session, customer.id)
        and not contacts.summaries(session, [customer.id])[customer.id].count
        and not orders.any_of(session, customer.id)
        and not churn.any_of(session, customer.id)
        and not open_work.any_of(session, customer.id)
    )
