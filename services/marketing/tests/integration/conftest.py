"""People of two departments, and an opportunity of one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete

from kehu_chassis.messaging.outbox import OutboxRow
from kehu_chassis.testing import Harness, User

FORM = {
    "customer_name": "北京长城贸易有限公司",
    "success_rate": 40,
    "summary": "Office paper",
    "description": "Wants a yearly contract.",
    "expected_amount": "120000.00",
}


MakeOpportunity = Callable[..., dict[str, Any]]


@dataclass
class People:
    director: User
    manager: User
    colleague: User
    outsider: User
    other_director: User
    executive: User


@pytest.fixture
def harness(harness: Harness) -> Harness:
    """The service, its first events (the states of the stages) deleted from the outbox."""
    with harness.session() as session:
        session.execute(delete(OutboxRow))
    return harness


@pytest.fixture
def people(harness: Harness) -> People:
    east, west = harness.department("East"), harness.department("West")
    return People(
        director=harness.user("sales_director", department=east, name="director"),
        manager=harness.user("account_manager", department=east, name="manager"),
        colleague=harness.user("account_manager", department=east, name="colleague"),
        outsider=harness.user("account_manager", department=west, name="outsider"),
        other_director=harness.user("sales_director", department=west, name="other"),
        executive=harness.user("executive", name="executive"),
    )


@pytest.fixture
def made(harness: Harness, people: People) -> dict[str, Any]:
    """An unassigned opportunity of the manager."""
    created: dict[str, Any] = harness.as_(people.manager).post("/opportunities", FORM, 201)
    return created


@pytest.fixture
def developing(harness: Harness, people: People, made: dict[str, Any]) -> dict[str, Any]:
    """The same, assigned to the manager, who sees it so."""
    path, body = f"/opportunities/{made['id']}", {"assignee_id": str(people.manager.id)}
    harness.as_(people.director).post(f"{path}/assign", body)
    assigned: dict[str, Any] = harness.as_(people.manager).get(path)
    return assigned


@pytest.fixture
def make(harness: Harness, people: People) -> MakeOpportunity:
    """Makes an opportunity in a status: ``make("won", creator=…, assignee=…, region="north")``.
    Returns what its creator sees."""

    def make_one(
        status: str = "unassigned", *, creator: User | None = None, assignee: User | None = None,
        **form: Any,
    ) -> dict[str, Any]:  # fmt: skip
        maker = harness.as_(creator or people.manager)
        made = maker.post("/opportunities", FORM | form, 201)
        path, director = f"/opportunities/{made['id']}", harness.as_(people.director)
        if status == "voided":
            director.post(f"{path}/void", {"reason": "Twice"})
        elif status != "unassigned":
            body = {"assignee_id": str((assignee or people.manager).id)}
            director.post(f"{path}/assign", body)
        if status == "won":
            director.post(f"{path}/win", {})
        if status == "lost":
            director.post(f"{path}/lose", {"reason_code": "price", "reason": "Too dear"})
        made = maker.get(path)
        assert made["status"] == status
        return made

    return make_one
