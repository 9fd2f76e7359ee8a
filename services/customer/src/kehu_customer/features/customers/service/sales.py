"""What the sales system tells: orders, returns, stale orders, and its customers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from kehu_chassis.events import Received
from kehu_chassis.search import normalise
from kehu_customer.features.churn import service as churn
from kehu_customer.features.orders import service as orders
from kehu_customer.features.registry import service as registry

_FILLED = ("registration_no", "region", "address", "phone")


def orders_told(session: Session, received: Sequence[Received]) -> None:
    """Record orders, with what they mean for warnings and losses."""
    churn.effect_seen(session, orders.record(session, received))


def returns_told(session: Session, received: Sequence[Received]) -> None:
    """Record returns."""
    churn.effect_seen(session, orders.record_returns(session, received))


def stale_told(session: Session, received: Received) -> None:
    """Look at a customer whose last order the sales system finds old."""
    reported = orders.stale(session, received.data)
    if reported is not None:
        churn.effect_seen(session, orders.Effect(stale=[reported]))


def customers_told(session: Session, received: Sequence[Received]) -> None:
    """Link the sales system's customers to ours, or make them; fill what we do not know."""
    told = orders.newest(received, "code")
    said = {
        code: event.data
        | {"registration_no": registry.registration_no(event.data.get("registration_no"))}
        for code, event in told.items()
    }
    registry.lock_identities(
        session, [(data["name"], data["registration_no"]) for data in said.values()]
    )
    accounts = orders.lock_accounts(session, told)
    news = {
        code: said[code]
        for code, event in told.items()
        if orders.tell_account(accounts[code], event.version, said[code])
    }
    if not news:
        return
    matcher = _Matcher(session, accounts, list(news.values()))
    for code, data in news.items():
        matcher.take(code, data)
    matcher.finish()


class _Matcher:
    """Finds the customer of each code, among those there are and those this batch makes."""

    def __init__(
        self, session: Session, accounts: dict[str, Any], news: Sequence[dict[str, Any]]
    ) -> None:
        self._session = session
        self._accounts = accounts
        owners = {accounts[data["code"]].customer_id for data in news} - {None}
        found = registry.candidates(
            session,
            ids=owners,
            numbers=[data["customer_number"] for data in news if data.get("customer_number")],
            registration_nos=[
                data["registration_no"] for data in news if data.get("registration_no")
            ],
            names=[data["name"] for data in news],
        )
        self._known: dict[tuple[str, Any], Any] = {}
        for customer in found:
            self._index(customer, customer.id, customer.number, customer.registration_no)
            self._known.setdefault(("name", customer.name_key), customer)
        self._changed: dict[Any, Any] = {}
        self._new: list[dict[str, Any]] = []
        self._codes: dict[str, Any] = {}

    def _index(self, record: Any, ident: Any, number: Any, registration_no: Any) -> None:
        for key in (("id", ident), ("number", number), ("registration", registration_no)):
            if key[1]:
                self._known.setdefault(key, record)

    def take(self, code: str, data: dict[str, Any]) -> None:
        """Match one code: by code, number, registration number, name; else a new customer."""
        record = self._match(code, data)
        if record is None:
            record = {"name": data["name"], "sales_codes": [code]}
            self._new.append(record)
            self._index(record, None, None, data.get("registration_no"))
            self._known.setdefault(("name", normalise(data["name"])), record)
        if isinstance(record, dict):
            for field in _FILLED:
                record[field] = record.get(field) or data.get(field) or None
            record["sales_codes"] = sorted({*record["sales_codes"], code})
        else:
            # A registration number that another customer has stays a difference to be looked at.
            holder = self._known.get(("registration", data.get("registration_no")), record)
            if _fill(record, code, data, registration=holder is record):
                self._changed[record.id] = record
        self._codes[code] = record

    def _match(self, code: str, data: dict[str, Any]) -> Any:
        keys = (
            ("id", self._accounts[code].customer_id),
            ("number", data.get("customer_number")),
            ("registration", data.get("registration_no")),
            ("name", normalise(data["name"])),
        )
        return next((self._known[key] for key in keys if key[1] and key in self._known), None)

    def finish(self) -> None:
        """Make what is new, publish what changed, and attach the orders that waited."""
        session = self._session
        made = registry.add(session, self._new)
        registry.tell_created(session, *made)
        for _ident, customer in sorted(self._changed.items()):
            registry.tell_changed(session, customer)
        ids = {id(record): customer.id for record, customer in zip(self._new, made, strict=True)}
        links = {
            code: ids[id(record)] if isinstance(record, dict) else record.id
            for code, record in self._codes.items()
            if self._accounts[code].customer_id is None
        }
        churn.effect_seen(session, orders.link(session, self._accounts, links))


def _fill(customer: Any, code: str, data: dict[str, Any], *, registration: bool) -> bool:
    """Fill only what is empty; where we know something else, the manager sees the difference."""
    fields = {
        field: data[field]
        for field in _FILLED
        if data.get(field)
        and getattr(customer, field) in (None, "")
        and (registration or field != "registration_no")
    }
    if code not in customer.sales_codes:
        fields["sales_codes"] = sorted([*customer.sales_codes, code])
    if fields:
        registry.assign(customer, fields)
    return bool(fields)
