"""Deleting a customer for whom work is open, and restoring one that has a duplicate by now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from kehu_chassis import clock
from kehu_chassis.actor import SYSTEM
from kehu_chassis.data.database import new_id
from kehu_customer.features.customer_management import service as management

from .test_concurrency import meanwhile


def _request(world: Any, customer: dict[str, Any], status: str, **more: Any) -> str:
    data = world.harness.example("service-desk.request-changed.v1")
    data |= {"id": str(new_id()), "customer_id": customer["id"], "status": status}
    _deliver(world, "service-desk.request-changed.v1", data, **more)
    return str(data["id"])


def _opportunity(world: Any, customer: dict[str, Any], status: str, **more: Any) -> str:
    data = world.harness.example("marketing.opportunity-changed.v1")
    data |= {"id": str(new_id()), "customer_id": customer["id"], "status": status}
    _deliver(world, "marketing.opportunity-changed.v1", data, **more)
    return str(data["id"])


def _deliver(world: Any, event_type: str, data: dict[str, Any], version: int = 1) -> None:
    world.harness.deliver(event_type, data, subject=data["id"], version=version)


def _delete(world: Any, customer: dict[str, Any], status: int, query: str = "") -> Any:
    path = f"/customers/{customer['id']}{query}"
    return world.as_(world.director).expect(status, "DELETE", path, if_match=1)


def test_open_requests_and_opportunities_are_counted_before_a_deletion(world: Any) -> None:
    customer, other = world.customer(), world.customer()
    for status in ("created", "assigned", "handled", "archived", "cancelled"):
        _request(world, customer, status)
    for status in ("unassigned", "developing", "won", "lost", "voided"):
        _opportunity(world, customer, status)
    problem = _delete(world, customer, 409)
    assert problem["code"] == "customer-has-open-work"
    assert problem["params"] == {"requests": 3, "opportunities": 2}
    assert "3" in problem["detail"] and "allow_open_work" in problem["detail"]
    _delete(world, customer, 409, "?allow_open_work=false")
    _delete(world, customer, 422, "?allow_open_work=x")
    _delete(world, customer, 204, "?allow_open_work=true")
    _delete(world, other, 204)


def test_what_has_ended_does_not_hinder_a_deletion(world: Any) -> None:
    customer = world.customer()
    request = _request(world, customer, "archived", version=2)
    data = world.harness.example("service-desk.request-changed.v1")
    late = data | {"id": request, "customer_id": customer["id"], "status": "created"}
    _deliver(world, "service-desk.request-changed.v1", late)
    opportunity = _opportunity(world, customer, "unassigned")
    _delete(world, customer, 409)
    gone = {"id": opportunity}
    _deliver(world, "marketing.opportunity-deleted.v1", gone, version=2)
    _delete(world, customer, 204)


def test_a_deletion_carries_the_state_and_a_purge_only_the_id(world: Any) -> None:
    customer = world.customer()
    _delete(world, customer, 204)
    [deleted] = world.events("customer-deleted")
    assert (deleted["id"], deleted["name"]) == (customer["id"], customer["name"])
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        world.harness.run_job("customer-purge")
    [purged] = world.harness.published("customer.customer-purged.v1")
    assert (purged["data"], purged["subject"]) == ({"id": customer["id"]}, customer["id"])
    assert purged["aggregateversion"] == 3


@pytest.mark.parametrize(
    ("gone", "came"),
    [
        ({"name": "Acme"}, {"name": "ＡＣＭＥ "}),
        ({"name": "Acme", "registration_no": "R-1"}, {"name": "Other", "registration_no": "r 1"}),
    ],
)
def test_restoring_looks_for_duplicates_as_creating_does(
    world: Any, gone: dict[str, Any], came: dict[str, Any]
) -> None:
    deleted = world.customer(**gone)
    _delete(world, deleted, 204)
    duplicate = world.customer(**came)
    director, path = world.as_(world.director), f"/customers/{deleted['id']}/restore"
    problem = director.post(path, None, 409)
    assert problem["code"] == "duplicate-customer"
    assert [known["id"] for known in problem["params"]["customers"]] == [duplicate["id"]]
    director.get(f"/customers/{deleted['id']}", 404)
    assert director.get("/customers?deleted=true")["total"] == 1
    director.post(path, {"allow_duplicate": "yes"}, 422)
    restored = director.post(path, {"allow_duplicate": True})
    assert restored["deleted_at"] is None


def test_a_customer_made_by_an_event_meanwhile_is_a_duplicate_too(world: Any) -> None:
    deleted = world.customer(name="Acme")
    _delete(world, deleted, 204)
    world.win("Acme")
    path = f"/customers/{deleted['id']}/restore"
    world.as_(world.director).post(path, {}, 409)
    [item] = world.customers()
    _delete(world, item, 204)
    world.as_(world.director).post(path, {})


def test_a_restore_and_a_win_at_once_make_one_customer(world: Any) -> None:
    deleted = world.customer(name="Acme")
    _delete(world, deleted, 204)
    with meanwhile(world, lambda: world.win("ACME")) as session:
        management.restore(session, SYSTEM, UUID(deleted["id"]))
    [item] = world.customers()
    assert item["id"] == deleted["id"]


def test_a_restore_brings_no_code_back_that_a_person_linked_elsewhere(world: Any) -> None:
    deleted, other = world.customer(sales_codes=["C-1", "C-2"]), world.customer()
    _delete(world, deleted, 204)
    world.order("C-1", "2026-01-01")
    world.order("C-2", "2026-01-01")
    director = world.as_(world.director)
    for verb, codes in (("link", ["C-1", "C-2"]), ("unlink", ["C-2"])):
        for code in codes:
            director.post(f"/customers/{other['id']}/{verb}-sales-code", {"code": code})
    assert director.post(f"/customers/{deleted['id']}/restore")["sales_codes"] == []
