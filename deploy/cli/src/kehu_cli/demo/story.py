"""The whole story, phase by phase: win customers, see their orders, be warned, act."""

import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from kehu_chassis.messaging._amqp import Message
from kehu_cli.demo import (
    accounts,
    churn,
    customers,
    notices,
    operations,
    pipeline,
    reports,
    service,
)
from kehu_cli.demo import people as people_
from kehu_cli.demo.book import name_key
from kehu_cli.demo.churn import Loss
from kehu_cli.demo.client import GatewayClient, Person
from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.sales_events import SalesEvents, amounts
from kehu_cli.demo.sales_system import check_connection, publish, watch
from kehu_cli.demo.script import Script
from kehu_cli.demo.target import Target
from kehu_cli.demo.waiting import wait_for

# One event in this many is sent twice, one order in this many is republished in its first state.
REPEATED, PUBLISHED_AGAIN = 10, 15


@dataclass(frozen=True)
class Outcome:
    """What a story ended with."""

    figures: Figures
    staff: Staff


class Story:
    """One run of a script."""

    def __init__(self, target: Target, script: Script, display: Display) -> None:
        self.target, self.script, self.display = target, script, display
        self.workers = script.workers
        self.figures = Figures()
        self.gateway = GatewayClient(target.gateway_url, connections=script.workers + 2)
        self.events = SalesEvents(target.timezone)

    def play(self) -> Outcome:
        """Play everything and return the figures, and who can sign in."""
        script, figures, display = self.script, self.figures, self.display
        check_connection(self.target.amqp_url)
        # Built first, to report an order that cannot be published before anything is played.
        messages = self._messages()
        meter = operations.Meter(self.target.stack)
        with figures.phase("people"):
            staff = self._people()
        with figures.phase("customers entered"):
            ids = accounts.enter(script.company.accounts, staff, display, workers=self.workers)
        with figures.phase("pipeline"):
            played = pipeline.play(script.book, ids, staff, display, workers=self.workers)
            pipeline.compare(script.book, staff, figures)
        with figures.phase("customers won"):
            self._customers(staff)
        with figures.phase("orders"):
            self._orders(staff, *messages)
        with figures.phase("churn"):
            losses = self._churn(staff)
        with figures.phase("service requests"):
            self._service(staff)
        with figures.phase("reports"):
            self._reports(staff, losses)
        with figures.phase("notifications and audit"):
            notices.compare_notifications(
                script.book, len(self._due().keys() - script.unmanaged()), losses,
                script.company.requests, staff, figures, display,
            )  # fmt: skip
            notices.compare_audit(script.book, played, staff, figures, display)
            operations.compare_dead_letters(staff.admin, figures)
        operations.note_events(meter, figures)
        figures.note("HTTP requests", self.gateway.tally.requests)
        figures.note("HTTP requests sent again", self.gateway.tally.repeats)
        return Outcome(figures, staff)

    def _people(self) -> Staff:
        admin = Person(self.gateway, self.target.admin_username, self.target.admin_password)
        people_.require_empty(admin)
        crew = self.script.book.crew
        staff = people_.hire(self.gateway, admin, crew, self.display)
        # Besides them there is the administrator, and besides the offices the head office.
        self.figures.compare("users", len(crew.posts) + 1, admin.total("/auth/users"))
        departments = admin.total("/auth/departments")
        self.figures.compare("departments", len(crew.offices) + 1, departments)
        return staff

    def _customers(self, staff: Staff) -> None:
        script, figures, display, workers = self.script, self.figures, self.display, self.workers
        found = customers.wait_for_customers(
            script.known(), staff, figures, display, "customers entered or won"
        )
        won = pipeline.won_opportunities(script.book, staff, figures, display)
        customers.compare_origins(won, figures)
        kept = script.kept()
        accounts.complete(kept, found, staff, display, workers=workers)
        accounts.compare_contacts(script.book, kept, found, staff, figures, workers)

    def _orders(
        self, staff: Staff, messages: list[Message], repeats: int, republished: int
    ) -> None:
        script, figures = self.script, self.figures
        meter = operations.Meter(self.target.stack, ("customer",))
        started = time.monotonic()
        sent = publish(self.target.amqp_url, messages, self.display, "sales events published")
        effect = watch(
            staff.executive, script.orders, started, self.display, workers=self.workers,
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
        self._compare_catalogue(staff)
        if script.customers().keys() != script.known().keys():
            found = customers.wait_for_customers(
                script.customers(), staff, figures, self.display, "customers with those of orders"
            )
            if script.from_file:
                customers.assign_managers(found, staff, self.display, workers=self.workers)

    def _compare_catalogue(self, staff: Staff) -> None:
        company = self.script.company
        for name, published in (("products", company.products), ("stock", company.stock)):
            if published:
                path, expected = f"/customer/{name}", len(published)
                seen = wait_for(lambda path=path: staff.executive.total(path), expected)  # type: ignore[misc]
                self.figures.compare(f"{name} of the sales system", expected, seen)

    def _messages(self) -> tuple[list[Message], int, int]:
        """Return all messages of the sales system, how many of them repeat an event, and how many
        republish its content as a new event."""
        script, events = self.script, self.events
        catalogue = [
            *map(events.product, script.company.products),
            *map(events.stock, script.company.stock),
        ]
        customers_ = list(events.customers(script.orders, script.details()))
        *lives, last = (
            [events.paid(order)] if script.from_file else events.lifecycle(order)
            for order in script.orders
        )
        messages = [*catalogue, *customers_, *(message for life in lives for message in life)]
        repeats = [events.repeat(message, as_new=False) for message in messages[::REPEATED]]
        older = [life[0] for life in lives[::PUBLISHED_AGAIN] if len(life) > 1]
        renewed = [events.repeat(message, as_new=True) for message in older]
        # Once the last order is in effect, the repeats before it have been handled.
        return [*messages, *repeats, *renewed, *last], len(repeats), len(renewed)

    def _due(self) -> dict[str, date]:
        return churn.due_for_warning(self.script.orders, self.script.as_of)

    def _churn(self, staff: Staff) -> list[Loss]:
        script, figures, display = self.script, self.figures, self.display
        customers_ = len(script.customers())
        churn.scan(script.orders, script.as_of, customers_, staff, figures, display)
        due, plans = len(self._due()), script.company.plans
        first = churn.act(due, plans, staff, figures, display)
        reprieved, losses = churn.act_on_others(plans, staff, display)
        losses = [first, *losses] if first else losses
        back = self._order_again(staff)
        expected = {"reprieved": reprieved, "confirmed": len(losses), "recovered": back}
        expected["open"] = due - sum(expected.values())
        churn.compare_states(expected, staff, figures)
        return losses

    def _order_again(self, staff: Staff) -> int:
        """Let some customers order again, of whom a warning is open; returns how many."""
        opened = staff.executive.pages(churn.WARNINGS, state="open")
        names = {name_key(one["customer_name"]) for one in opened}
        orders = [one for one in self.script.company.late_orders if name_key(one.customer) in names]
        messages = [message for order in orders for message in self.events.lifecycle(order)]
        if messages:
            publish(self.target.amqp_url, messages, self.display, "customers who order again")
        return len(orders)

    def _service(self, staff: Staff) -> None:
        found: dict[str, dict[str, Any]] = {
            name_key(one["name"]): one for one in staff.executive.pages(customers.CUSTOMERS)
        }
        requests = self.script.company.requests
        service.play(requests, found, staff, self.figures, self.display, workers=self.workers)

    def _reports(self, staff: Staff, losses: list[Loss]) -> None:
        script, reader = self.script, staff.executive
        shown = reader, self.figures, self.display
        reports.contribution(script.orders, *shown)
        reports.composition(script.industries(), *shown)
        reports.services(script.company.requests, *shown)
        reports.churn(len(self._due()), losses, *shown)
        reports.funnel(script.book, *shown)
