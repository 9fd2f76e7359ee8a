"""Customer codes of the sales system: which are known, and what was announced of them."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kehu_chassis import clock, records
from kehu_chassis.data.bulk import insert_rows
from kehu_chassis.data.database import new_id
from kehu_chassis.data.listing import Listing, Page
from kehu_chassis.data.search import normalise
from kehu_chassis.problems import Problem, field_error
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders.models import SalesAccount, SalesOrder
from kehu_customer.features.orders.rules import PERSON
from kehu_customer.features.orders.service.linking import used_codes

_KEPT = ("name", "registration_no", "region", "address", "phone")


def lock_accounts(session: Session, codes: Collection[str]) -> dict[str, SalesAccount]:
    """The rows of these codes, made if new, locked in one order until the transaction ends."""
    if not codes:
        return {}
    wanted = sorted(set(codes))
    statement = (
        select(SalesAccount)
        .where(SalesAccount.code.in_(wanted))
        .order_by(SalesAccount.code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {account.code: account for account in session.scalars(statement)}
    unknown = [code for code in wanted if code not in found]
    if unknown:
        moment = clock.now()
        session.execute(
            insert_rows(
                SalesAccount,
                [
                    {"id": new_id(), "code": code, "filled": {}, "created_at": moment}
                    for code in unknown
                ],
            ).on_conflict_do_nothing(index_elements=["code"])
        )
        found = {account.code: account for account in session.scalars(statement)}
    return found


def require_codes(
    session: Session, customer_id: UUID | None, codes: Collection[str], *, field: str
) -> dict[str, SalesAccount]:
    """Lock codes that a person gives to a customer; 409 if another customer has one, 422 about
    ``field`` for one that the sales system has neither announced nor named in an order: a code that
    it uses one day must not be somebody's already."""
    accounts = lock_accounts(session, codes)
    for account in accounts.values():
        if account.customer_id not in (None, customer_id):
            raise Problem(409, "sales-code-taken", params={"code": account.code})
    new = {code: one for code, one in accounts.items() if one.customer_id is None}
    unknown = sorted(new.keys() - known_codes(session, new))
    if unknown:
        raise Problem(
            422,
            "validation-failed",
            errors=[
                field_error(f"/{field}", "unknown-sales-code", sales_code=code) for code in unknown
            ],
        )
    return accounts


def is_open(account: SalesAccount) -> bool:
    """Whether a code has no customer, and no person has decided that."""
    return account.customer_id is None and account.decided_by != PERSON


def known_codes(session: Session, accounts: Mapping[str, SalesAccount]) -> set[str]:
    """Those of these (locked) codes that the sales system has announced, or named in an order, a
    return or a report."""
    named = {
        code
        for code, account in accounts.items()
        if account.announced_version is not None or account.stale_last_order_at is not None
    }
    return named | used_codes(session, accounts.keys() - named)


def announced_registrations(session: Session, codes: Collection[str]) -> dict[str, str | None]:
    """The registration number of these codes as last announced."""
    number = SalesAccount.announced["registration_no"].astext
    rows = session.execute(select(SalesAccount.code, number).where(SalesAccount.code.in_(codes)))
    return dict(rows.all())


def record_announcement(account: SalesAccount, version: int, data: Mapping[str, Any]) -> bool:
    """Record the newest announcement of a (locked) code; False if this one repeats it.  An older
    version returns True, as it may not have arrived before."""
    if account.announced_version == version:
        return False
    if account.announced_version is None or account.announced_version < version:
        account.announced_version = version
        account.announced = {name: data[name] for name in _KEPT if data.get(name)}
    return True


def differences(session: Session, customer: Any) -> list[dict[str, Any]]:
    """The fields in which the sales system differs from our customer."""
    found = []
    accounts = select(SalesAccount).where(SalesAccount.customer_id == customer.id)
    for account in session.scalars(accounts.order_by(SalesAccount.code)):
        for name, value in sorted((account.announced or {}).items()):
            ours = getattr(customer, name)
            if _comparable(name, ours) != _comparable(name, value):
                found.append({"code": account.code, "field": name, "ours": ours, "sales": value})
    return found


def _comparable(field: str, value: str | None) -> str | None:
    if field == "registration_no":
        return customers.registration_key(value)
    return normalise(value or "")


UNLINKED = Listing(
    SalesAccount,
    sorts=("code", "created_at"),
    default_sort="code",
    filters=("code",),
)


def list_unlinked(session: Session, args: Mapping[str, Any]) -> Page:
    """The codes that belong to no customer yet, with their waiting orders."""
    statement = select(SalesAccount).where(SalesAccount.customer_id.is_(None))
    page = UNLINKED.page(session, statement, args)
    waiting = session.execute(
        select(
            SalesOrder.account_code.label("code"),
            func.count().label("count"),
            func.min(SalesOrder.ordered_at).label("first"),
            func.max(SalesOrder.ordered_at).label("last"),
        )
        .where(
            SalesOrder.account_code.in_([account.code for account in page.items]),
            SalesOrder.customer_id.is_(None),
        )
        .group_by(SalesOrder.account_code)
    )
    orders = {row.code: row for row in waiting}
    return page.map(lambda account: _show_unlinked(account, orders.get(account.code)))


def _show_unlinked(account: SalesAccount, waiting: Any) -> Any:
    return records.show(
        account,
        name=(account.announced or {}).get("name"),
        waiting_orders=waiting.count if waiting else 0,
        first_ordered_at=waiting.first if waiting else None,
        last_ordered_at=waiting.last if waiting else None,
    )
