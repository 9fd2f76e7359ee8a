"""People and the sales system at work while something is done to the system beneath them.

Each asks again, with the same Idempotency-Key or event id, until there is a clear answer, as a good
client does.  What they were told is what the ledger holds the system to.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import urllib3
from pika.exceptions import AMQPError

from tests.support.records import CONTACT, a_customer, an_order
from tests.support.stack import RunningStack, Session, eventually
from tests.support.trade import paid_order

OPPORTUNITIES = "/api/v1/marketing/opportunities"
REQUESTS = "/api/v1/service-desk/requests"
CUSTOMERS = "/api/v1/customer/customers"
FUNNEL = "/api/v1/reporting/sales-funnel"
PAUSE_SECONDS = 0.15
PATIENCE_SECONDS = 180
# Whoever gets one of these asks again; 409 says that the first try is still being worked on.
# A 500 is never an answer to a fault: it ends the experiment.
NO_ANSWER = 0
ASK_AGAIN = (NO_ANSWER, 409, 429, 502, 503, 504)


@dataclass
class Write:
    """One thing that somebody asked for, and what they were told in the end."""

    who: Session
    path: str
    body: Any
    key: str = field(default_factory=lambda: str(uuid4()))
    answer: Any = None

    def send(self) -> tuple[int, Any]:
        """Ask; ``(status, JSON)``, with 0 for no answer at all."""
        try:
            answer = self.who.request("POST", self.path, self.body, Idempotency_Key=self.key)
        except (urllib3.exceptions.HTTPError, OSError):
            return NO_ANSWER, None
        if answer.status == 503:
            assert int(answer.headers["Retry-After"]) > 0
        return answer.status, json.loads(answer.data) if answer.data else None


class Traffic:
    """A team of two at work in every service, and somebody who tries what they may not do."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self.word = f"W{uuid4().hex[:8]}"
        department = stack.department("Team")
        self.director = stack.person("sales_director", department_id=department)
        self.manager = stack.person("account_manager", department_id=department)
        self.customer = a_customer(self.manager, f"Old {self.word}")
        # Everybody and everything is known in every service once this has worked.
        customer = f"{CUSTOMERS}/{self.customer}"
        order = an_order(stack, self.manager, customer)
        self.number = self.manager.get(customer)["number"]
        eventually(lambda: self.manager.get(f"{REQUESTS}?customer_id={self.customer}"))
        # Somebody of another team, who may read such records, but none of these.
        self.stranger = stack.person("account_manager", department_id=stack.department("Other"))
        self.private = [
            f"{CUSTOMERS}/{self.customer}",
            f"{CUSTOMERS}/{self.customer}/orders/{order}",
        ]
        self.writes: list[Write] = []
        self.orders: set[str] = set()
        self.told: set[str] = set()  # ids of the sales system's events
        self.refused: list[tuple[float, str, int]] = []
        self.let_in: list[str] = []
        self.failures: list[BaseException] = []
        self._rounds: dict[str, int] = {}
        self._over = threading.Event()
        self.private += [self.win(0), *self.serve(0)]

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """All are at work; at the end each has finished two more rounds without anybody's help."""
        workers = [
            threading.Thread(target=self._repeat, args=(work,), daemon=True)
            for work in (self.win, self.serve, self.sell, self.trespass)
        ]
        for worker in workers:
            worker.start()
        try:
            eventually(lambda: len(self._rounds) == len(workers), what="work has begun")
            yield
            self._finish_rounds(2)
        finally:
            self._over.set()
            for worker in workers:
                worker.join(PATIENCE_SECONDS)

    def _finish_rounds(self, more: int) -> None:
        before = dict(self._rounds)
        eventually(
            lambda: self.failures or all(self._rounds[w] >= n + more for w, n in before.items()),
            within=PATIENCE_SECONDS,
            what="work goes on by itself",
        )

    def _repeat(self, work: Callable[[int], None]) -> None:
        name = work.__name__
        number = 0
        try:
            while not self._over.wait(PAUSE_SECONDS):
                number += 1
                work(number)
                self._rounds[name] = number
        except BaseException as error:
            self.failures.append(error)

    def win(self, number: object) -> str:
        """An opportunity is created, assigned and won: it becomes a customer; returns its path."""
        path = self.create(number)
        self.assign(path)
        self.ask(self.manager, f"{path}/win", {"amount": "1000.00"})
        return path

    def create(self, number: object) -> str:
        """An opportunity is created; returns its path."""
        name = f"{self.word} {number}"
        form = {"customer_name": name, "success_rate": 40, "summary": name, "description": name}
        return f"{OPPORTUNITIES}/{self.ask(self.manager, OPPORTUNITIES, form)['id']}"

    def assign(self, path: str) -> None:
        """The director gives it to the manager."""
        self.ask(self.director, f"{path}/assign", {"assignee_id": self.manager.user["id"]})

    def serve(self, number: object) -> tuple[str, str]:
        """A service request, and a contact of the customer; returns their paths."""
        name = f"{self.word} {number}"
        form = {
            "type": "complaint", "summary": name, "description": name, "customer_id": self.customer,
        }  # fmt: skip
        contacts = f"{CUSTOMERS}/{self.customer}/contacts"
        request = self.ask(self.manager, REQUESTS, form)["id"]
        contact = self.ask(self.manager, contacts, CONTACT | {"name": name})["id"]
        return f"{REQUESTS}/{request}", f"{contacts}/{contact}"

    def sell(self, number: object) -> None:
        """A paid order of the customer."""
        self.tell(self.order(number))

    def order(self, number: object, **changes: Any) -> tuple[str, bytes]:
        """A paid order of the customer, as the sales system is going to tell it."""
        order = f"{self.word}-{number}"
        self.orders.add(order)
        known = {"customer_code": f"C-{self.word}", "customer_number": self.number}
        return paid_order(order, **(known | changes))

    def trespass(self, _number: object) -> None:
        """Nobody gets in anywhere, nobody further than their role, and nobody to another team's
        records: neither by their ids nor in a report."""
        manager, stranger = self.manager, self.stranger
        shut = [
            (self._stack.nobody, "GET", OPPORTUNITIES),
            (manager, "GET", "/api/v1/auth/users"),
            (manager, "GET", f"/api/v1/auth/users/{stranger.user['id']}"),
            (manager, "GET", "/api/v1/customer/dead-letters"),
            *((stranger, "GET", path) for path in self.private),
            (stranger, "POST", f"{self.private[0]}/contacts"),
        ]
        for who, method, path in shut:
            status, _answer = self._try(who, method, path)
            if 0 < status < 400:
                self.let_in.append(f"{method} {path}")
        status, report = self._try(stranger, "GET", FUNNEL)
        if status == 200 and report["opportunities"]:
            self.let_in.append(f"{FUNNEL}: {report}")

    def _try(self, who: Session, method: str, path: str) -> tuple[int, Any]:
        body = CONTACT if method == "POST" else None
        try:
            answer = who.request(method, path, body)
        except (urllib3.exceptions.HTTPError, OSError):
            return NO_ANSWER, None
        return answer.status, json.loads(answer.data) if answer.data else None

    def ask(self, who: Session, path: str, body: Any) -> Any:
        """Ask until there is an answer; anything but a success is a failure of the system."""
        write = Write(who, path, body)
        self.writes.append(write)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, write.answer = write.send()
            if 200 <= status < 300:
                return write.answer
            self.refused.append((time.time(), path, status))
            if status not in ASK_AGAIN or time.monotonic() > deadline:
                raise AssertionError(f"{path}: {status} {write.answer}")
            self._over.wait(PAUSE_SECONDS)

    def tell(self, *messages: tuple[str, bytes]) -> None:
        """Say it as the sales system until the broker confirms it."""
        self.told |= {json.loads(body)["id"] for _key, body in messages}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._stack.publish_as_sales(*messages)
            except (AMQPError, OSError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_SECONDS)
            else:
                return
