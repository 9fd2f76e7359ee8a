"""People of two departments, and an opportunity of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from kehu_chassis.testing import Harness, User

FORM = {
    "customer_name": "北京长城贸易有限公司",
    "success_rate": 40,
    "summary": "Office paper",
    "description": "Wants a yearly contract.",
    "expected_amount": "120000.00",
}


@dataclass
class People:
    director: User
    manager: User
    colleague: User
    outsider: User
    other_director: User
    executive: User


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
    """The same, assigned to the manager."""
    body = {"assignee_id": str(people.manager.id)}
    assigned: dict[str, Any] = harness.as_(people.director).post(
        f"/opportunities/{made['id']}/assign", body
    )
    return assigned
