"""Measures, loss, recovery and reactivation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kehu_chassis import clock
from kehu_chassis.jsontext import plain
from kehu_chassis.testing.plans import unserved_sorts
from kehu_customer.features.churn.models import ChurnWarning
from kehu_customer.features.churn.service import WARNINGS

from .conftest import order_data

CONFIRM = {"reason_code": "competitor", "reason": "Went elsewhere"}


def test_reprieves_are_kept_with_time_and_person(world: Any, path: str) -> None:
    client = world.as_(world.manager)
    first = client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    assert first["state"] == "reprieved"
    assert first["next_review_on"] == (clock.today() + timedelta(days=30)).isoformat()
    day = (clock.today() + timedelta(days=3)).isoformat()
    body = {"measure": "Visited", "next_review_on": day}
    second = world.as_(world.director).post(f"{path}/reprieves", body, 201)
    assert [(r["measure"], r["created_by"]) for r in second["reprieves"]] == [
        ("Called", str(world.manager.id)),
        ("Visited", str(world.director.id)),
    ]
    assert (second["next_review_on"], second["version"]) == (day, 3)
    states = [event["state"] for event in world.events("churn-warning-changed")]
    assert states == ["open", "reprieved", "reprieved"]
    past = (clock.today() - timedelta(days=1)).isoformat()
    client.post(f"{path}/reprieves", {"measure": "x", "next_review_on": past}, 422)
    client.post(f"{path}/reprieves", {"measure": "  "}, 422)
    client.post(f"{path}/reprieves", {}, 422)
    client.post(f"{path}/reprieves", {"measure": "x"}, 412, if_match=1)


def test_a_further_reprieve_with_the_same_review_day_is_a_change_and_audited(
    world: Any, path: str
) -> None:
    client = world.as_(world.manager)
    first = client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    second = client.post(f"{path}/reprieves", {"measure": "Visited"}, 201)
    assert second["next_review_on"] == first["next_review_on"]
    assert second["version"] == first["version"] + 1
    assert second["updated_at"] > first["updated_at"]
    tag = client.request("GET", path).headers["ETag"]
    assert tag.startswith(f'"{second["version"]}-')
    measures = [
        change["new"]
        for entry in world.events("audit-recorded")
        for change in entry["changes"]
        if change["field"] == "measure"
    ]
    assert measures == ["Called", "Visited"]


def test_loss_is_confirmed_only_after_a_reprieve_and_once(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    client = world.as_(world.manager)
    assert client.post(f"{path}/confirm", CONFIRM, 409)["code"] == "not-reprieved"
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    for wrong in (
        {"reason": "x"},
        {"reason_code": "price"},
        CONFIRM | {"reason_code": "A b"},
        CONFIRM | {"reason_code": "price\n"},
        CONFIRM | {"reason_code": "unlisted"},
    ):
        client.post(f"{path}/confirm", wrong, 422)
    done = client.post(f"{path}/confirm", CONFIRM)
    assert (done["state"], done["reason_code"]) == ("confirmed", "competitor")
    assert done["closed_at"] and done["confirmed_by"] == str(world.manager.id)
    lost = world.get(customer)
    assert lost["status"] == "lost" and lost["lost_at"]
    [fact] = world.events("customer-lost")
    assert (fact["reason_code"], fact["manager_at_loss_id"], fact["warning_id"]) == (
        "competitor",
        str(world.manager.id),
        done["id"],
    )
    state = world.events("customer-changed")[-1]
    assert (state["status"], state["lost_at"]) == ("lost", fact["lost_at"])
    client.post(f"{path}/confirm", CONFIRM, 409)
    client.post(f"{path}/reprieves", {"measure": "x"}, 409)


def test_a_lost_customers_fields_are_read_only_contacts_are_not(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    client = world.as_(world.manager)
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    client.post(f"{path}/confirm", CONFIRM)
    one = f"/customers/{customer['id']}"
    version = world.get(customer)["version"]
    refused = client.expect(409, "PATCH", one, {"region": "x"}, if_match=version)
    assert refused["params"]["state"] == "lost"
    contact = {"name": "Li", "gender": "female", "title": "Buyer", "office_phone": "1"}
    client.post(f"{one}/contacts", contact, 201)
    body = {"manager_id": str(world.colleague.id)}
    world.as_(world.director).post(f"{one}/reassign", body, 409)
    refused = world.as_(world.director).post(f"{one}/restore", None, 409)
    assert refused["params"]["state"] == "lost"


def test_a_director_reactivates_a_lost_customer(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    client, one = world.as_(world.manager), f"/customers/{customer['id']}"
    director = world.as_(world.director)
    director.post(f"{one}/reactivate", {"reason": "x"}, 409)
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    client.post(f"{path}/confirm", CONFIRM)
    client.post(f"{one}/reactivate", {"reason": "x"}, 403)
    director.post(f"{one}/reactivate", {}, 422)
    back = director.post(f"{one}/reactivate", {"reason": "New contract"})
    assert (back["status"], back["lost_at"]) == ("normal", None)
    [fact] = world.events("customer-reactivated")
    assert (fact["cause"], fact["reason"]) == ("manual", "New contract")
    [loss] = client.get(f"{one}/losses")["items"]
    assert loss["reason"] == "Went elsewhere"
    assert loss["reactivated_by"] == str(world.director.id)
    with world.harness.session() as session:
        again = {
            event.type: plain(event.data) for event in world.harness.service.snapshots(session)
        }
    assert again["customer.customer-lost.v1"]["lost_at"] == loss["lost_at"].replace("+00:00", "Z")
    assert again["customer.customer-reactivated.v1"] == fact
    assert world.scan("1998-06-30")["warnings_opened"] == 1


def test_an_order_after_the_loss_reactivates_the_customer(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    client = world.as_(world.manager)
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    client.post(f"{path}/confirm", CONFIRM)
    world.order("E", "1997-12-29")
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    world.order("E", soon, status=4, kind="cancelled")
    assert world.get(customer)["status"] == "lost"
    world.order("E", soon, status=1, kind="placed")
    assert world.get(customer)["status"] == "normal"
    [fact] = world.events("customer-reactivated")
    assert fact["cause"] == "order"
    world.order("E", soon)
    assert len(world.events("customer-reactivated")) == 1


def test_an_order_from_the_cut_off_on_recovers(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    world.order("E", "1997-12-29T23:00:00+08:00")
    warning = world.warned(customer)
    assert (warning["state"], warning["last_order_on"]) == ("open", "1997-12-29")
    world.order("E", "1998-02-01", status=4, kind="cancelled")
    assert world.warned(customer)["version"] == warning["version"]
    world.order("E", "1997-12-30")
    recovered = world.warned(customer)
    assert recovered["state"] == "recovered" and recovered["closed_at"]
    assert [event["state"] for event in world.events("churn-warning-changed")] == [
        "open",
        "open",
        "recovered",
    ]
    client = world.as_(world.manager)
    client.post(f"{path}/reprieves", {"measure": "x"}, 409)
    client.post(f"{path}/confirm", CONFIRM, 409)


def test_a_reprieved_warning_recovers_too(world: Any, customer: dict[str, Any], path: str) -> None:
    world.as_(world.manager).post(f"{path}/reprieves", {"measure": "Called"}, 201)
    world.order("E", "1998-01-01")
    assert world.warned(customer)["state"] == "recovered"
    assert world.scan("1998-06-30")["warnings_opened"] == 0


def test_a_cancelled_order_no_longer_counts(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.order("E", "1997-01-01")
    world.order("E", "1997-06-01", number="N")
    world.scan("1998-06-30")
    world.order("E", "1997-06-01", number="N", version=2, status=4, kind="cancelled")
    assert world.warned(customer)["last_order_on"] == "1997-01-01"


@pytest.mark.parametrize("arrival", [["paid", "cancelled"], ["cancelled", "paid"], "one batch"])
@pytest.mark.parametrize("state", ["open", "reprieved"])
def test_a_cancelled_order_recovers_nothing_in_any_order_of_arrival(
    world: Any, customer: dict[str, Any], path: str, arrival: Any, state: str
) -> None:
    if state == "reprieved":
        world.as_(world.manager).post(f"{path}/reprieves", {"measure": "Called"}, 201)
    before = world.warned(customer)
    versions = {"paid": (1, 6), "cancelled": (2, 4)}
    bodies = {
        kind: world.harness.envelope(
            f"sales.order-{kind}.v1",
            order_data("E", "1998-02-01", number="N", status=status),
            version=version,
        )
        for kind, (version, status) in versions.items()
    }
    batches = [list(bodies)] if arrival == "one batch" else [[kind] for kind in arrival]
    for batch in batches:
        world.harness.inbox.handle([bodies[kind] for kind in batch])
    changing = {"version": 0, "updated_at": "", "updated_by": "", "updated_by_name": ""}
    assert world.warned(customer) | changing == before | changing
    assert world.scan("1998-06-30")["warnings_opened"] == 0


def test_a_recovered_warning_stays_so_while_another_order_counts(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    world.order("E", "1998-02-01", number="N")
    world.order("E", "1998-03-01")
    world.order("E", "1998-02-01", number="N", version=2, status=4, kind="cancelled")
    assert world.warned(customer)["state"] == "recovered"


def test_an_order_that_moves_away_recovers_nothing(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    world.order("E", "1998-02-01", number="N")
    assert world.warned(customer)["state"] == "recovered"
    world.order("nobody", "1998-02-01", number="N", version=2)
    assert world.warned(customer)["state"] == "open"


def test_a_cancelled_order_does_not_make_a_customer_lost_again(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    client = world.as_(world.manager)
    client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
    client.post(f"{path}/confirm", CONFIRM)
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    world.order("E", soon, number="N")
    world.order("E", soon, number="N", version=2, status=4, kind="cancelled")
    assert world.get(customer)["status"] == "normal"
    assert world.warned(customer)["state"] == "confirmed"
    assert world.scan("1998-06-30")["warnings_opened"] == 1


def test_an_old_order_turns_never_ordered_into_inactive(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.scan_later()
    assert world.warned(customer)["kind"] == "never_ordered"
    world.order("E", "1997-06-01", number="N")
    warning = world.warned(customer)
    assert (warning["kind"], warning["last_order_on"]) == ("inactive", "1997-06-01")
    world.order("E", "1997-06-01", number="N", version=2, status=4, kind="cancelled")
    warning = world.warned(customer)
    assert (warning["kind"], warning["last_order_on"]) == ("never_ordered", None)


def test_an_order_that_moves_away_no_longer_counts_for_its_former_customer(world: Any) -> None:
    customer, other = world.customer(sales_codes=["E"]), world.customer(sales_codes=["F"])
    world.order("E", "1997-01-01")
    world.order("F", "1997-02-01")
    world.order("E", "1997-06-01", number="N")
    world.scan("1998-06-30")
    world.order("F", "1997-06-01", number="N", version=2)
    assert world.warned(customer)["last_order_on"] == "1997-01-01"
    assert world.warned(other)["last_order_on"] == "1997-06-01"
    world.order("nobody", "1997-06-01", number="N", version=3)
    assert world.warned(other)["last_order_on"] == "1997-02-01"


def test_orders_attached_later_recover(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.order("E", "1997-01-01")
    world.order("E-2", "1998-05-01")
    world.scan("1998-06-30")
    world.announce("E-2", customer["name"])
    assert world.warned(customer)["state"] == "recovered"


def test_another_managers_warning_is_not_found(world: Any, path: str) -> None:
    for user in (world.outsider, world.colleague, world.other_director):
        client = world.as_(user)
        client.get(path, 404)
        client.post(f"{path}/reprieves", {"measure": "x"}, 404)
        client.post(f"{path}/confirm", CONFIRM, 404)
        assert client.get("/churn-warnings")["total"] == 0
    executive = world.as_(world.executive)
    assert executive.get(path)["state"] == "open"
    executive.post(f"{path}/reprieves", {"measure": "x"}, 403)
    world.as_(world.agent).get("/churn-warnings", 403)


def test_warnings_are_filtered(world: Any, customer: dict[str, Any], path: str) -> None:
    manager = str(world.manager.id)
    for query, count in (
        ("state=open,reprieved", 1),
        ("state=confirmed", 0),
        ("kind=inactive", 1),
        (f"manager_id={manager}", 1),
        (f"customer_id={customer['id']}", 1),
        ("last_order_on_to=1997-05-31", 0),
        ("cut_off_on_from=1997-12-30", 1),
        (f"q={customer['number']}", 1),
        (f"q={customer['name'].upper()}", 1),
        ("q=nobody", 0),
    ):
        assert len(world.warnings(query=f"?{query}")) == count, query
    world.as_(world.manager).get("/churn-warnings?state=gone", 422)


def test_every_order_of_the_list_comes_from_an_index(world: Any) -> None:
    assert unserved_sorts(world.harness, WARNINGS, select(ChurnWarning)) == []


def test_a_renamed_customers_warning_is_renamed(
    world: Any, customer: dict[str, Any], path: str
) -> None:
    one = f"/customers/{customer['id']}"
    world.as_(world.manager).expect(200, "PATCH", one, {"name": "New name"}, if_match=1)
    assert world.warned(customer)["customer_name"] == "New name"


def test_a_deleted_customers_warning_is_hidden(world: Any) -> None:
    customer = world.customer()
    world.scan_later()
    warning = world.warned(customer)
    one = f"/customers/{customer['id']}"
    world.as_(world.director).expect(204, "DELETE", one, if_match=1)
    assert world.warnings() == []
    world.as_(world.manager).get(f"/churn-warnings/{warning['id']}", 404)
    world.as_(world.manager).post(
        f"/churn-warnings/{warning['id']}/reprieves", {"measure": "x"}, 404
    )


def test_a_concurrent_order_and_scan_leave_no_false_warning(world: Any) -> None:
    customer = world.customer(sales_codes=["E"])
    world.order("E", "1997-06-01")
    for _ in range(5):
        together(
            lambda: world.order("E", "1998-05-01"),
            lambda: world.scan("1998-06-30"),
        )
        found = world.warnings(query=f"?customer_id={customer['id']}&state=open,reprieved")
        assert found == []


def together(*works: Callable[[], object]) -> None:
    """Run these at once, each on a thread of its own."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait()
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


class TestStale:
    """sales.order-stale: the sales system reports when a customer last ordered."""

    def _report(self, world: Any, last: str, **who: Any) -> None:
        data = {"last_order_at": f"{last}T00:00:00+08:00", **(who or {"customer_code": "E"})}
        world.harness.deliver("sales.order-stale.v1", data)

    def test_it_warns_under_the_scans_rule(self, world: Any) -> None:
        customer = world.customer(sales_codes=["E"])
        recent = (clock.today() - timedelta(days=150)).isoformat()
        self._report(world, recent)
        assert world.warnings() == []
        self._report(world, "2020-01-01", customer_number=customer["number"])
        self._report(world, "2020-01-01")
        warning = world.warned(customer)
        assert (warning["kind"], warning["last_order_on"]) == ("inactive", "2020-01-01")
        assert len(world.events("churn-warned")) == 1

    def test_an_older_order_leaves_the_day_that_was_reported(self, world: Any) -> None:
        customer = world.customer(sales_codes=["E"])
        self._report(world, "2020-01-01")
        world.order("E", "2019-01-01")
        assert world.warned(customer)["last_order_on"] == "2020-01-01"
        world.order("E", "2020-02-01", number="N")
        assert world.warned(customer)["last_order_on"] == "2020-02-01"
        world.order("E", "2020-02-01", number="N", version=2, status=4, kind="cancelled")
        assert world.warned(customer)["last_order_on"] == "2020-01-01"

    def test_it_is_ignored_when_a_newer_order_is_known(self, world: Any) -> None:
        world.customer(sales_codes=["E"])
        world.order("E", "2021-01-01")
        self._report(world, "2020-01-01")
        assert world.warnings() == []
        self._report(world, "2021-01-01")
        assert len(world.warnings()) == 1

    def test_it_is_ignored_for_lost_customers(
        self, world: Any, customer: dict[str, Any], path: str
    ) -> None:
        client = world.as_(world.manager)
        client.post(f"{path}/reprieves", {"measure": "Called"}, 201)
        client.post(f"{path}/confirm", CONFIRM)
        self._report(world, "1999-01-01")
        assert world.warned(customer)["state"] == "confirmed"

    def test_it_waits_for_an_unknown_code(self, world: Any) -> None:
        self._report(world, "2020-01-01", customer_code="X")
        world.announce("X", "Acme")
        [warning] = world.warnings()
        assert warning["manager_id"] is None
        assert [event["manager_id"] for event in world.events("churn-warned")] == [None]
        self._report(world, "2020-01-01", customer_number="KH-1999-000009")
