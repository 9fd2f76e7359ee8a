"""The whole story, phase by phase: win customers, see their orders, be warned, act."""

import time
from dataclasses import dataclass
from datetime import date

from kehu_chassis.messaging._amqp import Message
from kehu_cli.demo import churn, customers, notices, operations, pipeline, reports, service
from kehu_cli.demo import people as people_
from kehu_cli.demo.book import Book, Order, name_key
from kehu_cli.demo.churn import Loss
from kehu_cli.demo.client import GatewayClient, Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.sales_events import SalesEvents, amounts
from kehu_cli.demo.sales_system import check_connection, publish, watch
from kehu_cli.demo.target import Target

# One event in this many is sent twice, one order in this many is republished in its first state.
REPEATED, PUBLISHED_AGAIN = 10, 15


@dataclass(frozen=True)
class Script:
    """The input of a story."""

    book: Book
    orders: tuple[Order, ...]
    # Orders of a file belong to customers that were not won; each is one event, of a paid order.
    from_file: bool
    as_of: date
    workers: int

    def customers(self) -> dict[str, str]:
        """Return all customers expected in the end: normalised name to name."""
        named = {name_key(order.customer): order.customer for order in self.orders}
        return self.book.companies() | named

    def industries(self) -> dict[str, str | None]:
        """Return the industry of each of these customers, None where the input has none."""
        known = {name_key(deal.company): deal.industry for deal in self.book.won}
        return {key: known.get(key) for key in self.customers()}


class Story:
    """One run of a script."""

    def __init__(self, target: Target, script: Script, display: Display) -> None:
        self.target, self.script, self.display = target, script, display
        self.figures = Figures()
        self.gateway = GatewayClient(target.gateway_url, connections=script.workers + 2)

    def play(self) -> Figures:
        """Play everything and return the figures."""
        script, figures, display = self.script, self.figures, self.display
        check_connection(self.target.amqp_url)
        # Built first, to report an order that cannot be published before anything is played.
        messages = self._messages()
        meter = operations.Meter(self.target.stack)
        with figures.phase("people"):
            staff = self._people()
        with figures.phase("pipeline"):
            played = pipeline.play(script.book, staff, display, workers=script.workers)
            pipeline.compare(script.book, staff, figures)
        with figures.phase("customers"):
            self._customers(staff)
        with figures.phase("orders"):
            self._orders(staff, *messages)
        with figures.phase("churn"):
            loss = self._churn(staff)
        with figures.phase("service request"):
            self._service(staff)
        with figures.phase("reports"):
            self._reports(staff, loss)
        with figures.phase("notifications and audit"):
            notices.compare_notifications(
                script.book, len(self._due()), loss, staff, figures, display
            )
            notices.compare_audit(script.book, played, staff, figures, display)
            operations.compare_dead_letters(staff.admin, figures)
        operations.note_events(meter, figures)
        figures.note("HTTP requests", self.gateway.tally.requests)
        figures.note("HTTP requests sent again", self.gateway.tally.repeats)
        return figures

    def _people(self) -> Staff:
        admin = Person(self.gateway, self.target.admin_username, self.target.admin_password)
        people_.require_empty(admin)
        staff = people_.hire(self.gateway, admin, self.script.book, self.display)
        members = self.script.book.members
        directors = {member.director for member in members}
        # Besides them: the administrator, an executive and a service agent.
        expected = len(members) + len(directors) + 3
        self.figures.compare("users", expected, admin.total("/auth/users"))
        offices = {member.office for member in members}
        seen = admin.total("/auth/departments")
        self.figures.compare("departments", len(offices) + 1, seen)
        return staff

    def _customers(self, staff: Staff) -> None:
        book = self.script.book
        found = customers.wait_for_customers(
            book.companies(), staff, self.figures, self.display, "customers from won companies"
        )
        won = pipeline.won_opportunities(book, staff, self.figures, self.display)
        customers.compare_origins(won, self.figures)
        customers.compare_contacts(book, found, staff, self.figures, self.script.workers)

    def _orders(
        self, staff: Staff, messages: list[Message], repeats: int, republished: int
    ) -> None:
        script, figures = self.script, self.figures
        meter = operations.Meter(self.target.stack, ("customer",))
        started = time.monotonic()
        sent = publish(self.target.amqp_url, messages, self.display, "sales events published")
        effect = watch(
            staff.executive, script.orders, started, self.display, workers=script.workers,
            handled=lambda: meter.wait_until_grown(repeats, operations.DUPLICATE),
        )  # fmt: skip
        figures.compare("orders", len(script.orders), effect.orders + effect.others)
        figures.compare("orders exactly as published", len(script.orders), effect.as_published)
        figures.compare_all("order amount", amounts(script.orders), effect.amounts)
        figures.note("sales events published", sent)
        figures.note("of these sent a second time on purpose", repeats + republished)
        meter.compare(
            "repeats recognised by the customer service (/metrics)",
            repeats, figures, operations.DUPLICATE,
        )  # fmt: skip
        figures.note(
            "seconds from the first sales event until the last order was visible",
            round(effect.seconds, 1),
        )
        if script.from_file:
            found = customers.wait_for_customers(
                script.customers(), staff, figures, self.display, "customers with those of orders"
            )
            customers.assign_managers(found, staff, self.display, workers=script.workers)

    def _messages(self) -> tuple[list[Message], int, int]:
        """Return all messages of the sales system, how many of them repeat an event, and how many
        republish its content as a new event."""
        script, events = self.script, SalesEvents(self.target.timezone)
        customers_ = list(events.customers(script.orders))
        *lives, last = (
            [events.paid(order)] if script.from_file else events.lifecycle(order)
            for order in script.orders
        )
        messages = [*customers_, *(message for life in lives for message in life)]
        repeats = [events.repeat(message, as_new=False) for message in messages[::REPEATED]]
        older = [life[0] for life in lives[::PUBLISHED_AGAIN] if len(life) > 1]
        renewed = [events.repeat(message, as_new=True) for message in older]
        # Once the last order is in effect, the repeats before it have been handled.
        return [*messages, *repeats, *renewed, *last], len(repeats), len(renewed)

    def _due(self) -> dict[str, date]:
        return churn.due_for_warning(self.script.orders, self.script.as_of)

    def _churn(self, staff: Staff) -> Loss | None:
        script = self.script
        churn.scan(
            script.orders, script.as_of, len(script.customers()), staff, self.figures, self.display
        )
        return churn.act(len(self._due()), staff, self.figures, self.display)

    def _service(self, staff: Staff) -> None:
        page = staff.executive.get(customers.CUSTOMERS, status="normal", sort="number", limit=1)
        service.play(page["items"][0], staff, self.figures, self.display)

    def _reports(self, staff: Staff, loss: Loss | None) -> None:
        script, reader = self.script, staff.executive
        shown = reader, self.figures, self.display
        reports.contribution(script.orders, *shown)
        reports.composition(script.industries(), *shown)
        reports.churn(len(self._due()), loss, *shown)
        reports.funnel(script.book, *shown)
