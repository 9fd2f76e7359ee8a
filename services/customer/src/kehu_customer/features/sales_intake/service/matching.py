"""Finding the customer of each announced code, by the strongest mark that any customer has."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis import clock
from kehu_customer.features.churn import service as churn
from kehu_customer.features.customers import service as customers
from kehu_customer.features.orders import service as orders
from kehu_customer.features.sales_intake.service import marks
from kehu_customer.features.sales_intake.service.announcement import Announcement
from kehu_customer.features.sales_intake.service.companies import Companies

_FILLED = ("registration_no", "region", "address", "phone")


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

    def match(self) -> None:
        """Match each announcement, and fill what it fills."""
        for announcement in self._announcements:
            self._apply(announcement)

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
            if marks.is_bare(self._session, owner, account):
                self._give_up(owner, account)
                owner = None
            elif marks.precedes(announcement.version, account, "name"):
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
                decides = mark != orders.NAME or marks.precedes(
                    announcement.version, account, "name"
                )
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
        marks.mark(account, announcement.version, {"name": announcement.name})
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
            and marks.is_due(getattr(record, field), announcement.version, account, field)
        }
        # A registration number that another customer has stays a visible difference.
        holder = self._companies.registered(announcement.registration_no)
        if holder is not None and holder is not record:
            fields.pop("registration_no", None)
        marks.mark(account, announcement.version, fields)
        if announcement.code not in record.sales_codes:
            fields["sales_codes"] = sorted([*record.sales_codes, announcement.code])
        for name, value in fields.items():
            setattr(record, name, value)
        self._companies.add(record)
        if "name" in fields and record.id is not None:
            self._renamed[record.id] = record

    def finish(self) -> None:
        """Create the new customers, and attach the orders that waited."""
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
