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
    Crew,
    DataError,
    Deal,
    Post,
    Reason,
    Step,
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
    agents = _agents(pipeline.with_name("sales_teams.csv"))
    sectors = {
        row["account"]: row["sector"]
        for _, row in read_table(pipeline.with_name("accounts.csv"), ("account", "sector")).rows
    }
    prices = _prices(pipeline.with_name("products.csv"))
    offices = {agent.name: agent.office for agent in agents}
    rows = read_table(pipeline, PIPELINE_COLUMNS).rows
    deals: dict[str, Deal] = {}
    bad: list[BadLine] = []
    for line, row in rows:
        try:
            deal = _deal(row, offices, sectors, prices, currency, date_format)
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
    return Book(_crew(agents), tuple(deals.values()))


def _agents(path: Path) -> tuple[Post, ...]:
    agents: dict[str, Post] = {}
    offices: dict[str, str] = {}
    for line, row in read_table(path, ("sales_agent", "manager", "regional_office")).rows:
        name, director = row["sales_agent"], row["manager"]
        if not (name and director and row["regional_office"]):
            raise DataError(f"{path}: line {line}: a name is empty")
        if name in agents:
            raise DataError(f"{path}: line {line}: {name} occurs twice")
        # A director sees one department only, and could not act on deals of the other.
        office = offices.setdefault(director, row["regional_office"])
        if office != row["regional_office"]:
            raise DataError(
                f"{path}: line {line}: {director} manages in {office} and {row['regional_office']}"
            )
        agents[name] = Post(name, "account_manager", office, director)
    return tuple(agents.values())


def _crew(agents: tuple[Post, ...]) -> Crew:
    directors = {agent.director: agent.office for agent in agents}
    return Crew(
        (
            Post("Eve Executive", "executive"),
            Post("Sam Service", "service_agent"),
            *(Post(name, "sales_director", office) for name, office in directors.items()),
            *agents,
        )
    )


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
    currency: str,
    date_format: str,
) -> Deal:
    key, agent, stage = row["opportunity_id"], row["sales_agent"], row["deal_stage"]
    if not key:
        raise BadValue("opportunity_id must not be empty", key)
    if agent not in offices:
        raise BadValue("sales_agent must be in sales_teams.csv", agent)
    if stage not in STAGES:
        raise BadValue(f"deal_stage must be one of {', '.join(STAGES)}", stage)
    company = row["account"] or f"(unknown) {key}"
    product = row["product"] or f"(unknown) {key}"
    engaged_on = _date(row["engage_date"], "engage_date", date_format)
    closed_on = _date(row["close_date"], "close_date", date_format)
    value = _money(row["close_value"], "close_value")
    _require(stage, engaged_on, closed_on, value)
    is_closed = stage in (WON, LOST)
    # Required texts that the file lacks hold the deal's id.
    return Deal(
        key=key,
        agent=agent,
        company=company,
        stage=stage,
        product=product,
        currency=currency,
        summary=f"{product} ({key})",
        description=f"Opportunity {key} of the pipeline file",
        source="pipeline file",
        steps=()
        if stage == PROSPECTING
        else (_step(key, company, product, engaged_on, is_closed),),
        expected_on=closed_on,
        expected_amount=prices.get(_product_key(row["product"])),
        closed_on=closed_on,
        value=value,
        reason=Reason("other", f"The file gives no reason ({key})") if stage == LOST else None,
        region=offices[agent],
        industry=sectors.get(row["account"]),
    )


def _step(key: str, company: str, product: str, on: date | None, is_closed: bool) -> Step:
    """Return the only plan item of a deal, on the day on which it was engaged."""
    assert on is not None
    result = f"Done ({key})" if is_closed else None
    return Step(on, f"Present {product} to {company} ({key})", result)


def _require(
    stage: str, engaged_on: date | None, closed_on: date | None, value: Decimal | None
) -> None:
    """Raise BadValue if a deal lacks the dates or the value that its stage requires."""
    if stage != PROSPECTING and engaged_on is None:
        raise BadValue(f"engage_date must be given for {stage}", "")
    if stage in (WON, LOST) and closed_on is None:
        raise BadValue(f"close_date must be given for {stage}", "")
    if stage == WON and value is None:
        raise BadValue("close_value must be given for Won", "")
    if stage in (PROSPECTING, ENGAGING) and closed_on is not None:
        raise BadValue(f"close_date must be empty for {stage}", str(closed_on))


def _product_key(name: str) -> str:
    # The set writes GTXPro in one table and GTX Pro in another.
    return name.replace(" ", "").casefold()


def _date(text: str, column: str, date_format: str) -> date | None:
    return day_of(text, column, date_format) if text else None


def _money(text: str, column: str) -> Decimal | None:
    return number_of(text, column, decimals=2) if text else None
