"""The work of people and of the sales system during a fault.

Each retries with the same Idempotency-Key or event id until the result is known, as a good client
does.  The ledger compares the system with the responses.
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
TIMEOUT_SECONDS = 180
# Statuses to retry on; 409 means that the first attempt is still running.
# No fault may cause a 500: it ends the experiment.
NO_RESPONSE = 0
RETRY_STATUSES = (NO_RESPONSE, 409, 429, 502, 503, 504)


@dataclass
class Write:
    """One write request, and its final response."""

    who: Session
    path: str
    body: Any
    key: str = field(default_factory=lambda: str(uuid4()))
    response: Any = None

    def send(self) -> tuple[int, Any]:
        """Send the request; returns ``(status, JSON)``, with status 0 for no response."""
        try:
            sent = self.who.request("POST", self.path, self.body, Idempotency_Key=self.key)
        except (urllib3.exceptions.HTTPError, OSError):
            return NO_RESPONSE, None
        if sent.status == 503:
            assert int(sent.headers["Retry-After"]) > 0
        return sent.status, json.loads(sent.data) if sent.data else None


class Traffic:
    """A team of two at work in every service, and an intruder who tries forbidden requests."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self.tag = f"W{uuid4().hex[:8]}"
        department = stack.department("Team")
        self.director = stack.person("sales_director", department_id=department)
        self.manager = stack.person("account_manager", department_id=department)
        self.customer = a_customer(self.manager, f"Old {self.tag}")
        # When this has worked, every service has these users and records.
        customer = f"{CUSTOMERS}/{self.customer}"
        order = an_order(stack, self.manager, customer)
        self.number = self.manager.get(customer)["number"]
        eventually(lambda: self.manager.get(f"{REQUESTS}?customer_id={self.customer}"))
        # A manager of another team, who may read such records, but none of these.
        self.stranger = stack.person("account_manager", department_id=stack.department("Other"))
        self.private = [
            f"{CUSTOMERS}/{self.customer}",
            f"{CUSTOMERS}/{self.customer}/orders/{order}",
        ]
        self.writes: list[Write] = []
        self.orders: set[str] = set()
        self.published: set[str] = set()  # ids of the sales system's events
        self.failed_attempts: list[tuple[float, str, int]] = []
        self.wrongly_permitted: list[str] = []
        self.failures: list[BaseException] = []
        self._rounds: dict[str, int] = {}
        self._over = threading.Event()
        self.private += [self.win(0), *self.serve(0)]

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Run the work during the block; at the end each worker must finish two more rounds."""
        workers = [
            threading.Thread(target=self._repeat, args=(work,), daemon=True)
            for work in (self.win, self.serve, self.sell, self.try_forbidden)
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
                worker.join(TIMEOUT_SECONDS)

    def _finish_rounds(self, more: int) -> None:
        before = dict(self._rounds)
        eventually(
            lambda: self.failures or all(self._rounds[w] >= n + more for w, n in before.items()),
            within=TIMEOUT_SECONDS,
            what="work continues by itself",
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
        """Create, assign and win an opportunity, which becomes a customer; returns its path."""
        path = self.create(number)
        self.assign(path)
        self.write(self.manager, f"{path}/win", {"amount": "1000.00"})
        return path

    def create(self, number: object) -> str:
        """Create an opportunity; returns its path."""
        name = f"{self.tag} {number}"
        form = {"customer_name": name, "success_rate": 40, "summary": name, "description": name}
        return f"{OPPORTUNITIES}/{self.write(self.manager, OPPORTUNITIES, form)['id']}"

    def assign(self, path: str) -> None:
        """Assign the opportunity to the manager, as the director."""
        self.write(self.director, f"{path}/assign", {"assignee_id": self.manager.user["id"]})

    def serve(self, number: object) -> tuple[str, str]:
        """Create a service request and a contact of the customer; returns their paths."""
        name = f"{self.tag} {number}"
        form = {
            "type": "complaint", "summary": name, "description": name, "customer_id": self.customer,
        }  # fmt: skip
        contacts = f"{CUSTOMERS}/{self.customer}/contacts"
        request = self.write(self.manager, REQUESTS, form)["id"]
        contact = self.write(self.manager, contacts, CONTACT | {"name": name})["id"]
        return f"{REQUESTS}/{request}", f"{contacts}/{contact}"

    def sell(self, number: object) -> None:
        """Publish a paid order of the customer."""
        self.publish(self.order(number))

    def order(self, number: object, **changes: Any) -> tuple[str, bytes]:
        """Routing key and event of a paid order of the customer, not yet published."""
        order = f"{self.tag}-{number}"
        self.orders.add(order)
        known = {"customer_code": f"C-{self.tag}", "customer_number": self.number}
        return paid_order(order, **(known | changes))

    def try_forbidden(self, _number: object) -> None:
        """Try requests without a token, beyond the role, and for another team's records: by id and
        in a report."""
        manager, stranger = self.manager, self.stranger
        forbidden = [
            (self._stack.nobody, "GET", OPPORTUNITIES),
            (manager, "GET", "/api/v1/auth/users"),
            (manager, "GET", f"/api/v1/auth/users/{stranger.user['id']}"),
            (manager, "GET", "/api/v1/customer/dead-letters"),
            *((stranger, "GET", path) for path in self.private),
            (stranger, "POST", f"{self.private[0]}/contacts"),
        ]
        for who, method, path in forbidden:
            status, _body = self._try(who, method, path)
            if 0 < status < 400:
                self.wrongly_permitted.append(f"{method} {path}")
        status, report = self._try(stranger, "GET", FUNNEL)
        if status == 200 and report["opportunities"]:
            self.wrongly_permitted.append(f"{FUNNEL}: {report}")

    def _try(self, who: Session, method: str, path: str) -> tuple[int, Any]:
        body = CONTACT if method == "POST" else None
        try:
            response = who.request(method, path, body)
        except (urllib3.exceptions.HTTPError, OSError):
            return NO_RESPONSE, None
        return response.status, json.loads(response.data) if response.data else None

    def write(self, who: Session, path: str, body: Any) -> Any:
        """POST until there is a response; any final status but a success fails the experiment."""
        write = Write(who, path, body)
        self.writes.append(write)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            status, write.response = write.send()
            if 200 <= status < 300:
                return write.response
            self.failed_attempts.append((time.time(), path, status))
            if status not in RETRY_STATUSES or time.monotonic() > deadline:
                raise AssertionError(f"{path}: {status} {write.response}")
            self._over.wait(PAUSE_SECONDS)

    def publish(self, *messages: tuple[str, bytes]) -> None:
        """Publish as the sales system, until the broker confirms."""
        self.published |= {json.loads(body)["id"] for _key, body in messages}
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            try:
                self._stack.publish_as_sales(*messages)
            except (AMQPError, OSError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_SECONDS)
            else:
                return
