"""Orders of the sales system, made up and the same at every run.

Amounts and days vary around what each buyer usually does; some buyers stop ordering.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from kehu_chassis import money
from kehu_cli.demo.book import (
    CANCELLED,
    CONFIRMED,
    IN_PREPARATION,
    PAID,
    PLACED,
    SHIPPED,
    Book,
    Order,
    name_key,
)

SEED = 20250101

# For the companies that a pipeline file wins: how long before the end every second one falls
# silent, and the days between two orders.
SILENT_EVERY, SILENT_DAYS = 2, 215
USUAL_GAP = 35

# An order is this many days old at most in each of its first states.
LATEST = ((3, PLACED), (8, CONFIRMED), (14, IN_PREPARATION), (40, SHIPPED))
# One older order in so many was cancelled; one in so many is not paid for a long time.
CANCELLED_EVERY, UNPAID_EVERY, UNPAID_DAYS = 17, 19, 150
LOWEST_MARGIN, HIGHEST_MARGIN = 9, 27


@dataclass(frozen=True)
class Good:
    """A product with its price in the buyer's currency, sold in packs of so many units."""

    code: str
    price: Decimal
    name: str | None = None
    unit: str | None = None
    pack: int = 1


@dataclass(frozen=True)
class Buyer:
    """A customer of the sales system, and how they order; ``size`` is the usual amount, without
    one they take a few packs."""

    code: str
    name: str
    currency: str
    goods: Sequence[Good]
    first_on: date
    last_on: date
    gap: int = USUAL_GAP
    size: Decimal | None = None
    salesperson: str | None = None
    address: str | None = None


def buyers_of(book: Book) -> tuple[list[Buyer], date]:
    """Return the companies that a book wins as buyers, and the day of the last win; they buy from
    their first win on."""
    end = max((deal.closed_on for deal in book.won if deal.closed_on), default=date.min)
    prices = sorted({(deal.product, deal.expected_amount or Decimal(100)) for deal in book.won})
    goods = [Good(product, price) for product, price in prices]
    since: dict[str, date] = {}
    for deal in book.won:
        key, day = name_key(deal.company), deal.closed_on or end
        since[key] = min(day, since.get(key, day))
    buyers = []
    for number, (key, company) in enumerate(sorted(book.companies().items()), start=1):
        silent = number % SILENT_EVERY == 0
        last = max(since[key], end - timedelta(days=SILENT_DAYS)) if silent else end
        currency = book.won[0].currency
        buyers.append(Buyer(f"K{number:05d}", company, currency, goods, since[key], last))
    return buyers, end


def orders_of(buyers: Iterable[Buyer], end: date, start: int = 1) -> list[Order]:
    """Return the orders of all buyers up to their last day, numbered by day from ``start``; their
    states are those of the day ``end``."""
    placed = sorted(
        ((day, buyer) for buyer in buyers for day in _days(buyer)),
        key=lambda one: (one[0], one[1].code),
    )
    return [_order(n, buyer, day, end) for n, (day, buyer) in enumerate(placed, start)]


def _days(buyer: Buyer) -> Iterator[date]:
    """Yield the days of a buyer's orders, the last day among them."""
    random = Random(f"{SEED} {buyer.code}")
    day = buyer.last_on
    while day >= buyer.first_on:
        yield day
        day -= timedelta(days=max(2, round(buyer.gap * random.uniform(0.6, 1.4))))


def _order(number: int, buyer: Buyer, day: date, end: date) -> Order:
    random = Random(f"{SEED} {buyer.code} {day}")
    good = random.choice(buyer.goods)
    quantity = _quantity(random, buyer, good)
    amount = in_currency(quantity * good.price, buyer.currency)
    margin = Decimal(random.randint(LOWEST_MARGIN, HIGHEST_MARGIN)) / 100
    return Order(
        number=f"SO-{day:%Y}-{number:06d}",
        code=buyer.code,
        customer=buyer.name,
        ordered_on=day,
        product=good.code,
        quantity=quantity,
        amount=amount,
        currency=buyer.currency,
        status=_status(number, (end - day).days),
        product_name=good.name,
        unit=good.unit,
        profit=in_currency(amount * margin, buyer.currency),
        salesperson=buyer.salesperson,
        delivery_address=buyer.address,
    )


def _quantity(random: Random, buyer: Buyer, good: Good) -> Decimal:
    if buyer.size is None:
        return Decimal(random.randint(1, 5) * good.pack)
    wanted = float(buyer.size) * random.uniform(0.55, 1.5) / float(good.price)
    return Decimal(max(1, round(wanted / good.pack)) * good.pack)


def _status(number: int, age: int) -> int:
    for days, status in LATEST:
        if age <= days:
            return status
    if number % CANCELLED_EVERY == 0:
        return CANCELLED
    if number % UNPAID_EVERY == 0 and age <= UNPAID_DAYS:
        return SHIPPED
    return PAID


def in_currency(price: Decimal, currency: str) -> Decimal:
    """Round a price to the decimals of its currency."""
    return price.quantize(Decimal(1).scaleb(-(money.decimals(currency) or 0)))
