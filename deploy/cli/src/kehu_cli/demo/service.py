"""Plays service requests: created, assigned, handled in one or more rounds, and ended."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kehu_cli.demo.book import name_key
from kehu_cli.demo.client import Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.waiting import in_parallel, post_when_known

REQUESTS = "/service-desk/requests"

# Feedback below this sends a request back (setting `satisfaction_reopen_below`).
SATISFIED = 3
STATUSES = ("created", "assigned", "handled", "archived", "cancelled")


@dataclass(frozen=True)
class Round:
    """One handling of a request, and the customer's feedback unless it is still awaited."""

    handling: str
    result: str | None = None
    satisfaction: int | None = None
    channel: str | None = None

    @property
    def reopens(self) -> bool:
        """Whether the customer is not satisfied."""
        return self.satisfaction is not None and self.satisfaction < SATISFIED


@dataclass(frozen=True)
class Request:
    """A request of a customer, without ``customer`` of any.

    ``by`` creates it and ``to`` handles it, whom a director assigns unless they take it
    themselves. ``ended`` is an operation that ends it without feedback, and its reason.
    """

    customer: str
    kind: str
    summary: str
    description: str
    by: str
    to: str | None = None
    taken: bool = False
    rounds: tuple[Round, ...] = ()
    ended: tuple[str, str] | None = None
    priority: str = "normal"
    contact: str | None = None

    @property
    def status(self) -> str:
        """The status in which the request is left."""
        if self.ended:
            return "archived" if self.ended[0] == "close" else "cancelled"
        if not self.to:
            return "created"
        if not self.rounds or self.rounds[-1].reopens:
            return "assigned"
        return "handled" if self.rounds[-1].satisfaction is None else "archived"


# What is played with a pipeline file.
COMPLAINT = Request(
    customer="",
    kind="complaint",
    summary="Delivery was incomplete",
    description="Two of ten boxes were missing.",
    by="Sam Service",
    to="Sam Service",
    rounds=(
        Round("Apologised by telephone", "The boxes are still missing", 2),
        Round("Sent the missing boxes by express", "All boxes arrived", 5),
    ),
)


def play(
    requests: Sequence[Request], customers: Mapping[str, dict[str, Any]], staff: Staff,
    figures: Figures, display: Display, *, workers: int,
) -> None:  # fmt: skip
    """Play all requests, and compare the status and the feedback in which each is left; the
    customers are those known by normalised name."""
    by_number = sorted(customers.values(), key=lambda customer: customer["number"])
    first = next(one for one in by_number if one["status"] == "normal")

    def one(request: Request) -> dict[str, Any]:
        customer = customers[name_key(request.customer)] if request.customer else first
        return _play(request, customer["id"], staff)

    with display.task("service requests handled", len(requests)) as report:
        played = in_parallel(one, requests, workers=workers, report=report)
    expected = Counter(request.status for request in requests)
    for status in STATUSES:
        seen = staff.executive.total(REQUESTS, status=status)
        figures.compare(f"service requests {status}", expected[status], seen)
    rated = [[one.satisfaction for one in request.rounds] for request in requests]
    seen_of = in_parallel(lambda made: _satisfactions(staff, made["id"]), played, workers=workers)
    differ = sum(given != kept for given, kept in zip(rated, seen_of, strict=True))
    figures.compare("service requests with other feedback than given", 0, differ)
    again = sum(len(rounds) > 1 for rounds in seen_of)
    figures.compare("service requests handled again", sum(len(one) > 1 for one in rated), again)


def _satisfactions(staff: Staff, request_id: str) -> list[int | None]:
    rounds = staff.executive.get(f"{REQUESTS}/{request_id}/rounds")["items"]
    return [one["satisfaction"] for one in rounds]


def _play(request: Request, customer_id: str, staff: Staff) -> dict[str, Any]:
    creator = staff.people[request.by]
    form = {
        "customer_id": customer_id,
        "type": request.kind,
        "summary": request.summary,
        "description": request.description,
        "priority": request.priority,
        "contact": request.contact,
    }
    created: dict[str, Any] = post_when_known(
        creator, REQUESTS, {name: value for name, value in form.items() if value is not None}
    )
    path = f"{REQUESTS}/{created['id']}"
    if request.to:
        handler = _give(request, path, staff)
        for one in request.rounds:
            _handle(one, path, handler, creator)
    if request.ended:
        operation, reason = request.ended
        ends = creator if operation == "withdraw" else _director(request, staff)
        post_when_known(ends, f"{path}/{operation}", {"reason": reason})
    return created


def _give(request: Request, path: str, staff: Staff) -> Person:
    assert request.to is not None
    handler = staff.people[request.to]
    if request.taken:
        post_when_known(handler, f"{path}/take", None)
    else:
        body = {"assignee_id": handler.id}
        post_when_known(_director(request, staff), f"{path}/assign", body)
    return handler


def _director(request: Request, staff: Staff) -> Person:
    """Return the director of whoever handles it, or any other."""
    if request.to in staff.agents:
        return staff.director_of(request.to)
    return next(iter(staff.directors.values()))


def _handle(one: Round, path: str, handler: Person, creator: Person) -> None:
    handler.post(f"{path}/handle", {"handling": one.handling})
    if one.satisfaction is None:
        return
    feedback = {"result": one.result, "satisfaction": one.satisfaction, "channel": one.channel}
    given = {name: value for name, value in feedback.items() if value is not None}
    creator.post(f"{path}/feedback", given)
