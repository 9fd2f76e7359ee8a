"""The input of the demonstration: people, the deals of a pipeline, and the orders that follow."""

import time
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kehu_chassis import money
from kehu_cli.demo.faults import BadValue

PROSPECTING, ENGAGING, WON, LOST, VOIDED = "Prospecting", "Engaging", "Won", "Lost", "Voided"
# The stages of a pipeline file; only our own company sets opportunities aside.
STAGES = (PROSPECTING, ENGAGING, WON, LOST)

# The status of the opportunity for each stage.
STATUS_OF = {
    PROSPECTING: "unassigned",
    ENGAGING: "developing",
    WON: "won",
    LOST: "lost",
    VOIDED: "voided",
}

# Statuses of an order in the sales system.
PLACED, CONFIRMED, IN_PREPARATION, CANCELLED, SHIPPED, PAID = range(1, 7)
DELIVERED = (SHIPPED, PAID)

# The contracts allow moments from 1900 on in UTC, so a local date in 1900 may be too early.
FIRST_YEAR, LAST_YEAR = 1901, 2199
LARGEST = Decimal(10) ** 12
ISO_DATE = "%Y-%m-%d"


class DataError(Exception):
    """Input that cannot be played; the text names the place and the reason."""


@dataclass(frozen=True)
class Post:
    """A person to hire.

    ``office`` is empty for the head office, ``director`` for all but account managers. Without a
    ``username`` one is made of the name.
    """

    name: str
    role: str
    office: str = ""
    director: str = ""
    username: str = ""
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Crew:
    """Everybody who works at the company, and what its head office is called."""

    posts: tuple[Post, ...]
    company: str = "Head office"
    locale: str = "en"

    def of(self, role: str) -> list[Post]:
        """Return those who have a role, in order."""
        return [post for post in self.posts if post.role == role]

    @property
    def agents(self) -> list[Post]:
        """The account managers."""
        return self.of("account_manager")

    @property
    def offices(self) -> set[str]:
        """The departments below the head office."""
        return {post.office for post in self.posts if post.office}


@dataclass(frozen=True)
class Step:
    """A step of a development plan; without a result it is still to be done."""

    on: date
    content: str
    result: str | None = None


@dataclass(frozen=True)
class Reason:
    """Why an opportunity or a customer was lost."""

    code: str
    text: str
    competitor: str | None = None


@dataclass(frozen=True)
class Deal:
    """One opportunity and its outcome.

    ``reached`` is the last open stage that it was in: by default the first one of a deal that is
    still open, the last one of a deal that is closed.
    """

    key: str
    agent: str
    company: str
    stage: str
    product: str
    currency: str
    summary: str
    description: str
    source: str
    steps: tuple[Step, ...] = ()
    reached: str | None = None
    chance: int | None = None
    expected_on: date | None = None
    expected_amount: Decimal | None = None
    closed_on: date | None = None
    value: Decimal | None = None
    reason: Reason | None = None
    region: str | None = None
    industry: str | None = None
    contact: str | None = None
    contact_phone: str | None = None


@dataclass(frozen=True)
class Book:
    """A whole pipeline and those who work on it."""

    crew: Crew
    deals: tuple[Deal, ...]

    def count(self, *stages: str) -> int:
        """Return how many deals ended in these stages."""
        return sum(deal.stage in stages for deal in self.deals)

    @property
    def won(self) -> list[Deal]:
        """The deals that were won."""
        return [deal for deal in self.deals if deal.stage == WON]

    def won_value(self) -> dict[str, Decimal]:
        """Return the total value of the won deals in each currency."""
        found: dict[str, Decimal] = {}
        for deal in self.won:
            found[deal.currency] = found.get(deal.currency, Decimal(0)) + (deal.value or 0)
        return found

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
    product_name: str | None = None
    unit: str | None = None
    profit: Decimal | None = None
    salesperson: str | None = None
    delivery_address: str | None = None

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
