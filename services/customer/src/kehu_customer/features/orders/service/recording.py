"""Recording orders and returns: a handful of statements for a whole batch."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.data import search
from kehu_chassis.data.bulk import insert_rows
from kehu_chassis.data.database import new_id
from kehu_chassis.messaging import outbox
from kehu_chassis.messaging.events import Received
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import events, rules
from kehu_customer.features.orders.models import SalesAccount, SalesOrder, SalesReturn
from kehu_customer.features.orders.rules import Applied
from kehu_customer.features.orders.service.accounts import is_open, lock_accounts
from kehu_customer.features.orders.service.linking import OrderChanges, applied, link


def record(session: Session, received: Sequence[Received]) -> OrderChanges:
    """Insert or replace these orders, unless the same or a newer version is stored."""
    rows = [rules.order_row(event) for event in rules.newest(received, "order_no").values()]
    numbers, accounts = _named(session, rows)
    before = _stored(session, SalesOrder, SalesOrder.order_no, [row["order_no"] for row in rows])
    rows = [row for row in rows if _is_newer(row, before.get(row["order_no"]))]
    if not rows:
        return OrderChanges()
    changes = _link_by_number(session, rows, accounts, numbers)
    owners = _owners(session, rows, accounts, numbers, before.values())
    stored = _upsert(session, SalesOrder, "order_no", [*map(_findable, rows)])
    published = []
    for row in rows:
        if row["order_no"] not in stored:  # somebody stored a newer version meanwhile
            continue
        row["id"], row["moves"] = stored[row["order_no"]]
        owner, former = row["customer_id"], _former(row, before.get(row["order_no"]))
        if owner or former:
            published.append(events.recorded(row, owners.get(owner)))
        if owner:
            changes.applied.append(applied(row))
        if former:
            changes.applied.append(
                Applied(former, row["ordered_at"], row["ordered_on"], counts=False)
            )
    outbox.add_all(session, published)
    return changes


def record_returns(session: Session, received: Sequence[Received]) -> OrderChanges:
    """Insert or replace these returns, unless the same or a newer version is stored."""
    rows = [rules.return_row(event) for event in rules.newest(received, "return_no").values()]
    numbers, accounts = _named(session, rows)
    numbers_of = [row["return_no"] for row in rows]
    before = _stored(session, SalesReturn, SalesReturn.return_no, numbers_of)
    rows = [row for row in rows if _is_newer(row, before.get(row["return_no"]))]
    if not rows:
        return OrderChanges()
    changes = _link_by_number(session, rows, accounts, numbers)
    _owners(session, rows, accounts, numbers, before.values())
    stored = _upsert(session, SalesReturn, "return_no", rows)
    published = []
    for row in rows:
        if row["return_no"] not in stored:
            continue
        row["id"], row["moves"] = stored[row["return_no"]]
        if row["customer_id"] or _former(row, before.get(row["return_no"])):
            published.append(events.returned(row, row["customer_id"]))
    outbox.add_all(session, published)
    return changes


def stale(session: Session, data: Mapping[str, Any]) -> tuple[UUID, datetime] | None:
    """The customer of a stale order and its time; stored for later if the code is not linked
    yet."""
    last_order_at = rules.moment(data["last_order_at"])
    number, code = data.get("customer_number"), data.get("customer_code")
    if number:
        customer_id = customers.present_ids(session, [number]).get(number)
        if customer_id is not None:
            return customer_id, last_order_at
    if not code:
        return None
    account = lock_accounts(session, [code])[code]
    if account.customer_id is not None:
        return account.customer_id, last_order_at
    if account.stale_last_order_at is None or account.stale_last_order_at < last_order_at:
        account.stale_last_order_at = last_order_at
    return None


def _named(
    session: Session, rows: Sequence[dict[str, Any]]
) -> tuple[dict[str, UUID], dict[str, SalesAccount]]:
    """The customers whose numbers the rows name, and the rows' codes; both locked, so that
    recording and linking cannot miss each other."""
    named = {row["customer_number"] for row in rows} - {None}
    customers.lock_numbers(session, named)
    accounts = lock_accounts(session, {row["account_code"] for row in rows} - {None})
    return customers.present_ids(session, named), accounts


def _stored(session: Session, model: Any, key: Any, values: Sequence[str]) -> dict[str, Any]:
    rows = session.execute(
        select(key.label("key"), model.version, model.customer_id)
        .where(key.in_(values))
        .order_by(key)
        .with_for_update()
    )
    return {row.key: row for row in rows}


def _is_newer(row: dict[str, Any], known: Any) -> bool:
    return known is None or known.version < row["version"]


def _former(row: dict[str, Any], known: Any) -> UUID | None:
    """The former customer of an order or return that has another one now, or none."""
    former: UUID | None = known.customer_id if known else None
    return former if former != row["customer_id"] else None


def _link_by_number(
    session: Session,
    rows: Sequence[dict[str, Any]],
    accounts: Mapping[str, SalesAccount],
    numbers: Mapping[str, UUID],
) -> OrderChanges:
    """An order that names both our number and the sales system's code links the code."""
    links: dict[str, UUID] = {}
    for row in rows:
        code, number = row["account_code"], row["customer_number"]
        if code and number in numbers and is_open(accounts[code]):
            links.setdefault(code, numbers[number])
    kept = customers.add_codes(session, links)
    for code in kept:
        accounts[code].decided_by = rules.NUMBER
    return link(session, accounts, kept)


def _owners(
    session: Session,
    rows: Sequence[dict[str, Any]],
    accounts: Mapping[str, SalesAccount],
    numbers: Mapping[str, UUID],
    before: Collection[Any],
) -> dict[UUID, Any]:
    """Set the customer of each row, and share-lock these and the former ones until the end of the
    transaction.

    A customer deleted since its number was looked up is left out: rows are resolved without it.
    """
    former = {known.customer_id for known in before} - {None}
    gone: set[UUID] = set()
    while True:
        _resolve(rows, accounts, numbers, gone)
        owners = {row["customer_id"] for row in rows} - {None}
        held = customers.share(session, owners | former)
        if owners <= held.keys():
            return held
        gone |= owners - held.keys()


def _resolve(
    rows: Sequence[dict[str, Any]],
    accounts: Mapping[str, SalesAccount],
    numbers: Mapping[str, UUID],
    gone: Collection[UUID],
) -> None:
    for row in rows:
        code, number = row["account_code"], row["customer_number"]
        named = (numbers.get(number), accounts[code].customer_id if code else None)
        row["customer_id"] = next((ident for ident in named if ident and ident not in gone), None)


def _findable(row: dict[str, Any]) -> dict[str, Any]:
    document = search.line(row["order_no"])
    return row | {"search_text": document, "search_grams": search.grams(document)}


def _upsert(
    session: Session, model: Any, key: str, rows: Sequence[dict[str, Any]]
) -> dict[str, tuple[UUID, int]]:
    """Insert or replace rows whose version is newer; returns id and moves of those that were."""
    moment = clock.now()
    values = [{"id": new_id(), "moves": 0, "received_at": moment, **row} for row in rows]
    statement = insert_rows(model, sorted(values, key=itemgetter(key)))
    number = getattr(model, key)
    # Recording counts no move: the new version says as much.
    kept = {"id", "moves", key}
    stored = session.execute(
        statement.on_conflict_do_update(
            index_elements=[key],
            set_={name: statement.excluded[name] for name in values[0] if name not in kept},
            where=model.version < statement.excluded.version,
        ).returning(model.id, model.moves, number.label("number"))
    )
    return {row.number: (row.id, row.moves) for row in stored}
