"""Reads a pipeline file and the side tables beside it.

The format is that of the CRM Sales Opportunities set of Maven Analytics: ``sales_teams.csv``,
``accounts.csv`` and ``products.csv`` beside the pipeline. Unknown accounts and products are valid,
as the set itself has some; an unknown agent is an error, as nobody could act for them.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

from kehu_cli.demo.book import (
    ENGAGING,
    ISO_DATE,
    LOST,
    PROSPECTING,
    STAGES,
    WON,
    Book,
    DataError,
    Deal,
    Member,
    day_of,
    number_of,
)
from kehu_cli.demo.csv_rows import read_table
from kehu_cli.demo.faults import BadLine, BadValue, sentences

PIPELINE_COLUMNS = (
    "opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date",
    "close_date", "close_value",
)  # fmt: skip


def read_book(pipeline: Path, *, currency: str, date_format: str = ISO_DATE) -> Book:
    """Read all files; DataError names the file and the faulty lines."""
    members = _members(pipeline.with_name("sales_teams.csv"))
    sectors = {
        row["account"]: row["sector"]
        for _, row in read_table(pipeline.with_name("accounts.csv"), ("account", "sector")).rows
    }
    prices = _prices(pipeline.with_name("products.csv"))
    offices = {member.agent: member.office for member in members}
    rows = read_table(pipeline, PIPELINE_COLUMNS).rows
    deals: dict[str, Deal] = {}
    bad: list[BadLine] = []
    for line, row in rows:
        try:
            deal = _deal(row, offices, sectors, prices, date_format)
            if deal.key in deals:
                raise BadValue("opportunity_id occurs twice", deal.key)
            deals[deal.key] = deal
        except BadValue as fault:
            bad.append(BadLine.of(line, fault))
    if bad:
        faults = "\n  ".join(sentences(bad, len(rows)))
        raise DataError(f"{pipeline} cannot be played:\n  {faults}")
    if not deals:
        raise DataError(f"{pipeline} contains no opportunity")
    return Book(members, tuple(deals.values()), currency)


def _members(path: Path) -> tuple[Member, ...]:
    members: dict[str, Member] = {}
    offices: dict[str, str] = {}
    for line, row in read_table(path, ("sales_agent", "manager", "regional_office")).rows:
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
    for line, row in read_table(path, ("product", "sales_price")).rows:
        try:
            price = _money(row["sales_price"], "sales_price")
        except BadValue as fault:
            raise DataError(f"{path}: line {line}: {fault}") from None
        if price is not None:
            prices[_product_key(row["product"])] = price
    return prices


def _deal(
    row: dict[str, str],
    offices: dict[str, str],
    sectors: dict[str, str],
    prices: dict[str, Decimal],
    date_format: str,
) -> Deal:
    key, agent, stage = row["opportunity_id"], row["sales_agent"], row["deal_stage"]
    if not key:
        raise BadValue("opportunity_id must not be empty", key)
    if agent not in offices:
        raise BadValue("sales_agent must be in sales_teams.csv", agent)
    if stage not in STAGES:
        raise BadValue(f"deal_stage must be one of {', '.join(STAGES)}", stage)
    deal = Deal(
        key=key,
        agent=agent,
        company=row["account"] or f"(unknown) {key}",
        stage=stage,
        product=row["product"] or f"(unknown) {key}",
        engaged_on=_date(row["engage_date"], "engage_date", date_format),
        closed_on=_date(row["close_date"], "close_date", date_format),
        value=_money(row["close_value"], "close_value"),
        list_price=prices.get(_product_key(row["product"])),
        region=offices[agent],
        industry=sectors.get(row["account"]),
    )
    _require(deal)
    return deal


def _require(deal: Deal) -> None:
    """Raise BadValue if a deal lacks the dates or the value that its stage requires."""
    if deal.stage != PROSPECTING and deal.engaged_on is None:
        raise BadValue(f"engage_date must be given for {deal.stage}", "")
    if deal.stage in (WON, LOST) and deal.closed_on is None:
        raise BadValue(f"close_date must be given for {deal.stage}", "")
    if deal.stage == WON and deal.value is None:
        raise BadValue("close_value must be given for Won", "")
    if deal.stage in (PROSPECTING, ENGAGING) and deal.closed_on is not None:
        raise BadValue(f"close_date must be empty for {deal.stage}", str(deal.closed_on))


def _product_key(name: str) -> str:
    # The set writes GTXPro in one table and GTX Pro in another.
    return name.replace(" ", "").casefold()


def _date(text: str, column: str, date_format: str) -> date | None:
    return day_of(text, column, date_format) if text else None


def _money(text: str, column: str) -> Decimal | None:
    return number_of(text, column, decimals=2) if text else None
