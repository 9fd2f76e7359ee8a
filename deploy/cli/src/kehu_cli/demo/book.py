"""The input of the demonstration: people, the deals of a pipeline, and the orders that follow."""

import time
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kehu_chassis import money
from kehu_cli.demo.faults import BadValue

PROSPECTING, ENGAGING, WON, LOST = "Prospecting", "Engaging", "Won", "Lost"
STAGES = (PROSPECTING, ENGAGING, WON, LOST)

# The status of the opportunity for each stage of the file.
STATUS_OF = {PROSPECTING: "unassigned", ENGAGING: "developing", WON: "won", LOST: "lost"}

# Statuses of an order in the sales system; 2 (confirmed) and 3 (in preparation) are not played.
PLACED, CANCELLED, SHIPPED, PAID = 1, 4, 5, 6
DELIVERED = (SHIPPED, PAID)

# The contracts allow moments from 1900 on in UTC, so a local date in 1900 may be too early.
FIRST_YEAR, LAST_YEAR = 1901, 2199
LARGEST = Decimal(10) ** 12
ISO_DATE = "%Y-%m-%d"


class DataError(Exception):
    """Input that cannot be played; the text names the place and the reason."""


@dataclass(frozen=True)
class Member:
    """An account manager, their director and their office."""

    agent: str
    director: str
    office: str


@dataclass(frozen=True)
class Deal:
    """One opportunity and its outcome."""

    key: str
    agent: str
    company: str
    stage: str
    product: str
    engaged_on: date | None = None
    closed_on: date | None = None
    value: Decimal | None = None
    list_price: Decimal | None = None
    region: str | None = None
    industry: str | None = None
    contact: str | None = None


@dataclass(frozen=True)
class Book:
    """A whole pipeline."""

    members: tuple[Member, ...]
    deals: tuple[Deal, ...]
    currency: str

    def count(self, stage: str) -> int:
        """Return how many deals ended in this stage of the file."""
        return sum(deal.stage == stage for deal in self.deals)

    @property
    def won(self) -> list[Deal]:
        """The deals that were won."""
        return [deal for deal in self.deals if deal.stage == WON]

    @property
    def won_value(self) -> Decimal:
        """The total value of the won deals."""
        return sum((deal.value or Decimal(0) for deal in self.won), Decimal(0))

    def companies(self) -> dict[str, str]:
        """Return the companies with a won deal: normalised name to first spelling."""
        names: dict[str, str] = {}
        for deal in self.won:
            names.setdefault(name_key(deal.company), deal.company)
        return names


@dataclass(frozen=True)
class Order:
    """An order of a customer in its final state in the sales system."""

    number: str
    code: str
    customer: str
    ordered_on: date
    product: str
    quantity: Decimal
    amount: Decimal
    currency: str
    status: int = PAID

    @property
    def counts_as_contribution(self) -> bool:
        """Whether reports include it: shipped or paid."""
        return self.status in DELIVERED

    @property
    def counts_as_activity(self) -> bool:
        """Whether it shows that the customer still buys: not cancelled."""
        return self.status != CANCELLED


def day_of(text: str, column: str, pattern: str = ISO_DATE) -> date:
    """Parse a date that events can carry, in the form of ``strptime``; BadValue names the rule."""
    try:
        day = date(*time.strptime(text, pattern)[:3])
    except ValueError:
        like = date(2017, 3, 31).strftime(pattern)
        raise BadValue(f"{column} must be a date like {like} (--date-format)", text) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadValue(f"the year of {column} must be {FIRST_YEAR} to {LAST_YEAR}", text)
    return day


def number_of(text: str, column: str, *, decimals: int) -> Decimal:
    """Parse a number from 0 in plain digits, with a point if it has decimals.

    Anything else is ambiguous: is 1.234 or 1,234 a thousand?  BadValue names the rule.
    """
    if not money.NUMBER.fullmatch(text):
        raise BadValue(
            f"{column} must be a number like 1234.50, without separators or zeros before it", text
        )
    number = Decimal(text)
    if not 0 <= number < LARGEST or number != round(number, decimals):
        raise BadValue(
            f"{column} must be from 0 to below {LARGEST:,}, with at most {decimals} decimals", text
        )
    return number


def name_key(name: str) -> str:
    """Return the form in which names are compared: NFKC, case-folded, spaces collapsed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
