"""Checks the notifications that people get, and the audit trail."""

from collections.abc import Callable, Collection, Sequence

from kehu_cli.demo.book import ENGAGING, LOST, VOIDED, WON, Book
from kehu_cli.demo.churn import Loss
from kehu_cli.demo.client import Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.pipeline import Played, open_stages, passed
from kehu_cli.demo.service import Request
from kehu_cli.demo.waiting import wait_for

NOTIFICATIONS, AUDIT = "/service-desk/notifications", "/auth/audit-entries"

# The stages whose deals were assigned.
ASSIGNED = (ENGAGING, WON, LOST)


def compare_notifications(
    book: Book, warned: int, losses: Sequence[Loss], requests: Sequence[Request], staff: Staff,
    figures: Figures, display: Display,
) -> None:  # fmt: skip
    """Check that people are notified of assignments, and managers and directors of customers."""
    given = [request for request in requests if request.to and not request.taken]
    again = sum(one.reopens for request in requests for one in request.rounds)
    agents, everybody = staff.agents.values(), staff.people.values()
    # An office may have further directors, who are notified as well.
    directors = {post.director for post in staff.crew.agents
                 if post.name in {loss.manager for loss in losses}}  # fmt: skip
    leading = [staff.people[name] for name in directors]
    expected = [
        ("opportunity assigned", "opportunity-assigned", agents, book.count(*ASSIGNED)),
        ("churn warning", "churn-warned", agents, warned),
        ("service request assigned", "request-assigned", everybody, len(given)),
        ("service request to be handled again", "request-reopened", everybody, again),
        ("customer lost, to the director", "customer-lost", leading, len(losses)),
    ]
    with display.task("notifications seen", sum(number for *_, number in expected)):
        for name, code, people, number in expected:
            seen = wait_for(_counter(people, code), number)
            figures.compare(f"notifications: {name}", number, seen)


def compare_audit(
    book: Book, played: list[Played], staff: Staff, figures: Figures, display: Display
) -> None:
    """Check that the audit trail records every change once, with its actor."""
    stages = open_stages(staff)
    assigned = [deal for deal in book.deals if deal.stage in ASSIGNED]
    moves = sum(len(passed(deal, stages)) for deal in assigned)
    ended = book.count(WON, LOST, VOIDED)
    steps = [step for deal in assigned for step in deal.steps]
    changes = {
        # Created; assigned; moved through the stages; closed or set aside.
        "opportunity": len(book.deals) + len(assigned) + moves + ended,
        # Planned; executed.
        "plan_item": len(steps) + sum(step.result is not None for step in steps),
    }
    with display.task("audit trail seen", sum(changes.values())) as report:
        for record_type, number in changes.items():
            read = _audited(staff.admin, record_type)
            seen = wait_for(read, number, report=report)
            figures.compare(f"audit entries: {record_type}", number, seen)
    won = next((one for one in played if one.deal.stage == WON), None)
    if won:
        entries = staff.admin.pages(AUDIT, record_id=won.opportunity_id)
        actors = {(entry["operation"], entry["actor_id"]) for entry in entries}
        agent, director = staff.agents[won.deal.agent], staff.director_of(won.deal.agent)
        expected = {
            ("create_opportunity", agent.id),
            ("assign_opportunity", director.id),
            ("win_opportunity", agent.id),
        }
        figures.compare("audit: actors of creation, assignment and win", True,
                        expected <= actors)  # fmt: skip


def _counter(people: Collection[Person], code: str) -> Callable[[], int]:
    return lambda: sum(person.total(NOTIFICATIONS, code=code) for person in people)


def _audited(admin: Person, record_type: str) -> Callable[[], int]:
    return lambda: admin.total(AUDIT, service="marketing", record_type=record_type)
