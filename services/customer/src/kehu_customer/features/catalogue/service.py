"""Recording and reading products and stock."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis.data import search
from kehu_chassis.data.bulk import insert_rows
from kehu_chassis.data.database import new_id
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.messaging.events import Received
from kehu_customer.features.catalogue.models import Product, Stock

PRODUCTS = Listing(
    Product,
    sorts=("code", "name", "as_of"),
    default_sort="code",
    filters=("code", "model", "grade"),
    names=("model", "grade"),
)
STOCK = Listing(
    Stock,
    sorts=("product_code", "warehouse"),
    default_sort="product_code",
    filters=("product_code", "warehouse", "location"),
    names=("warehouse", "location"),
)


def ingest_products(session: Session, events: Sequence[Received]) -> None:
    """Mirror products, unless something newer is already here."""
    rows = {}
    for event in sorted(events, key=lambda event: event.version):
        data = event.data
        text = search.document(data["code"], data["name"], data.get("model"))
        rows[data["code"]] = {
            "id": new_id(),
            "code": data["code"],
            "version": event.version,
            "name": data["name"],
            "model": data.get("model"),
            "grade": data.get("grade"),
            "unit": data.get("unit"),
            "price": _decimal(data.get("price")),
            "currency": data.get("currency"),
            "remark": data.get("remark"),
            "as_of": event.time,
            "search_text": text,
            "search_grams": search.grams(text),
        }
    _keep_newest(session, Product, ["code"], [rows[code] for code in sorted(rows)])


def ingest_stock(session: Session, events: Sequence[Received]) -> None:
    """Mirror stock, unless something newer is already here."""
    rows = {}
    for event in sorted(events, key=lambda event: event.version):
        data = event.data
        place = (data["product_code"], data["warehouse"], data.get("location") or "")
        rows[place] = {
            "id": new_id(),
            "product_code": place[0],
            "warehouse": place[1],
            "location": place[2],
            "version": event.version,
            "quantity": _decimal(data["quantity"]),
            "remark": data.get("remark"),
            "as_of": event.time,
        }
    key = ["product_code", "warehouse", "location"]
    _keep_newest(session, Stock, key, [rows[place] for place in sorted(rows)])


def list_products(session: Session, args: Mapping[str, Any]) -> Page:
    """All products."""
    return PRODUCTS.page(session, select(Product), args)


def list_stock(session: Session, args: Mapping[str, Any]) -> Page:
    """All stock, by place."""
    return STOCK.page(session, select(Stock), args)


def _keep_newest(
    session: Session, model: Any, key: list[str], rows: Sequence[dict[str, Any]]
) -> None:
    table = model.__table__
    statement = insert_rows(model, rows)
    replaced = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in ("id", *key)
    }
    session.execute(
        statement.on_conflict_do_update(
            index_elements=key,
            set_=replaced,
            where=table.c.version < statement.excluded.version,
        )
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
