"""People of two departments, and helpers that make customers, orders and warnings."""

from __future__ import annotations

import itertools
import threading
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from kehu_chassis import clock
from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness, User

FORM = {
    "name": "北京长城贸易有限公司",
    "region": "north",
    "level": "key_account",
    "address": "北京市朝阳区建国路 1 号",
    "phone": "010-65880000",
}


class World:
    """The customer service with a few people in it."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        east, west = harness.department("East"), harness.department("West")
        self.manager = harness.user("account_manager", department=east, name="manager")
        self.colleague = harness.user("account_manager", department=east, name="colleague")
        self.director = harness.user("sales_director", department=east, name="director")
        self.outsider = harness.user("account_manager", department=west, name="outsider")
        self.other_director = harness.user("sales_director", department=west, name="other")
        self.executive = harness.user("executive", name="executive")
        self.agent = harness.user("service_agent", department=east, name="agent")
        self.admin = harness.user("admin", name="admin")
        self._numbers = itertools.count(1)

    def as_(self, user: User) -> Any:
        """HTTP as one of them."""
        return self.harness.as_(user)

    def customer(self, user: User | None = None, **fields: Any) -> dict[str, Any]:
        """Create a customer, under a unique name unless given; one with codes of the sales system
        is created by the director for its manager."""
        name = fields.pop("name", None) or f"Company {next(self._numbers)}"
        form = FORM | {"name": name} | fields
        if fields.get("sales_codes"):
            self.mention(*fields["sales_codes"])
            form = {"manager_id": str((user or self.manager).id)} | form
            user = self.director
        made: dict[str, Any] = self.as_(user or self.manager).post("/customers", form, 201)
        return made

    def mention(self, *codes: str) -> None:
        """Make codes known to the sales system, by a report of a recent order."""
        for code in codes:
            data = {"customer_code": code, "last_order_at": clock.now().isoformat()}
            self.harness.deliver("sales.order-stale.v1", data)

    def get(self, customer: dict[str, Any], user: User | None = None) -> dict[str, Any]:
        """The customer as it is now."""
        found: dict[str, Any] = self.as_(user or self.executive).get(f"/customers/{customer['id']}")
        return found

    def won(self, name: str, **fields: Any) -> dict[str, Any]:
        """The data of a won opportunity."""
        data: dict[str, Any] = self.harness.example("marketing.opportunity-won.v1")
        return data | {
            "id": str(new_id()),
            "customer_name": name,
            "customer_id": None,
            "registration_no": None,
            "assignee_id": str(self.manager.id),
            **fields,
        }

    def win(self, name: str, **fields: Any) -> None:
        """Deliver a won opportunity."""
        self.harness.deliver("marketing.opportunity-won.v1", self.won(name, **fields))

    def order(
        self,
        code: str | None,
        day: date | str,
        *,
        number: str | None = None,
        version: int = 1,
        kind: str = "paid",
        **fields: Any,
    ) -> str:
        """Deliver an order of the sales system; returns its number."""
        data = order_data(code, day, number=number or f"O-{next(self._numbers)}", **fields)
        self.harness.deliver(f"sales.order-{kind}.v1", data, version=version)
        return str(data["order_no"])

    def announce(self, code: str, name: str, *, version: int = 1, **fields: Any) -> None:
        """Deliver an announcement of a customer of the sales system."""
        self.harness.deliver(
            "sales.customer-changed.v1", {"code": code, "name": name, **fields}, version=version
        )

    def scan(self, as_of: date | str) -> dict[str, Any]:
        """Request a scan and run it."""
        client = self.as_(self.admin)
        requested = client.request("POST", "/churn-scans", {"as_of": str(as_of)})
        assert requested.status_code == 202, requested.text
        self.harness.run_job("churn-scan-requests")
        done: dict[str, Any] = client.get(requested.headers["Location"])
        assert done["state"] == "done"
        return done

    def scan_later(self, days: int = 220) -> dict[str, Any]:
        """Run a scan so many days from now; customers without order until then get a warning."""
        with time_machine.travel(clock.now() + timedelta(days=days), tick=False):
            return self.scan(clock.today())

    def warnings(self, user: User | None = None, query: str = "") -> list[dict[str, Any]]:
        """The warnings that somebody sees."""
        page = self.as_(user or self.executive).get(f"/churn-warnings{query}")
        items: list[dict[str, Any]] = page["items"]
        return items

    def warned(self, customer: dict[str, Any]) -> dict[str, Any]:
        """The only warning of a customer."""
        [warning] = self.warnings(query=f"?customer_id={customer['id']}")
        return warning

    def customers(self) -> list[dict[str, Any]]:
        """All customers, in the order they were made."""
        page = self.as_(self.executive).get("/customers?sort=created_at")
        items: list[dict[str, Any]] = page["items"]
        return items

    def orders(self, customer: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
        """The orders of a customer."""
        page = self.as_(self.executive).get(f"/customers/{customer['id']}/orders{query}")
        items: list[dict[str, Any]] = page["items"]
        return items

    def handle_at_once(self, bodies: list[bytes]) -> None:
        """Handle each event in a thread of its own, as several consumers would."""
        start = threading.Barrier(len(bodies))

        def handle(body: bytes) -> None:
            start.wait()
            self.harness.inbox.handle([body])

        threads = [threading.Thread(target=handle, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

    def events(self, name: str) -> list[dict[str, Any]]:
        """The data of the published events of a name."""
        return [event["data"] for event in self.harness.published(f"customer.{name}.v1")]


def order_data(code: str | None, day: date | str, **fields: Any) -> dict[str, Any]:
    """The data of an order of one line."""
    amount = fields.pop("amount", "29.33")
    number = fields.pop("number", "O-1")
    data = {
        "order_no": number,
        "customer_code": code,
        "ordered_at": day if "T" in str(day) else f"{day}T00:00:00+08:00",
        "status": 6,
        "currency": "USD",
        "lines": [{"product_code": "CD", "quantity": 2, "amount": amount}],
        "total": amount,
        **fields,
    }
    return {key: value for key, value in data.items() if value is not None}


@pytest.fixture
def world(harness: Harness) -> World:
    """The service with people in it."""
    return World(harness)


@pytest.fixture
def form() -> dict[str, Any]:
    """A complete form of a customer."""
    return dict(FORM)


@pytest.fixture
def customer(world: Any) -> dict[str, Any]:
    """A customer with a warning: last order on 1997-06-01, cut-off 1997-12-30."""
    made: dict[str, Any] = world.customer(sales_codes=["E"])
    world.order("E", "1997-06-01")
    world.scan("1998-06-30")
    return made


@pytest.fixture
def path(world: Any, customer: dict[str, Any]) -> str:
    """Its warning."""
    return f"/churn-warnings/{world.warned(customer)['id']}"
