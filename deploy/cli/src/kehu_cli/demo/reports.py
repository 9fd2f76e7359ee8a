"""Compares the reports that an executive reads, as JSON and as CSV, with the input."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from kehu_cli.demo.book import ENGAGING, LOST, WON, Book, Deal, Order, name_key
from kehu_cli.demo.churn import Loss
from kehu_cli.demo.client import Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.service import Request
from kehu_cli.demo.waiting import wait_for

CONTRIBUTION = "/reporting/customer-contribution"
COMPOSITION = "/reporting/customer-composition"
SERVICES = "/reporting/service-composition"
CHURN = "/reporting/customer-churn"
FUNNEL = "/reporting/sales-funnel"

# The first stage of an assigned opportunity in the funnel.
FIRST_STAGE = "qualification"
NOT_RECORDED = "(not recorded)"


def contribution(
    orders: Iterable[Order], reader: Person, figures: Figures, display: Display
) -> None:
    """Compare E1: the contribution of each customer by shipped and paid orders."""
    counted = [order for order in orders if order.counts_as_contribution]
    expected: dict[tuple[str, str], Decimal] = {}
    for order in counted:
        key = name_key(order.customer), order.currency
        expected[key] = expected.get(key, Decimal(0)) + order.amount

    def arrived() -> int:
        return sum(total["orders"] for total in reader.get(CONTRIBUTION, limit=1)["totals"])

    with display.task("orders in the contribution report", len(counted)) as report:
        wait_for(arrived, len(counted), report=report)
    totals = reader.get(CONTRIBUTION, limit=1)["totals"]
    figures.compare("E1 contribution: orders", len(counted), sum(t["orders"] for t in totals))
    figures.compare_all(
        "E1 contribution",
        {f"amount {currency}": _sum(expected, currency) for _, currency in expected},
        {f"amount {total['currency']}": Decimal(total["amount"]) for total in totals},
    )
    rows = {
        (name_key(row["customer_name"]), row["currency"]): Decimal(row["amount"])
        for row in reader.pages(CONTRIBUTION)
    }
    _compare_rows("E1 contribution: customers with a wrong amount", expected, rows, figures)
    sheet = {
        (name_key(row["Customer"]), row["Currency"]): Decimal(row["Amount"])
        for row in _sheet(reader, CONTRIBUTION)
    }
    _compare_rows("E1 as CSV: customers with a wrong amount", expected, sheet, figures)


def composition(
    industries: dict[str, str | None], reader: Person, figures: Figures, display: Display
) -> None:
    """Compare E2: the composition of customers, here by industry."""
    query = {"by": "industry", "status": "normal,lost"}
    expected = Counter(value or NOT_RECORDED for value in industries.values())
    with display.task("customers in the composition report", len(industries)) as report:
        wait_for(
            lambda: int(reader.get(COMPOSITION, **query)["total"]),
            len(industries),
            report=report,
        )
    found = reader.get(COMPOSITION, **query)
    figures.compare("E2 composition: customers", len(industries), found["total"])
    seen = {item["value"] or NOT_RECORDED: item["count"] for item in found["items"]}
    wrong = sum(expected[kind] != seen.get(kind, 0) for kind in expected.keys() | seen.keys())
    figures.compare("E2 composition: industries with a wrong count", 0, wrong)
    rows = _sheet(reader, COMPOSITION, **query)
    figures.compare("E2 as CSV: customers", len(industries), sum(int(r["Count"]) for r in rows))


def services(
    requests: Sequence[Request], reader: Person, figures: Figures, display: Display
) -> None:
    """Compare E3: the composition of service requests by type."""
    with display.task("service requests in the composition report", len(requests)) as report:
        wait_for(lambda: int(reader.get(SERVICES)["total"]), len(requests), report=report)
    seen = {item["value"]: item["count"] for item in reader.get(SERVICES)["items"] if item["count"]}
    expected = Counter(request.kind for request in requests)
    figures.compare_all("E3 service requests", dict(expected), seen)


def churn(
    warned: int, losses: Sequence[Loss], reader: Person, figures: Figures, display: Display
) -> None:
    """Compare E4: lost customers and the outcomes of warnings."""
    lost = len(losses)
    with display.task("warnings and losses in the churn report", warned + lost):
        wait_for(lambda: _churn_arrived(reader), warned + 2 * lost)
    found = reader.get(CHURN)
    figures.compare("E4 churn: warnings opened", warned, found["warnings"]["opened"])
    figures.compare("E4 churn: customers lost", lost, found["lost"])
    figures.compare("E4 churn: warnings confirmed", lost, found["warnings"]["confirmed"])
    managers = {loss.customer_name: loss.manager for loss in losses}
    seen = {item["customer_name"]: item["manager_name"] for item in found["items"]}
    figures.compare("E4 churn: lost customers and their managers", True, managers == seen)
    named = sorted(row["Customer"] for row in _sheet(reader, CHURN))
    figures.compare("E4 as CSV names exactly the lost customers", True, named == sorted(managers))


def funnel(book: Book, reader: Person, figures: Figures, display: Display) -> None:
    """Compare E5: the number and the amount of opportunities in each stage."""
    counts = Counter(filter(None, map(_stage_of, book.deals)))
    total = counts.total()

    def arrived() -> int:
        found = {item["stage"]: item["count"] for item in reader.get(FUNNEL)["items"]}
        return sum(min(found.get(stage, 0), count) for stage, count in counts.items())

    with display.task("opportunities in the sales funnel", total) as report:
        wait_for(arrived, total, report=report)
    items = reader.get(FUNNEL)["items"]
    seen = {item["stage"]: item["count"] for item in items if item["count"]}
    figures.compare_all("E5 funnel", dict(counts), seen)
    figures.compare_all("E5 funnel: won amount", book.won_value(), _won_amounts(items))
    rows = _sheet(reader, FUNNEL)
    in_file = sum(int(row["Count"]) for row in rows)
    figures.compare("E5 as CSV: opportunities", total, in_file)


def _churn_arrived(reader: Person) -> int:
    found = reader.get(CHURN)
    return int(found["warnings"]["opened"] + found["warnings"]["confirmed"] + found["lost"])


def _stage_of(deal: Deal) -> str | None:
    """Return the stage of the funnel in which a deal is left; None if it never came into it."""
    if deal.stage == LOST:
        return "lost_to_competitor" if deal.reason and deal.reason.competitor else "lost"
    return {ENGAGING: deal.reached or FIRST_STAGE, WON: "won"}.get(deal.stage)


def _won_amounts(items: list[dict[str, Any]]) -> dict[str, Decimal]:
    amounts = [one for item in items if item["stage"] == "won" for one in item["amounts"]]
    return {one["currency"]: Decimal(one["amount"]) for one in amounts}


def _sum(amounts: dict[tuple[str, str], Decimal], currency: str) -> Decimal:
    return sum((amount for (_, one), amount in amounts.items() if one == currency), Decimal(0))


def _compare_rows(
    name: str,
    expected: dict[tuple[str, str], Decimal],
    seen: dict[tuple[str, str], Decimal],
    figures: Figures,
) -> None:
    wrong = sum(expected.get(key) != seen.get(key) for key in expected.keys() | seen.keys())
    figures.compare(name, 0, wrong)


def _sheet(reader: Person, path: str, **query: Any) -> list[dict[str, str]]:
    text = reader.get_text(f"{path}/export", **query).removeprefix("\ufeff")
    return [_unescaped(row) for row in csv.DictReader(io.StringIO(text))]


def _unescaped(row: dict[str, str]) -> dict[str, str]:
    # Text that a spreadsheet would run as a formula is prefixed with ', codes that it would turn
    # into numbers or dates are ="...".
    return {
        name: value[2:-1] if value.startswith('="') else value.removeprefix("'")
        for name, value in row.items()
    }
