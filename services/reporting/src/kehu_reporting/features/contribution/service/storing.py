"""Storing orders and returns, and the sums over them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.data.bulk import one_of
from kehu_chassis.data.database import advisory_lock
from kehu_chassis.messaging import projection
from kehu_reporting.features.contribution import rules
from kehu_reporting.features.contribution.models import Sale
from kehu_reporting.features.contribution.service import sums
from kehu_reporting.features.customers import service as customers

Data = dict[str, Any]
# A return has no id: one derived from its number is the same at every delivery.
_RETURNS = uuid5(NAMESPACE_URL, "urn:kehu:return")


def store_orders(session: Session, events: Sequence[tuple[Data, int]]) -> None:
    """Store the newest state of each order."""
    customers.mentioned(session, [data for data, _ in events if data["customer_id"]])
    _store(session, [_order(data, version) for data, version in events])


def store_returns(session: Session, events: Sequence[tuple[Data, int]]) -> None:
    """Store returns, each under its number."""
    _store(session, [_return(data, version) for data, version in events])


def _store(session: Session, rows: list[Data]) -> None:
    ids = [row["id"] for row in rows]
    # One writer at a time for each sale, so that its former customer is known.
    advisory_lock(session, *(f"sale:{ident}" for ident in ids))
    owners = select(Sale.customer_id).where(one_of(Sale.id, ids))
    former = set(session.scalars(owners))
    # The version is the sales system's.  It stays when the customer service attaches an order to
    # its customer, so two events have it: without customer, then with one.
    projection.store(session, Sale, rows, "id", added=["customer_id"])
    present = set(session.scalars(owners))
    sums.renew(session, {ident for ident in former | present if ident is not None})


def _order(data: Data, version: int) -> Data:
    return {
        "id": UUID(data["order_id"]),
        "kind": rules.ORDER,
        "number": data["order_no"],
        "order_no": data["order_no"],
        "customer_id": projection.uuid_of(data["customer_id"]),
        "status": data["status"],
        "occurred_at": datetime.fromisoformat(data["ordered_at"]),
        "currency": data["currency"],
        "amount": Decimal(data["total"]),
        "profit": Decimal(data["profit"]) if data.get("profit") is not None else None,
        "version": version,
    }


def _return(data: Data, version: int) -> Data:
    return {
        "id": uuid5(_RETURNS, data["return_no"]),
        "kind": rules.RETURN,
        "number": data["return_no"],
        "order_no": data.get("order_no"),
        "customer_id": projection.uuid_of(data["customer_id"]),
        "status": None,
        "occurred_at": datetime.fromisoformat(data["returned_at"]),
        "currency": data["currency"],
        "amount": -Decimal(data["total"]),
        "profit": None,
        "version": version,
    }
