"""Plays the deals: created, assigned, planned, executed, moved, and won or lost."""

from dataclasses import dataclass
from typing import Any

from kehu_cli.demo.book import LOST, PROSPECTING, STATUS_OF, WON, Book, Deal, name_key
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.waiting import in_parallel, post_when_known, wait_for

OPPORTUNITIES = "/marketing/opportunities"


@dataclass(frozen=True)
class Played:
    """A deal and its opportunity."""

    deal: Deal
    opportunity_id: str


def play(book: Book, staff: Staff, display: Display, *, workers: int) -> list[Played]:
    """Bring every deal to its stage in the file.

    Deals are closed last and by company, so that several people win one company at once.
    """
    stages = open_stages(staff)
    with display.task("opportunities developed", len(book.deals)) as report:
        played = in_parallel(
            lambda deal: _develop(deal, book.currency, staff, stages),
            book.deals,
            workers=workers,
            report=report,
        )
    closing = sorted(
        (one for one in played if one.deal.stage in (WON, LOST)),
        key=lambda one: (name_key(one.deal.company), one.deal.stage != WON),
    )
    with display.task("opportunities won or lost", len(closing)) as report:
        in_parallel(lambda one: _close(one, staff), closing, workers=workers, report=report)
    return played


def compare(book: Book, staff: Staff, figures: Figures) -> None:
    """Compare the opportunities that the executive sees with the file."""
    for stage, status in STATUS_OF.items():
        seen = staff.executive.total(OPPORTUNITIES, status=status)
        figures.compare(f"opportunities {status} ({stage})", book.count(stage), seen)


def won_opportunities(
    book: Book, staff: Staff, figures: Figures, display: Display
) -> list[dict[str, Any]]:
    """Wait until each won opportunity names its customer; return them all."""
    found: list[dict[str, Any]] = []

    def linked() -> int:
        nonlocal found
        found = staff.executive.pages(OPPORTUNITIES, status="won")
        return sum(one["customer_id"] is not None for one in found)

    expected = len(book.won)
    with display.task("won opportunities linked to their customers", expected) as report:
        seen = wait_for(linked, expected, report=report)
    figures.compare("won opportunities linked to a customer", expected, seen)
    return found


def open_stages(staff: Staff) -> list[dict[str, Any]]:
    """Return the stages of an open opportunity, in order."""
    stages = staff.executive.get("/marketing/stages")["items"]
    return [stage for stage in stages if stage["type"] == "open"]


def _develop(deal: Deal, currency: str, staff: Staff, stages: list[dict[str, Any]]) -> Played:
    agent = staff.agents[deal.agent]
    created = agent.post(OPPORTUNITIES, form_of(deal, currency, stages[0]["probability"]))
    played = Played(deal, created["id"])
    if deal.stage == PROSPECTING:
        return played
    path = f"{OPPORTUNITIES}/{created['id']}"
    director = staff.director_of(deal.agent)
    post_when_known(director, f"{path}/assign", {"assignee_id": agent.id})
    item = agent.post(f"{path}/plan-items", plan_of(deal))
    if deal.stage in (WON, LOST):
        result = {"result": f"Done ({deal.key})"}
        agent.put(f"{path}/plan-items/{item['id']}/result", result, version=item["version"])
        for stage in stages[1:]:
            agent.post(f"{path}/stage", {"stage": stage["code"]})
    return played


def _close(one: Played, staff: Staff) -> None:
    agent, path = staff.agents[one.deal.agent], f"{OPPORTUNITIES}/{one.opportunity_id}"
    if one.deal.stage == WON:
        agent.post(f"{path}/win", {"amount": str(one.deal.value)})
        return
    reason = f"The file gives no reason ({one.deal.key})"
    agent.post(f"{path}/lose", {"reason_code": "other", "reason": reason})


def form_of(deal: Deal, currency: str, probability: int) -> dict[str, Any]:
    """Return the form of an opportunity; required texts that the file lacks hold the deal's id."""
    form: dict[str, Any] = {
        "customer_name": deal.company,
        "success_rate": probability,
        "summary": f"{deal.product} ({deal.key})",
        "description": f"Opportunity {deal.key} of the pipeline file",
        "currency": currency,
        "products": [deal.product],
        "source": "pipeline file",
        "region": deal.region,
        "industry": deal.industry,
        "contact_name": deal.contact,
        "expected_close_date": deal.closed_on.isoformat() if deal.closed_on else None,
        "expected_amount": str(deal.list_price) if deal.list_price is not None else None,
    }
    return {name: value for name, value in form.items() if value is not None}


def plan_of(deal: Deal) -> dict[str, Any]:
    """Return the only plan item of a deal, on the day on which it was engaged."""
    assert deal.engaged_on is not None
    return {
        "date": deal.engaged_on.isoformat(),
        "content": f"Present {deal.product} to {deal.company} ({deal.key})",
    }
