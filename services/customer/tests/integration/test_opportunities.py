"""A won opportunity creates a customer or is linked to an existing one."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from kehu_chassis import clock
from kehu_chassis.data.database import new_id
from kehu_chassis.identity.directory import Person


def test_a_won_opportunity_makes_a_customer_with_its_first_contact(world: Any) -> None:
    world.win("长城贸易", region="north", industry="trade", source="fair", products=["P-1"])
    [item] = world.customers()
    customer = world.get(item)
    assert customer["name"] == "长城贸易"
    assert customer["manager_id"] == str(world.manager.id)
    assert (customer["level"], customer["region"], customer["source"]) == (
        "ordinary",
        "north",
        "fair",
    )
    assert customer["products"] == ["P-1"]
    [contact] = world.as_(world.manager).get(f"/customers/{item['id']}/contacts")["items"]
    assert contact["is_primary"] and contact["gender"] == "unknown"
    [created] = world.events("customer-created")
    assert created["opportunity_id"] is not None


def test_without_a_contact_name_there_is_no_contact(world: Any) -> None:
    world.win("A", contact_name=None)
    [item] = world.customers()
    assert world.get(item)["missing"] == ["address", "phone", "contacts"]


def test_the_same_opportunity_again_changes_nothing(world: Any) -> None:
    data = world.won("A")
    for _ in range(3):
        world.harness.deliver("marketing.opportunity-won.v1", data)
    world.harness.deliver("marketing.opportunity-won.v1", data | {"customer_name": "B"})
    assert len(world.customers()) == 1
    assert len(world.events("customer-created")) == 1
    assert world.events("customer-linked") == []


def test_a_replay_after_the_customer_was_removed_makes_no_second_one(world: Any) -> None:
    data = world.won("A")
    world.harness.deliver("marketing.opportunity-won.v1", data)
    [customer] = world.customers()
    path = f"/customers/{customer['id']}"
    world.as_(world.director).expect(204, "DELETE", path, if_match=1)
    with time_machine.travel(clock.now() + timedelta(days=400), tick=False):
        assert world.harness.run_job("customer-purge") == {"customers": 1}
        world.harness.deliver("marketing.opportunity-won.v1", data)
    assert world.customers() == []
    assert len(world.events("customer-created")) == 1


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"roles": ["service_agent"]}], ids=["disabled", "role"]
)
def test_a_new_customer_gets_no_manager_who_is_not_available(
    world: Any, change: dict[str, Any]
) -> None:
    with world.harness.session() as session:
        session.execute(update(Person).where(Person.id == world.manager.id).values(change))
    world.win("Acme", assignee_id=str(world.manager.id))
    [made] = world.customers()
    assert made["manager_id"] is None
    [notice] = world.events("notice-raised")
    assert (notice["kind"], notice["audience"]) == ("customer-needs-manager", "all_directors")


def test_a_new_customer_gets_its_winner_although_they_are_not_known_yet(world: Any) -> None:
    unknown = str(new_id())
    world.win("Acme", assignee_id=unknown)
    [made] = world.customers()
    assert made["manager_id"] == unknown
    assert world.events("notice-raised") == []


def test_names_are_compared_without_case_width_and_spaces(world: Any) -> None:
    world.win("ABC  Trading")
    world.win(" ＡＢＣ trading ")
    [item] = world.customers()
    assert item["name"] == "ABC  Trading" and item["version"] == 1
    [linked] = world.events("customer-linked")
    assert linked["id"] == item["id"]


def test_id_comes_before_registration_number_before_name(world: Any) -> None:
    by_name = world.customer(name="Same")
    oldest = by_name
    world.customer(name="Same", allow_duplicate=True)
    by_number = world.customer(name="Other", registration_no="R-1")
    by_id = world.customer(name="Third")
    world.win("Same", registration_no="R-1", customer_id=by_id["id"])
    world.win("Same", registration_no="R-1", customer_id=str(new_id()))
    world.win("Same", registration_no="R-1")
    world.win("Same", registration_no="R-2")
    assert [event["id"] for event in world.events("customer-linked")] == [
        by_id["id"],
        by_number["id"],
        by_number["id"],
        oldest["id"],
    ]


def test_linking_changes_no_field_and_adds_new_contacts_only(world: Any) -> None:
    made = world.customer(name="A")
    world.win("A", region="elsewhere", contact_name="Li Na")
    world.win("A", contact_name="LI  NA")
    world.win("A", contact_name="Wang")
    now = world.get(made)
    assert (now["version"], now["region"], now["contact_count"]) == (1, "north", 2)


def test_managers_and_director_are_notified_when_another_manages_it(world: Any) -> None:
    made = world.customer(name="A")
    world.win("A")
    assert world.events("notice-raised") == []
    world.win("A", assignee_id=str(world.outsider.id))
    both, directors = world.events("notice-raised")
    assert both["kind"] == "opportunity-won-for-managed-customer"
    assert both["recipients"] == [str(world.manager.id), str(world.outsider.id)]
    assert (directors["audience"], directors["customer_id"]) == (
        "directors_of_manager",
        made["id"],
    )
    assert world.get(made)["manager_id"] == str(world.manager.id)


def test_a_won_opportunity_reactivates_a_lost_customer(world: Any) -> None:
    made = world.customer(name="A", sales_codes=["E"])
    world.order("E", "1997-06-01")
    world.scan(clock.today())
    lose(world, made)
    assert world.get(made)["status"] == "lost"
    world.win("A")
    assert world.get(made)["status"] == "normal"
    [back] = world.events("customer-reactivated")
    assert (back["cause"], back["status"], back["lost_at"]) == ("opportunity", "normal", None)
    [loss] = world.as_(world.manager).get(f"/customers/{made['id']}/losses")["items"]
    assert loss["reactivation_cause"] == "opportunity"


def lose(world: Any, customer: dict[str, Any]) -> None:
    """Confirm a loss after a measure."""
    client, warning = world.as_(world.manager), world.warned(customer)
    client.post(f"/churn-warnings/{warning['id']}/reprieves", {"measure": "Called"}, 201)
    body = {"reason_code": "price", "reason": "Too dear"}
    client.post(f"/churn-warnings/{warning['id']}/confirm", body)


def test_a_deleted_customer_is_not_found_again(world: Any) -> None:
    made = world.customer(name="A")
    world.as_(world.director).expect(204, "DELETE", f"/customers/{made['id']}", if_match=1)
    world.win("A", customer_id=made["id"])
    [item] = world.customers()
    assert item["id"] != made["id"]


def test_twenty_concurrent_wins_of_one_company_make_one_customer(world: Any) -> None:
    bodies = [
        world.harness.envelope("marketing.opportunity-won.v1", world.won(name), subject="o")
        for name in ["Acme Corp", "ACME  corp", "ａｃｍｅ corp", " acme Corp"] * 5
    ]
    world.handle_at_once(bodies)
    _assert_none_is_retried(world)
    [item] = world.customers()
    assert world.get(item)["contact_count"] == 1
    assert len(world.events("customer-created")) == 1
    assert len(world.events("customer-linked")) == 19
    assert len({event["opportunity_id"] for event in world.events("customer-linked")}) == 19


def _assert_none_is_retried(world: Any) -> None:
    # Twenty threads share a pool of eight connections: none may have timed out.
    assert world.harness.failed() == []


def test_concurrent_entry_and_win_make_one_customer(world: Any, form: dict[str, Any]) -> None:
    body = world.harness.envelope("marketing.opportunity-won.v1", world.won("Acme"), subject="o")
    start, statuses = threading.Barrier(2), []

    def enter() -> None:
        start.wait()
        response = world.as_(world.manager).request("POST", "/customers", form | {"name": "ACME"})
        statuses.append(response.status_code)

    def win() -> None:
        start.wait()
        world.harness.inbox.handle([body])

    threads = [threading.Thread(target=work) for work in (enter, win)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(world.customers()) == 1
    assert statuses in ([201], [409])
