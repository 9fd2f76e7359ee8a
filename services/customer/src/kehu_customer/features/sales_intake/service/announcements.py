"""Which customer a code of the sales system belongs to, and which fields its announcements fill.

The result is that of announcements arriving in the order of their versions: the lowest version
decides the customer, and the lowest version that has a field fills it.  A late version corrects
what a higher one did, unless the customer has been used since.  A registration number is stronger
than a name: a link by name ends once a version shows that the numbers contradict.  What a person
has decided about a code stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM_ID
from kehu_chassis.messaging.events import Received
from kehu_customer.features.churn import service as churn
from kehu_customer.features.contacts import service as contacts
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import service as orders
from kehu_customer.features.sales_intake.service.companies import Companies

_FILLED = ("registration_no", "region", "address", "phone")


@dataclass(frozen=True)
class Announcement:
    """One version of a customer of the sales system, as it published it; ``registration_no`` is the
    one by which it is matched."""

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
    codes = {one.code for one in announcements}
    # A version without registration number is matched by the one that its code is known by.
    known = orders.announced_registrations(session, codes)
    named = [(one.name, one.registration_no) for one in announcements]
    customers.lock_identities(session, [*named, *((None, number) for number in known.values())])
    accounts = orders.lock_accounts(session, codes)
    fresh = [
        one
        for one in announcements
        if orders.record_announcement(accounts[one.code], one.version, one.data)
    ]
    if not fresh:
        return
    matcher = Matcher(session, accounts, [_numbered(one, accounts[one.code]) for one in fresh])
    matcher.run()


def _numbered(announcement: Announcement, account: Any) -> Announcement:
    known = (account.announced or {}).get("registration_no")
    return replace(announcement, registration_no=announcement.registration_no or known)


class Matcher:
    """Finds the customer of each code, among existing ones and those this batch creates."""

    def __init__(
        self, session: Session, accounts: dict[str, Any], announcements: Sequence[Announcement]
    ) -> None:
        self._session = session
        self._accounts = accounts
        self._announcements = announcements
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
        self._companies = Companies(found)
        self._renamed: dict[Any, Any] = {}
        self._new: list[Any] = []
        self._codes: dict[str, Any] = {}
        self._changes = orders.OrderChanges()

    def run(self) -> None:
        """Match each announcement, create the new customers, attach the orders that waited."""
        for announcement in self._announcements:
            self._apply(announcement)
        self._finish()

    def _apply(self, announcement: Announcement) -> None:
        """Match one announcement: by code, number, registration number, name; else a new
        customer."""
        account = self._accounts[announcement.code]
        owner = self._codes.get(announcement.code) or self._companies.by_id(account.customer_id)
        if account.decided_by == orders.PERSON:
            if owner is not None:
                self._fill(owner, announcement, account)
            return
        if owner is not None and self._is_void(owner, announcement, account):
            self._release(owner, account)
            owner = None
        elif owner is not None and self._is_other(owner, announcement, account):
            if _is_bare(self._session, owner, account):
                self._give_up(owner, account)
                owner = None
            elif _precedes(announcement, account, "name"):
                return
        record = owner or self._match(announcement) or self._make(announcement)
        self._fill(record, announcement, account)
        self._codes[announcement.code] = record

    def _is_void(self, owner: Any, announcement: Announcement, account: Any) -> bool:
        """Whether a code was linked to an existing customer by a mark, and a stronger one is that
        of another company.  A registration number that the code itself filled contradicts none."""
        if account.decided_by not in (orders.REGISTRATION, orders.NAME):
            return False
        for mark, record in self._found(announcement):
            if mark == account.decided_by:
                break
            if record is not None:
                return record is not owner
        return (
            account.decided_by == orders.NAME
            and "registration_no" not in account.filled
            and customers.contradict(owner.registration_no, announcement.registration_no)
        )

    def _is_other(self, owner: Any, announcement: Announcement, account: Any) -> bool:
        """Whether a code made its customer, and this version finds another one: by a mark stronger
        than the name, or because the version precedes the one that made it."""
        if "name" not in account.filled:
            return False
        for mark, record in self._found(announcement):
            if record is not None:
                decides = mark != orders.NAME or _precedes(announcement, account, "name")
                return record is not owner and decides
        return False

    def _release(self, owner: Any, account: Any) -> None:
        self._codes.pop(account.code, None)
        if account.customer_id is None:  # linked by an earlier announcement of this batch
            owner.sales_codes = [code for code in owner.sales_codes if code != account.code]
            orders.withdraw(owner, account)
            orders.free(account)
            return
        self._changes.add(
            orders.unlink(self._session, self._accounts, owner, [account.code], decided_by=None)
        )

    def _found(self, announcement: Announcement) -> list[tuple[str, Any]]:
        """The customer, or None, by each mark, the strongest first."""
        known, registration_no = self._companies, announcement.registration_no
        return [
            (orders.NUMBER, known.numbered(announcement.data.get("customer_number"))),
            (orders.REGISTRATION, known.registered(registration_no)),
            (orders.NAME, known.named(announcement.name, registration_no)),
        ]

    def _match(self, announcement: Announcement) -> Any:
        """The customer by the strongest mark by which there is one."""
        for mark, record in self._found(announcement):
            if record is not None:
                self._accounts[announcement.code].decided_by = mark
                return record
        return None

    def _make(self, announcement: Announcement) -> Any:
        record = SimpleNamespace(
            id=None, number=None, name=announcement.name, sales_codes=[],
            **dict.fromkeys(_FILLED),
        )  # fmt: skip
        self._new.append(record)
        self._companies.add(record)
        account = self._accounts[announcement.code]
        account.decided_by = None
        _mark(account, announcement, {"name": announcement.name})
        return record

    def _give_up(self, made: Any, account: Any) -> None:
        """Delete the customer that another version made; its code is free for the right one."""
        orders.free(account)
        self._codes.pop(account.code, None)
        self._companies.remove(made)
        if made.id is None:
            self._new = [record for record in self._new if record is not made]
        else:
            made.deleted_at = clock.now()

    def _fill(self, record: Any, announcement: Announcement, account: Any) -> None:
        """Fill only what is empty or was filled by a higher version; the manager sees other
        differences."""
        fields = {
            field: announcement.data[field]
            for field in ("name", *_FILLED)
            if announcement.data.get(field)
            and _is_due(getattr(record, field), announcement, account, field)
        }
        # A registration number that another customer has stays a visible difference.
        holder = self._companies.registered(announcement.registration_no)
        if holder is not None and holder is not record:
            fields.pop("registration_no", None)
        _mark(account, announcement, fields)
        if announcement.code not in record.sales_codes:
            fields["sales_codes"] = sorted([*record.sales_codes, announcement.code])
        for name, value in fields.items():
            setattr(record, name, value)
        self._companies.add(record)
        if "name" in fields and record.id is not None:
            self._renamed[record.id] = record

    def _finish(self) -> None:
        session = self._session
        made = customers.add(session, [_form(record) for record in self._new])
        created = {id(record): one for record, one in zip(self._new, made, strict=True)}
        for record, customer in zip(self._new, made, strict=True):
            namesake = self._companies.namesake_of(record)
            if namesake is not None:
                customers.keep_apart(session, customer, created.get(id(namesake), namesake))
        links = {
            code: created.get(id(record), record).id
            for code, record in self._codes.items()
            if self._accounts[code].customer_id is None
        }
        self._changes.add(orders.link(session, self._accounts, links))
        for _ident, customer in sorted(self._renamed.items()):
            churn.follow(session, customer)
        churn.react_to_orders(session, self._changes)


def _form(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("name", "sales_codes", *_FILLED)}


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
        and not contacts.counts(session, [customer.id])
        and not orders.any_of(session, customer.id)
        and not churn.any_of(session, customer.id)
    )
