"""The company that is played unless files are given: read from `company/`, counted from today."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from kehu_cli.demo.accounts import ENTERED, SOLD, Account
from kehu_cli.demo.book import (
    ENGAGING,
    LOST,
    PROSPECTING,
    VOIDED,
    WON,
    Book,
    Crew,
    Deal,
    Order,
    Post,
    Reason,
    Step,
    name_key,
)
from kehu_cli.demo.churn import Measure, Plan
from kehu_cli.demo.csv_rows import read_table
from kehu_cli.demo.generator import SEED, Buyer, Good, in_currency, orders_of
from kehu_cli.demo.script import Company
from kehu_cli.demo.service import Request, Round

FOLDER = Path(__file__).parent / "company"
FOREIGN_CURRENCY = "USD"
OPEN_STAGES = (
    "qualification", "needs_analysis", "value_proposition", "decision_makers", "proposal",
    "negotiation",
)  # fmt: skip
COLUMNS = (
    "origin", "manager", "name", "place", "address", "industry", "level", "satisfaction", "credit",
    "contact", "gender", "title", "web", "mail", "goods", "months", "gap", "quiet", "size",
)  # fmt: skip
CONTACT_COLUMNS = ("customer", "name", "gender", "title", "department", "mail")
SOURCES = ("展会", "老客户转介绍", "官网询盘", "电话拓展", "招标网")
DAYS_OF_A_MONTH = 30
SATURDAY = 5

Row = dict[str, str]


@dataclass(frozen=True)
class OurCompany:
    """The company, its pipeline and the orders of its customers."""

    book: Book
    orders: tuple[Order, ...]
    company: Company


def read(today: date, currency: str) -> OurCompany:
    """Read the company as it is on a day, with its own currency; the same at every call."""
    files = _Files(today, currency)
    orders = tuple(orders_of(files.buyers(), today))
    company = Company(
        accounts=tuple(files.accounts()),
        products=tuple(files.products()),
        stock=tuple(files.stock()),
        requests=tuple(map(_request, _toml("requests")["request"])),
        plans={name_key(one["customer"]): _plan(one, today) for one in _toml("churn")["plan"]},
        late_orders=tuple(files.late_orders(len(orders) + 1)),
        sights=files.firm["sights"],
    )
    return OurCompany(Book(files.crew(), tuple(files.deals())), orders, company)


def working_day(today: date, offset: int) -> date:
    """Return a day before or after today; of a weekend the working day further from today."""
    day, step = today + timedelta(days=offset), 1 if offset > 0 else -1
    while offset and day.weekday() >= SATURDAY:
        day += timedelta(days=step)
    return day


class _Files:
    """The files, with what is looked up in several of them."""

    def __init__(self, today: date, currency: str) -> None:
        self.today, self.currency = today, currency
        self.firm = _toml("people")
        self.rows: dict[str, Row] = {}
        for _, row in read_table(FOLDER / "customers.csv", COLUMNS).rows:
            self.rows[row["name"]] = row

    def crew(self) -> Crew:
        leads = {one.get("office"): one["name"] for one in self.firm["people"]
                 if one["role"] == "sales_director"}  # fmt: skip
        return Crew(
            tuple(
                Post(
                    one["name"],
                    one["role"],
                    one.get("office", ""),
                    leads[one["office"]] if one["role"] == "account_manager" else "",
                    one["username"],
                    tuple(one.get("regions", ())),
                    tuple(one.get("industries", ())),
                )
                for one in self.firm["people"]
            ),
            self.firm["company"],
            "zh",
        )

    # Customers

    def accounts(self) -> Iterator[Account]:
        for row in self.rows.values():
            if row["origin"] != "lead":
                yield self._account(row)

    def _account(self, row: Row) -> Account:
        region, province, _ = self.firm["places"][row["place"]]
        phone = self._phone(row["name"], row["place"])
        form: dict[str, Any] = {"region": region, "address": self._address(row), "phone": phone}
        if row["origin"] == SOLD:
            return Account(row["name"], SOLD, "", form)
        form |= {
            "country": province if self._is_abroad(row) else "中国",
            "province": None if self._is_abroad(row) else province,
            "city": row["place"],
            "industry": row["industry"],
            "source": Random(f"{SEED} {row['name']}").choice(SOURCES),
            "level": row["level"],
            "satisfaction": int(row["satisfaction"]),
            "credit": int(row["credit"]),
            "email": f"info@{row['web']}.example",
            "website": f"https://www.{row['web']}.example",
            "products": [self._name_of(code) for code in row["goods"].split()],
        }
        if row["origin"] == ENTERED:
            form["name"] = row["name"]
        given = {name: value for name, value in form.items() if value is not None}
        return Account(
            row["name"], row["origin"], row["manager"], given, tuple(self._contacts(row))
        )

    def _address(self, row: Row) -> str:
        province, place = self.firm["places"][row["place"]][1], row["place"]
        if self._is_abroad(row):
            return f"{row['address']}, {place}"
        # A city that is a province is named once.
        city = f"{place}市"
        return f"{'' if province == city else province}{city}{row['address']}"

    def _contacts(self, row: Row) -> Iterator[Mapping[str, Any]]:
        first = {"name": row["contact"], "gender": row["gender"], "title": row["title"],
                 "mail": row["mail"], "department": ""}  # fmt: skip
        for number, one in enumerate([first, *self._others.get(row["name"], ())]):
            contact: dict[str, Any] = {
                "name": one["name"],
                "gender": one["gender"],
                "title": one["title"],
                "office_phone": self._phone(row["name"], row["place"], extension=number),
                "mobile": None if self._is_abroad(row) else _mobile(one["name"]),
                "email": f"{one['mail']}@{row['web']}.example",
                "department": one["department"] or None,
                "is_primary": number == 0,
            }
            yield {name: value for name, value in contact.items() if value is not None}

    @cached_property
    def _others(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for _, row in read_table(FOLDER / "contacts.csv", CONTACT_COLUMNS).rows:
            found.setdefault(row["customer"], []).append(row)
        return found

    def _phone(self, name: str, place: str, extension: int = 0) -> str:
        """Return a telephone number that nobody has: the middle is 0000."""
        prefix = self.firm["places"][place][2]
        number = Random(f"{SEED} {name}").randint(1000, 9989) + extension
        joint = " " if prefix.startswith("+") else "-"
        return f"{prefix}{joint}0000{joint}{number}"

    def _is_abroad(self, row: Row) -> bool:
        return str(self.firm["places"][row["place"]][2]).startswith("+")

    def _currency_of(self, row: Row) -> str:
        return FOREIGN_CURRENCY if self._is_abroad(row) else self.currency

    # Products and orders

    def products(self) -> Iterator[Mapping[str, Any]]:
        for code, good in self.firm["goods"].items():
            price = in_currency(Decimal(good["price"]), self.currency)
            known = {name: good[name] for name in ("name", "model", "unit")}
            yield known | {"code": code, "price": str(price), "currency": self.currency}

    def stock(self) -> Iterator[Mapping[str, Any]]:
        places = self.firm["warehouses"]
        for code, good in self.firm["goods"].items():
            for warehouse, location, quantity in zip(
                places["names"], places["locations"], good["stock"], strict=True
            ):
                yield {"product_code": code, "warehouse": warehouse, "location": location,
                       "quantity": str(quantity)}  # fmt: skip

    def buyers(self) -> Iterator[Buyer]:
        for number, row in enumerate(self.rows.values(), start=1):
            if row["months"]:
                yield self._buyer(f"C{10300 + number}", row)

    def late_orders(self, start: int) -> list[Order]:
        """Return an order of today of each customer who comes back."""
        names = {one["customer"] for one in _toml("churn")["back"]}
        back = [buyer for buyer in self.buyers() if buyer.name in names]
        now = [replace(buyer, first_on=self.today, last_on=self.today) for buyer in back]
        return orders_of(now, self.today, start)

    def _buyer(self, code: str, row: Row) -> Buyer:
        abroad = self._is_abroad(row)
        return Buyer(
            code=code,
            name=row["name"],
            currency=self._currency_of(row),
            goods=[self._good(one, abroad) for one in row["goods"].split()],
            first_on=self.today - timedelta(days=int(row["months"]) * DAYS_OF_A_MONTH),
            last_on=self.today - timedelta(days=int(row["quiet"])),
            gap=int(row["gap"]),
            size=Decimal(row["size"]),
            salesperson=row["manager"] or None,
            address=self._address(row),
        )

    def _good(self, code: str, abroad: bool) -> Good:
        good = self.firm["goods"][code]
        price = Decimal(good["usd" if abroad else "price"])
        return Good(code, price, good["name"], good["unit"], good["pack"])

    def _name_of(self, code: str) -> str:
        return str(self.firm["goods"][code]["name"])

    # Opportunities

    def deals(self) -> Iterator[Deal]:
        number = 0
        for stage, reached, entries in _opportunities():
            for entry in entries:
                number += 1
                yield self._deal(f"D{number:03d}", stage, reached, entry)

    def _deal(self, key: str, stage: str, reached: str | None, entry: dict[str, Any]) -> Deal:
        row = self.rows[entry["company"]]
        currency = self._currency_of(row)
        amount = in_currency(Decimal(entry["amount"]), currency)
        steps = [(days, *texts) for days, *texts in entry.get("steps", ())]
        last = max((days for days, *_ in steps), default=-1)
        return Deal(
            key=key,
            agent=entry.get("agent") or row["manager"],
            company=row["name"],
            stage=stage,
            product=self._name_of(entry["product"]),
            currency=currency,
            summary=entry["summary"],
            description=entry["about"],
            source=entry["source"],
            steps=tuple(Step(working_day(self.today, days), *texts) for days, *texts in steps),
            reached=entry.get("reached", reached),
            chance=entry.get("chance"),
            # A closed deal was expected soon after the last step.
            expected_on=working_day(self.today, entry.get("close", last + 7)),
            expected_amount=amount,
            closed_on=self.today if stage in (WON, LOST) else None,
            value=amount if stage == WON else None,
            reason=_reason(entry),
            region=self.firm["places"][row["place"]][0],
            industry=row["industry"],
            contact=row["contact"] or None,
            contact_phone=self._phone(row["name"], row["place"]),
        )


def _opportunities() -> Iterator[tuple[str, str | None, list[dict[str, Any]]]]:
    """Yield the entries of all files, with the stage and the open stage that each reached."""
    developing, closed, waiting = _toml("developing"), _toml("closed"), _toml("unassigned")
    for code in OPEN_STAGES:
        yield ENGAGING, code, developing[code]
    yield PROSPECTING, None, waiting["unassigned"]
    yield VOIDED, None, waiting["voided"]
    yield WON, None, closed["won"]
    yield LOST, None, closed["lost"]


def _reason(entry: dict[str, Any]) -> Reason | None:
    if "reason" not in entry:
        return None
    return Reason(entry.get("code", "other"), entry["reason"], entry.get("competitor"))


def _plan(entry: dict[str, Any], today: date) -> Plan:
    measures = []
    for one in entry["measures"]:
        review_on = working_day(today, one["days"]) if "days" in one else None
        measures.append(Measure(one["text"], review_on))
    return Plan(tuple(measures), _reason(entry))


def _request(entry: dict[str, Any]) -> Request:
    given = {name: value for name, value in entry.items() if name not in ("rounds", "ended")}
    rounds = tuple(Round(*one) for one in entry.get("rounds", ()))
    ended = tuple(entry["ended"]) if "ended" in entry else None
    return Request(**given, rounds=rounds, ended=ended)


def _mobile(name: str) -> str:
    """Return a mobile number that nobody has: the middle is 0000."""
    random = Random(f"{SEED} {name}")
    return (
        f"{random.choice(('138', '139', '150', '158', '186'))}-0000-{random.randint(100, 9999):04d}"
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
