"""Plays the deals: created, assigned, planned, executed, moved, and won, lost or set aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kehu_cli.demo.book import LOST, PROSPECTING, STATUS_OF, VOIDED, WON, Book, Deal, name_key
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.waiting import in_parallel, post_when_known, wait_for

OPPORTUNITIES = "/marketing/opportunities"

Stages = list[dict[str, Any]]


@dataclass(frozen=True)
class Played:
    """A deal and its opportunity."""

    deal: Deal
    opportunity_id: str


def play(
    book: Book, customers: Mapping[str, str], staff: Staff, display: Display, *, workers: int
) -> list[Played]:
    """Bring every deal to its stage; ``customers`` are the ids of known companies by normalised
    name.

    Deals are closed last and by company, so that several people win one company at once.
    """
    stages = open_stages(staff)
    with display.task("opportunities developed", len(book.deals)) as report:
        played = in_parallel(
            lambda deal: _develop(deal, customers.get(name_key(deal.company)), staff, stages),
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
    """Compare the opportunities that the executive sees with the input."""
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


def open_stages(staff: Staff) -> Stages:
    """Return the stages of an open opportunity, in order."""
    stages = staff.executive.get("/marketing/stages")["items"]
    return [stage for stage in stages if stage["type"] == "open"]


def passed(deal: Deal, stages: Stages) -> Stages:
    """Return the stages that an assigned deal was moved to, in order."""
    if deal.reached is None:
        return stages[1:] if deal.stage in (WON, LOST) else []
    codes = [stage["code"] for stage in stages]
    return stages[1 : codes.index(deal.reached) + 1]


def _develop(deal: Deal, customer_id: str | None, staff: Staff, stages: Stages) -> Played:
    agent = staff.agents[deal.agent]
    moves = passed(deal, stages)
    at_first = stages[0]["probability"]
    chance = at_first if moves or deal.chance is None else deal.chance
    created = agent.post(OPPORTUNITIES, form_of(deal, customer_id, chance))
    played = Played(deal, created["id"])
    path, director = f"{OPPORTUNITIES}/{created['id']}", staff.director_of(deal.agent)
    if deal.stage == VOIDED:
        assert deal.reason is not None
        post_when_known(director, f"{path}/void", {"reason": deal.reason.text})
    if deal.stage in (PROSPECTING, VOIDED):
        return played
    post_when_known(director, f"{path}/assign", {"assignee_id": agent.id})
    for step in deal.steps:
        planned = {"date": step.on.isoformat(), "content": step.content}
        item = agent.post(f"{path}/plan-items", planned)
        if step.result:
            result = {"result": step.result}
            agent.put(f"{path}/plan-items/{item['id']}/result", result, version=item["version"])
    for stage in moves[:-1]:
        agent.post(f"{path}/stage", {"stage": stage["code"]})
    for stage in moves[-1:]:
        chance = stage["probability"] if deal.chance is None else deal.chance
        agent.post(f"{path}/stage", {"stage": stage["code"], "success_rate": chance})
    return played


def _close(one: Played, staff: Staff) -> None:
    deal, agent = one.deal, staff.agents[one.deal.agent]
    path = f"{OPPORTUNITIES}/{one.opportunity_id}"
    if deal.stage == WON:
        agent.post(f"{path}/win", {"amount": str(deal.value)})
        return
    assert deal.reason is not None
    body = {"reason_code": deal.reason.code, "reason": deal.reason.text}
    if deal.reason.competitor:
        body["competitor"] = deal.reason.competitor
    agent.post(f"{path}/lose", body)


def form_of(deal: Deal, customer_id: str | None, chance: int) -> dict[str, Any]:
    """Return the form of an opportunity, of a customer or of a company that is none yet."""
    expected = deal.expected_amount
    form: dict[str, Any] = {
        "customer_id": customer_id,
        "customer_name": None if customer_id else deal.company,
        "success_rate": chance,
        "summary": deal.summary,
        "description": deal.description,
        "currency": deal.currency,
        "products": [deal.product],
        "source": deal.source,
        "region": deal.region,
        "industry": deal.industry,
        "contact_name": deal.contact,
        "contact_phone": deal.contact_phone,
        "expected_close_date": deal.expected_on.isoformat() if deal.expected_on else None,
        "expected_amount": str(expected) if expected is not None else None,
    }
    return {name: value for name, value in form.items() if value is not None}
