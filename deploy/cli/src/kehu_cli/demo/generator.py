"""Generated input, the same at every run: a small pipeline, and orders for won customers.

Names, companies, dates and amounts are fictitious. A year of business takes less than a minute,
every state occurs, and some customers stop ordering.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from kehu_chassis import money
from kehu_cli.demo.book import (
    CANCELLED,
    ENGAGING,
    LOST,
    PAID,
    PLACED,
    PROSPECTING,
    SHIPPED,
    WON,
    Book,
    Deal,
    Member,
    Order,
    name_key,
)

SEED = 20250101
YEAR_START, YEAR_END = date(2025, 1, 6), date(2025, 12, 31)

MEMBERS = (
    Member("Chen Jing", "Lin Fang", "East"),
    Member("Wu Gang", "Lin Fang", "East"),
    Member("Sun Li", "Ma Tao", "South"),
    Member("He Yan", "Ma Tao", "South"),
)
PRODUCTS = {
    "Weighing module": Decimal("4800"),
    "Labelling machine": Decimal("15500"),
    "Conveyor belt": Decimal("2300"),
    "Spare parts": Decimal("180.50"),
}
COMPANIES = (
    ("Jade River Foods", "food"),
    ("东方机械有限公司", "machinery"),
    ("Blue Lantern Trading", "trade"),
    ("Harbour Textiles", "textiles"),
    ("Silver Peak Tools", "machinery"),
    ("南方食品公司", "food"),
    ("Pine Hill Paper", "paper"),
    ("Golden Gate Glass", "glass"),
    ("Red Maple Furniture", "furniture"),
    ("Northern Star Logistics", "logistics"),
    ("Lotus Pharma", "pharma"),
    ("Clear Spring Water", "food"),
    ("Iron Bridge Steel", "machinery"),
    ("Evergreen Farms", "food"),
)
BUYERS = 12

# The days between two orders, and how long before the end a silent customer stops ordering.
SHORTEST_GAP, LONGEST_GAP = 15, 55
SILENT_DAYS = 215

# One customer in this many falls silent; one order in this many stays unpaid, unshipped, cancelled.
SILENT_EVERY = 2
UNPAID_EVERY, UNSHIPPED_EVERY, CANCELLED_EVERY = 6, 11, 13


def small_book(currency: str) -> Book:
    """Return some forty deals of four account managers in two offices; twelve companies are won."""
    random = Random(SEED)
    # Some companies are won twice, by different people.
    companies = [*COMPANIES[:BUYERS], *COMPANIES[1:7]]
    won = [
        _deal(random, number, WON, company, currency) for number, company in enumerate(companies)
    ]
    others = [LOST] * 9 + [ENGAGING] * 8 + [PROSPECTING] * 5
    rest = [
        _deal(random, number, stage, random.choice(COMPANIES), currency)
        for number, stage in enumerate(others, start=len(won))
    ]
    return Book(MEMBERS, tuple(won + rest), currency)


def orders_for(book: Book, end: date | None = None) -> list[Order]:
    """Return orders of each won company from its first win to ``end``, by default the last win."""
    end = end or max((deal.closed_on for deal in book.won if deal.closed_on), default=YEAR_END)
    prices = sorted({(deal.product, deal.list_price or Decimal(100)) for deal in book.won})
    since: dict[str, date] = {}
    for deal in book.won:
        key, day = name_key(deal.company), deal.closed_on or end
        since[key] = min(day, since.get(key, day))
    orders: list[Order] = []
    for number, (key, company) in enumerate(sorted(book.companies().items()), start=1):
        code = f"K{number:05d}"
        days = _days(Random(f"{SEED} {key}"), since[key], end, silent=number % SILENT_EVERY == 0)
        for day in days:
            orders.append(_order(len(orders) + 1, code, company, day, prices, book.currency))
    return orders


def _deal(random: Random, number: int, stage: str, company: tuple[str, str], currency: str) -> Deal:
    name, industry = company
    member = MEMBERS[number % len(MEMBERS)]
    product, listed = random.choice(sorted(PRODUCTS.items()))
    price = _in_currency(listed, currency)
    engaged = YEAR_START + timedelta(days=random.randrange(0, 40))
    closed = engaged + timedelta(days=random.randrange(10, 70))
    is_closed = stage in (WON, LOST)
    value = price * random.randrange(1, 9) if stage == WON else Decimal(0)
    return Deal(
        key=f"DEMO{number + 1:04d}",
        agent=member.agent,
        company=name,
        stage=stage,
        product=product,
        engaged_on=engaged if stage != PROSPECTING else None,
        closed_on=closed if is_closed else None,
        value=value if is_closed else None,
        list_price=price,
        region=member.office,
        industry=industry,
        contact=f"Purchasing, {name}" if stage == WON and number % 3 else None,
    )


def _in_currency(price: Decimal, currency: str) -> Decimal:
    """Round a price to the decimals of its currency."""
    return price.quantize(Decimal(1).scaleb(-(money.decimals(currency) or 0)))


def _days(random: Random, first: date, end: date, *, silent: bool) -> Iterable[date]:
    last = max(first, end - timedelta(days=SILENT_DAYS)) if silent else end
    day = first
    while day <= last:
        yield day
        day += timedelta(days=random.randint(SHORTEST_GAP, LONGEST_GAP))


def _order(
    number: int,
    code: str,
    company: str,
    day: date,
    prices: list[tuple[str, Decimal]],
    currency: str,
) -> Order:
    product, price = prices[number % len(prices)]
    quantity = Decimal(1 + number % 5)
    return Order(
        number=f"SO-{day:%Y}-{number:06d}",
        code=code,
        customer=company,
        ordered_on=day,
        product=product,
        quantity=quantity,
        amount=_in_currency(quantity * price, currency),
        currency=currency,
        status=_status(number),
    )


def _status(number: int) -> int:
    if number % CANCELLED_EVERY == 0:
        return CANCELLED
    if number % UNSHIPPED_EVERY == 0:
        return PLACED
    return SHIPPED if number % UNPAID_EVERY == 0 else PAID
