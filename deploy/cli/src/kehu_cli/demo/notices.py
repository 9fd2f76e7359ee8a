"""Checks the notifications that people get, and the audit trail."""

from collections.abc import Callable

from kehu_cli.demo.book import ENGAGING, LOST, PROSPECTING, WON, Book
from kehu_cli.demo.churn import Loss
from kehu_cli.demo.client import Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.pipeline import Played, open_stages
from kehu_cli.demo.waiting import wait_for

NOTIFICATIONS, AUDIT = "/service-desk/notifications", "/auth/audit-entries"


def compare_notifications(
    book: Book, warned: int, loss: Loss | None, staff: Staff, figures: Figures, display: Display
) -> None:
    """Check that people are notified of assignments, and managers of their warnings."""
    assigned = len(book.deals) - book.count(PROSPECTING)
    agents = list(staff.agents.values())
    expected = [
        ("opportunity assigned", "opportunity-assigned", agents, assigned),
        ("churn warning", "churn-warned", agents, warned),
        ("service request assigned", "request-assigned", [staff.service_agent], 1),
    ]
    if loss:
        director = staff.director_of(loss.manager)
        expected.append(("customer lost, to the director", "customer-lost", [director], 1))
    with display.task("notifications seen", sum(number for *_, number in expected)):
        for name, code, people, number in expected:
            seen = wait_for(_counter(people, code), number)
            figures.compare(f"notifications: {name}", number, seen)


def compare_audit(
    book: Book, played: list[Played], staff: Staff, figures: Figures, display: Display
) -> None:
    """Check that the audit trail records every change once, with its actor."""
    closed = book.count(WON) + book.count(LOST)
    assigned = book.count(ENGAGING) + closed
    changes = {
        # Created; assigned; moved through the stages and closed.
        "opportunity": len(book.deals) + assigned + closed * len(open_stages(staff)),
        # Planned; executed.
        "plan_item": assigned + closed,
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


def _counter(people: list[Person], code: str) -> Callable[[], int]:
    return lambda: sum(person.total(NOTIFICATIONS, code=code) for person in people)


def _audited(admin: Person, record_type: str) -> Callable[[], int]:
    return lambda: admin.total(AUDIT, service="marketing", record_type=record_type)
