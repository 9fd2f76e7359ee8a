"""Which customer a code of the sales system belongs to, and which fields its announcements fill.

The result is that of announcements arriving in the order of their versions: the lowest version
decides the customer, and the lowest version that has a field fills it.  A late version corrects
what a higher one did, unless the customer has been used since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM_ID
from kehu_chassis.data.search import normalise
from kehu_chassis.messaging.events import Received
from kehu_customer.features.churn import service as churn
from kehu_customer.features.contacts import service as contacts
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import service as orders

_FILLED = ("registration_no", "region", "address", "phone")


@dataclass(frozen=True)
class Announcement:
    """One version of a customer of the sales system, as it published it."""

    code: str
    version: int
    name: str
    registration_no: str | None
    data: Mapping[str, Any]

    @classmethod
    def of(cls, event: Received) -> "Announcement":
        """Read it from its event."""
        registration_no = customers.registration_no(event.data.get("registration_no"))
        data = {**event.data, "registration_no": registration_no}
        return cls(data["code"], event.version, data["name"], registration_no, data)


def ingest_customers(session: Session, received: Sequence[Received]) -> None:
    """Link the sales system's customers to ours, or create them; fill empty fields."""
    announcements = sorted(map(Announcement.of, received), key=lambda one: (one.code, one.version))
    customers.lock_identities(session, [(one.name, one.registration_no) for one in announcements])
    accounts = orders.lock_accounts(session, [one.code for one in announcements])
    fresh = [
        one
        for one in announcements
        if orders.record_announcement(accounts[one.code], one.version, one.data)
    ]
    if not fresh:
        return
    matcher = Matcher(session, accounts, fresh)
    for announcement in fresh:
        matcher.apply(announcement)
    matcher.finish()


class Matcher:
    """Finds the customer of each code, among existing ones and those this batch creates."""

    def __init__(
        self, session: Session, accounts: dict[str, Any], announcements: Sequence[Announcement]
    ) -> None:
        self._session = session
        self._accounts = accounts
        found = customers.candidates(
            session,
            ids={accounts[one.code].customer_id for one in announcements} - {None},
            numbers=[
                one.data["customer_number"]
                for one in announcements
                if one.data.get("customer_number")
            ],
            registration_nos=[one.registration_no for one in announcements if one.registration_no],
            names=[one.name for one in announcements],
        )
        self._known: dict[tuple[str, Any], Any] = {}
        for customer in found:
            self._index(customer, customer.id, customer.number, customer.registration_no)
            self._known.setdefault(("name", customer.name_key), customer)
        self._renamed: dict[Any, Any] = {}
        self._new: list[dict[str, Any]] = []
        self._codes: dict[str, Any] = {}

    def _index(self, record: Any, ident: Any, number: Any, registration_no: Any) -> None:
        for key in (("id", ident), ("number", number), ("registration", registration_no)):
            if key[1]:
                self._known.setdefault(key, record)

    def apply(self, announcement: Announcement) -> None:
        """Match one announcement: by code, number, registration number, name; else a new
        customer."""
        account = self._accounts[announcement.code]
        owner = self._codes.get(announcement.code) or self._known.get(("id", account.customer_id))
        if owner is not None and _precedes(announcement, account, "name"):
            match = self._match(announcement)
            if match is not None and match is not owner:
                if not _is_bare(self._session, owner, account):
                    return
                self._give_up(owner, account)
                owner = match
        record = owner or self._match(announcement) or self._make(announcement)
        self._fill(record, announcement, account)
        self._codes[announcement.code] = record

    def _match(self, announcement: Announcement) -> Any:
        keys = (
            ("number", announcement.data.get("customer_number")),
            ("registration", announcement.registration_no),
            ("name", normalise(announcement.name)),
        )
        return next((self._known[key] for key in keys if key[1] and key in self._known), None)

    def _make(self, announcement: Announcement) -> dict[str, Any]:
        record: dict[str, Any] = {"name": announcement.name, "sales_codes": []}
        self._new.append(record)
        self._index(record, None, None, announcement.registration_no)
        self._known.setdefault(("name", normalise(announcement.name)), record)
        _mark(self._accounts[announcement.code], announcement, {"name": announcement.name})
        return record

    def _give_up(self, made: Any, account: Any) -> None:
        """Delete the customer that a higher version made; its code is free for the right one."""
        account.customer_id, account.filled = None, {}
        self._known = {key: known for key, known in self._known.items() if known is not made}
        made.deleted_at = clock.now()

    def _fill(self, record: Any, announcement: Announcement, account: Any) -> None:
        """Fill only what is empty or was filled by a higher version; the manager sees other
        differences."""
        fields = {
            field: announcement.data[field]
            for field in ("name", *_FILLED)
            if announcement.data.get(field)
            and _is_due(_value(record, field), announcement, account, field)
        }
        # A registration number that another customer has stays a visible difference.
        holder = self._known.get(("registration", announcement.registration_no), record)
        if holder is not record:
            fields.pop("registration_no", None)
        _mark(account, announcement, fields)
        codes = _value(record, "sales_codes")
        if announcement.code not in codes:
            fields["sales_codes"] = sorted([*codes, announcement.code])
        if isinstance(record, dict):
            record.update(fields)
            return
        for name, value in fields.items():
            setattr(record, name, value)
        if "name" in fields:
            self._renamed[record.id] = record

    def finish(self) -> None:
        """Create the new customers, and attach the orders that waited."""
        session = self._session
        made = customers.add(session, self._new)
        ids = {id(record): customer.id for record, customer in zip(self._new, made, strict=True)}
        links = {
            code: ids[id(record)] if isinstance(record, dict) else record.id
            for code, record in self._codes.items()
            if self._accounts[code].customer_id is None
        }
        changes = orders.link(session, self._accounts, links)
        for _ident, customer in sorted(self._renamed.items()):
            churn.follow(session, customer)
        churn.react_to_orders(session, changes)


def _value(record: Any, field: str) -> Any:
    return record.get(field) if isinstance(record, dict) else getattr(record, field)


def _mark(account: Any, announcement: Announcement, fields: Mapping[str, str]) -> None:
    """Record which version filled which fields of the customer, and with what."""
    filled = {
        name: {"version": announcement.version, "value": value} for name, value in fields.items()
    }
    if filled:
        account.filled = {**account.filled, **filled}


def _precedes(announcement: Announcement, account: Any, field: str) -> bool:
    """Whether a higher version than this one filled a field.  (The name is filled by the version
    that makes a customer, no other.)"""
    mark = account.filled.get(field)
    return mark is not None and announcement.version < mark["version"]


def _is_due(current: Any, announcement: Announcement, account: Any, field: str) -> bool:
    """Whether an announcement fills a field: one that is empty, or still as a higher version has
    filled it."""
    precedes = _precedes(announcement, account, field)
    if current in (None, ""):
        return not precedes
    return precedes and current == account.filled[field]["value"]


def _is_bare(session: Session, customer: Any, account: Any) -> bool:
    """Whether a (locked) customer has nothing but what its account announced.

    Orders count as more, though they came from the same code: they were published with this
    customer at their version, and there is no higher one with which to correct that.
    """
    made = account.filled["name"]["value"]
    return (
        customer.name == made
        and customer.created_by == customer.updated_by == SYSTEM_ID
        and customer.sales_codes == [account.code]
        and not customers.has_history(session, customer.id)
        and not contacts.counts(session, [customer.id])
        and not orders.any_of(session, customer.id)
        and not churn.any_of(session, customer.id)
    )
