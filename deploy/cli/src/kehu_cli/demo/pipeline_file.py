"""Reads a pipeline file and the side tables beside it.

The format is that of the CRM Sales Opportunities set of Maven Analytics: ``sales_teams.csv``,
``accounts.csv`` and ``products.csv`` beside the pipeline. Unknown accounts and products are valid,
as the set itself has some; an unknown agent is an error, as nobody could act for them.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from kehu_cli.demo.book import (
    ENGAGING,
    LARGEST,
    LOST,
    PROSPECTING,
    STAGES,
    WON,
    Book,
    DataError,
    Deal,
    Member,
    day_of,
)
from kehu_cli.demo.csv_rows import read_rows

PIPELINE_COLUMNS = (
    "opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date",
    "close_date", "close_value",
)  # fmt: skip
SHOWN_FAULTS = 10


def read_book(pipeline: Path, *, currency: str) -> Book:
    """Read all files; DataError names the file and the faulty lines."""
    members = _members(pipeline.with_name("sales_teams.csv"))
    sectors = {
        row["account"]: row["sector"]
        for _, row in read_rows(pipeline.with_name("accounts.csv"), ("account", "sector"))
    }
    prices = _prices(pipeline.with_name("products.csv"))
    offices = {member.agent: member.office for member in members}
    deals, faults = [], []
    for line, row in read_rows(pipeline, PIPELINE_COLUMNS):
        try:
            deals.append(_deal(row, offices, sectors, prices))
        except ValueError as fault:
            faults.append(f"line {line}: {fault}")
    keys = [deal.key for deal in deals]
    faults += [f"{key} occurs twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
    if faults:
        shown = "\n  ".join(faults[:SHOWN_FAULTS])
        raise DataError(f"{pipeline}: {len(faults)} lines cannot be played:\n  {shown}")
    if not deals:
        raise DataError(f"{pipeline} contains no opportunity")
    return Book(members, tuple(deals), currency)


def _members(path: Path) -> tuple[Member, ...]:
    members: dict[str, Member] = {}
    offices: dict[str, str] = {}
    for line, row in read_rows(path, ("sales_agent", "manager", "regional_office")):
        member = Member(row["sales_agent"], row["manager"], row["regional_office"])
        if not (member.agent and member.director and member.office):
            raise DataError(f"{path}: line {line}: a name is empty")
        if member.agent in members:
            raise DataError(f"{path}: line {line}: {member.agent} occurs twice")
        # A director sees one department only, and could not act on deals of the other.
        office = offices.setdefault(member.director, member.office)
        if office != member.office:
            raise DataError(
                f"{path}: line {line}: {member.director} manages in {office} and {member.office}"
            )
        members[member.agent] = member
    return tuple(members.values())


def _prices(path: Path) -> dict[str, Decimal]:
    prices = {}
    for line, row in read_rows(path, ("product", "sales_price")):
        try:
            price = _money(row["sales_price"], "sales_price")
        except ValueError as fault:
            raise DataError(f"{path}: line {line}: {fault}") from None
        if price is not None:
            prices[_product_key(row["product"])] = price
    return prices


def _deal(
    row: dict[str, str],
    offices: dict[str, str],
    sectors: dict[str, str],
    prices: dict[str, Decimal],
) -> Deal:
    key, agent, stage = row["opportunity_id"], row["sales_agent"], row["deal_stage"]
    if not key:
        raise ValueError("opportunity_id is empty")
    if agent not in offices:
        raise ValueError(f"sales_agent {agent!r} is not in sales_teams.csv")
    if stage not in STAGES:
        raise ValueError(f"deal_stage is {stage!r}; it must be one of {', '.join(STAGES)}")
    deal = Deal(
        key=key,
        agent=agent,
        company=row["account"] or f"(unknown) {key}",
        stage=stage,
        product=row["product"] or f"(unknown) {key}",
        engaged_on=_date(row["engage_date"], "engage_date"),
        closed_on=_date(row["close_date"], "close_date"),
        value=_money(row["close_value"], "close_value"),
        list_price=prices.get(_product_key(row["product"])),
        region=offices[agent],
        industry=sectors.get(row["account"]),
    )
    _require(deal)
    return deal


def _require(deal: Deal) -> None:
    """Raise ValueError if a deal lacks the dates or the value that its stage requires."""
    if deal.stage != PROSPECTING and deal.engaged_on is None:
        raise ValueError(f"engage_date is empty, but it is {deal.stage}")
    if deal.stage in (WON, LOST) and deal.closed_on is None:
        raise ValueError(f"close_date is empty, but it is {deal.stage}")
    if deal.stage == WON and deal.value is None:
        raise ValueError("close_value is empty, but it is Won")
    if deal.stage in (PROSPECTING, ENGAGING) and deal.closed_on is not None:
        raise ValueError(f"close_date is given, but it is {deal.stage}")


def _product_key(name: str) -> str:
    # The set writes GTXPro in one table and GTX Pro in another.
    return name.replace(" ", "").casefold()


def _date(text: str, column: str) -> date | None:
    return day_of(text, column) if text else None


def _money(text: str, column: str) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{column} is {text!r}, not an amount") from None
    if not (value.is_finite() and 0 <= value < LARGEST) or value != round(value, 2):
        raise ValueError(f"{column} is {text!r}, not an amount")
    return value
