"""How an opportunity ends: won, lost or voided, and the customer it becomes."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

from .conftest import FORM, People


def test_winning_is_final_and_published(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager = harness.as_(people.manager)
    path = f"/opportunities/{developing['id']}"
    harness.as_(people.colleague).post(f"{path}/win", {}, 404)
    harness.as_(people.manager).post(f"{path}/win", {}, 412, if_match=1)
    won = manager.post(f"{path}/win", {})
    assert (won["status"], won["stage"], won["success_rate"]) == ("won", "won", 100)
    assert won["amount"] == "120000.00"
    (event,) = harness.published("marketing.opportunity-won.v1")
    assert event["data"]["assignee_id"] == str(people.manager.id)
    for action, body in (
        ("win", {}), ("lose", {"reason_code": "price", "reason": "x"}),
        ("stage", {"stage": "proposal"}), ("assign", {"assignee_id": str(people.manager.id)}),
    ):  # fmt: skip
        client = harness.as_(people.director)
        assert client.post(f"{path}/{action}", body, 409)["params"]["state"] == "won"
    copy = manager.post(f"{path}/copy", {}, 201)
    assert (copy["previous_id"], copy["status"]) == (won["id"], "unassigned")


def test_a_copy_starts_with_what_was_expected_before_the_end(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager = harness.as_(people.manager)
    path = f"/opportunities/{developing['id']}"
    body = {"success_rate": 70, "expected_close_date": "2026-12-01"}
    manager.expect(200, "PATCH", f"{path}/progress", body, if_match="*")
    manager.post(f"{path}/lose", {"reason_code": "price", "reason": "Too dear"})
    copy = manager.post(f"{path}/copy", {}, 201)
    assert (copy["success_rate"], copy["expected_close_date"]) == (70, None)
    kept = manager.get(f"{path}/history")["progress_changes"]
    rates = [(c["old"], c["new"]) for c in kept if c["field"] == "success_rate"]
    assert rates == [(40, 70), (70, 0)]


def test_a_copy_of_an_initially_certain_one_gets_the_first_stages_rate(
    harness: Harness, people: People
) -> None:
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    made = manager.post("/opportunities", FORM | {"success_rate": 100}, 201)
    path = f"/opportunities/{made['id']}"
    director.post(f"{path}/assign", {"assignee_id": str(people.manager.id)})
    manager.post(f"{path}/win", {})
    first = manager.get("/stages")["items"][0]
    assert manager.post(f"{path}/copy", {}, 201)["success_rate"] == first["probability"]


def test_a_copy_of_a_voided_one_keeps_its_rate(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    director = harness.as_(people.director)
    path = f"/opportunities/{made['id']}"
    director.post(f"{path}/void", {"reason": "Twice"})
    assert director.post(f"{path}/copy", {}, 201)["success_rate"] == 40


def test_losing_needs_a_reason_and_records_the_competitor(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager = harness.as_(people.manager)
    path = f"/opportunities/{developing['id']}/lose"
    manager.post(path, {"reason_code": "price"}, 422)
    manager.post(path, {"reason_code": "price\n", "reason": "Too dear"}, 422)
    lost = manager.post(path, {"reason_code": "price", "reason": "Too dear", "competitor": "Rival"})
    assert (lost["status"], lost["stage"], lost["success_rate"]) == (
        "lost", "lost_to_competitor", 0,
    )  # fmt: skip
    assert harness.published("marketing.opportunity-won.v1") == []


def test_winning_without_any_amount_is_refused(harness: Harness, people: People) -> None:
    manager = harness.as_(people.manager)
    form = {k: v for k, v in FORM.items() if k != "expected_amount"}
    made = manager.post("/opportunities", form, 201)
    path = f"/opportunities/{made['id']}"
    harness.as_(people.director).post(f"{path}/assign", {"assignee_id": str(people.manager.id)})
    assert manager.post(f"{path}/win", {}, 422)["errors"][0]["code"] == "amount-missing"
    assert manager.post(f"{path}/win", {"amount": "0.00"})["amount"] == "0.00"


def test_only_directors_of_the_team_void(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    path = f"/opportunities/{made['id']}/void"
    harness.as_(people.manager).post(path, {"reason": "x"}, 403)
    harness.as_(people.other_director).post(path, {"reason": "x"}, 404)
    director = harness.as_(people.director)
    director.post(path, {}, 422)
    assert director.post(path, {"reason": "Twice"})["status"] == "voided"
    director.post(path, {"reason": "Twice"}, 409)


def test_wins_are_serialised(harness: Harness, people: People, developing: dict[str, Any]) -> None:
    path = f"/opportunities/{developing['id']}/win"

    def win(_: int) -> int:
        return harness.as_(people.manager).request("POST", path, {}).status_code

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(win, range(4)))
    assert statuses == [200, 409, 409, 409]
    assert len(harness.published("marketing.opportunity-won.v1")) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(["created", "linked", "changed"])))
def test_the_customer_is_recorded_in_any_order_of_events(
    harness: Harness, people: People, order: tuple[str, ...]
) -> None:
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    won = []
    for _ in range(2):
        made = manager.post("/opportunities", FORM, 201)
        won.append(f"/opportunities/{made['id']}")
        director.post(f"{won[-1]}/assign", {"assignee_id": str(people.manager.id)})
        manager.post(f"{won[-1]}/win", {})
    customer = str(new_id())
    events = {
        "created": (1, {"name": "Old name", "opportunity_id": won[0].rpartition("/")[2]}),
        "linked": (1, {"name": "Old name", "opportunity_id": won[1].rpartition("/")[2]}),
        "changed": (2, {"name": "New name"}),
    }
    for name in order * 2:
        version, more = events[name]
        data = harness.example(f"customer.customer-{name}.v1") | {"id": customer, **more}
        harness.deliver(f"customer.customer-{name}.v1", data, subject=customer, version=version)
    assert [manager.get(path)["customer_id"] for path in won] == [customer, customer]
    assert len(harness.published("marketing.opportunity-changed.v1")) == 2 * 4
    body = {k: v for k, v in FORM.items() if k != "customer_name"} | {"customer_id": customer}
    assert manager.post("/opportunities", body, 201)["customer_name"] == "New name"


@pytest.mark.parametrize("reason_code", ["prize", "PRICE", "price\n", "", None, 1])
def test_a_loss_has_one_of_the_listed_reasons(
    harness: Harness, people: People, developing: dict[str, Any], reason_code: Any
) -> None:
    body = {"reason_code": reason_code, "reason": "x"}
    path = f"/opportunities/{developing['id']}/lose"
    [error] = harness.as_(people.manager).post(path, body, 422)["errors"]
    assert error["pointer"] == "/reason_code"
