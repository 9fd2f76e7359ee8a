"""Opportunities over HTTP: created, edited, found, published; who may read and change them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from kehu_chassis.data.database import new_id
from kehu_chassis.jsontext import plain
from kehu_chassis.testing import Harness
from kehu_chassis.testing.plans import unserved_sorts
from kehu_marketing.features.opportunities.models import Opportunity
from kehu_marketing.features.opportunities.service import OPPORTUNITIES

from .conftest import FORM, People


def test_a_new_opportunity_is_unassigned_numbered_and_published(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    assert made["status"] == "unassigned"
    assert made["number"].startswith("XS-") and made["number"].endswith("-000001")
    assert made["created_by"] == str(people.manager.id)
    (event,) = harness.published("marketing.opportunity-changed.v1")
    assert event["data"]["customer_name"] == FORM["customer_name"]
    assert event["aggregateversion"] == made["version"] == 1
    audit = harness.published("marketing.audit-recorded.v1")[-1]["data"]
    assert (audit["action"], audit["record_id"]) == ("created", made["id"])
    assert audit["actor_id"] == str(people.manager.id)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"success_rate": 101}, "/success_rate"),
        ({"success_rate": -1}, "/success_rate"),
        ({"success_rate": 5.5}, "/success_rate"),
        ({"customer_name": ""}, "/customer_name"),
        ({"customer_name": "x" * 201}, "/customer_name"),
        ({"summary": "   "}, "/summary"),
        ({"summary": None}, "/summary"),
        ({"description": "nul \u0000"}, ""),
        ({"expected_amount": "-1.00"}, "/expected_amount"),
        ({"expected_amount": "1.005"}, "/expected_amount"),
        ({"expected_amount": "1e400"}, "/expected_amount"),
        ({"currency": "yuan"}, "/currency"),
        ({"expected_close_date": "2026-02-30"}, "/expected_close_date"),
        ({"status": "won"}, "/status"),
        ({"created_by": str(new_id())}, "/created_by"),
        ({"customer_id": str(new_id()), "customer_name": None}, "/customer_name"),
    ],
)
def test_bad_fields_are_named(
    harness: Harness, people: People, change: dict[str, Any], pointer: str
) -> None:
    problem = harness.as_(people.manager).post("/opportunities", FORM | change, 422)
    assert problem["code"] == "validation-failed"
    assert problem["errors"][0]["pointer"] == pointer
    assert harness.published() == []


def test_existing_customer_gives_the_name(harness: Harness, people: People) -> None:
    customer = {
        "id": str(new_id()), "number": "KH-2026-000001", "name": "Acme", "manager_id": None,
        "level": "ordinary", "status": "normal", "merged_into": None,
    }  # fmt: skip
    api = harness.as_(people.manager)
    form = {k: v for k, v in FORM.items() if k != "customer_name"} | {"customer_id": customer["id"]}
    assert api.post("/opportunities", form, 422)["errors"][0]["code"] == "unknown-reference"
    with harness.session() as session:
        from kehu_marketing.features.customers.models import CustomerRef

        session.add(CustomerRef(**(customer | {"id": new_id(), "deleted": False, "version": 1})))
        session.flush()
        known = session.query(CustomerRef).one().id
    created = api.post("/opportunities", form | {"customer_id": str(known)}, 201)
    assert created["customer_name"] == "Acme"
    both = FORM | {"customer_id": str(known)}
    assert api.post("/opportunities", both, 422)["errors"][0]["code"] == "customer-or-name"


def test_sending_back_values_as_read_changes_no_customer(harness: Harness, people: People) -> None:
    known, other = customer(harness, "Acme"), customer(harness, "Other")
    api = harness.as_(people.manager)
    form = {k: v for k, v in FORM.items() if k != "customer_name"} | {"customer_id": known}
    made = api.post("/opportunities", form, 201)
    path = f"/opportunities/{made['id']}"

    def patch(status: int = 200, **changes: Any) -> Any:
        return api.expect(status, "PATCH", path, changes, if_match="*")

    for same in (
        {"customer_name": "Acme"},
        {"customer_name": "Acme", "customer_id": known},
        {"customer_id": known},
    ):
        edited = patch(**same)
        assert (edited["customer_name"], edited["customer_id"]) == ("Acme", known)
    patch(422, customer_name="New", customer_id=known)
    edited = patch(customer_name="Acme", customer_id=other)
    assert (edited["customer_name"], edited["customer_id"]) == ("Other", other)
    edited = patch(customer_name="New")
    assert (edited["customer_name"], edited["customer_id"]) == ("New", None)
    edited = patch(customer_name="New", customer_id=None)
    assert (edited["customer_name"], edited["customer_id"]) == ("New", None)


def customer(harness: Harness, name: str) -> str:
    """A customer in marketing's replica; returns its id."""
    from kehu_marketing.features.customers.models import CustomerRef

    known = CustomerRef(
        id=new_id(), number="KH-2026-000001", name=name, manager_id=None, level="ordinary",
        status="normal", merged_into=None, deleted=False, version=1,
    )  # fmt: skip
    with harness.session() as session:
        session.add(known)
    return str(known.id)


def test_edit_and_delete_only_while_unassigned_and_by_the_right_people(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    path = f"/opportunities/{made['id']}"
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    manager.expect(428, "PATCH", path, {"success_rate": 50})
    edited = manager.expect(200, "PATCH", path, {"success_rate": 50}, if_match=1)
    assert (edited["success_rate"], edited["version"]) == (50, 2)
    manager.expect(412, "PATCH", path, {"success_rate": 60}, if_match=1)
    director.expect(200, "PATCH", path, {"success_rate": 55}, if_match=2)
    harness.as_(people.colleague).expect(404, "PATCH", path, {"success_rate": 1}, if_match=3)
    director.expect(403, "DELETE", path, if_match=3)
    director.post(f"{path}/assign", {"assignee_id": str(people.manager.id)})
    assert (
        manager.expect(409, "PATCH", path, {"success_rate": 60}, if_match="*")["code"]
        == "wrong-state"
    )
    manager.expect(409, "DELETE", path, if_match="*")
    second = manager.post("/opportunities", FORM, 201)
    manager.expect(204, "DELETE", f"/opportunities/{second['id']}", if_match=1)
    manager.get(f"/opportunities/{second['id']}", 404)
    (deleted,) = harness.published("marketing.opportunity-deleted.v1")
    assert deleted["aggregateversion"] == 2


def test_scope_limits_reading(harness: Harness, people: People, made: dict[str, Any]) -> None:
    path = f"/opportunities/{made['id']}"
    for user, status in (
        (people.manager, 200), (people.director, 200), (people.executive, 200),
        (people.colleague, 404), (people.outsider, 404), (people.other_director, 404),
    ):  # fmt: skip
        harness.as_(user).get(path, status)
        total = harness.as_(user).get("/opportunities")["total"]
        assert total == (1 if status == 200 else 0)
    harness.as_(None).get(path, 401)
    harness.as_(harness.user("service_agent")).get(path, 403)


def test_every_director_sees_an_opportunity_whose_creator_nobody_leads(
    harness: Harness, people: People
) -> None:
    lonely = harness.user("account_manager", department=harness.department("Alone"))
    created = harness.as_(lonely).post("/opportunities", FORM, 201)
    path = f"/opportunities/{created['id']}"
    harness.as_(people.director).get(path)
    harness.as_(people.other_director).get(path)
    harness.as_(people.colleague).get(path, 404)


def test_lists_filter_search_and_page(harness: Harness, people: People) -> None:
    manager = harness.as_(people.manager)
    for number in range(5):
        manager.post(
            "/opportunities",
            FORM | {"success_rate": number, "summary": f"Line {'abcde'[number]}x"},
            201,
        )
    page = manager.get("/opportunities?limit=2&sort=success_rate")
    assert ([i["success_rate"] for i in page["items"]], page["total"]) == ([0, 1], 5)
    seen = page["items"]
    while page["next_cursor"]:
        page = manager.get(f"/opportunities?limit=2&sort=success_rate&cursor={page['next_cursor']}")
        assert page["total"] is None
        seen += page["items"]
    assert [i["success_rate"] for i in seen] == [0, 1, 2, 3, 4]
    first = manager.get("/opportunities?limit=2&sort=success_rate")["next_cursor"]
    manager.get(f"/opportunities?limit=2&sort=-success_rate&cursor={first}", 422)
    manager.get("/opportunities?cursor=nonsense", 422)
    assert manager.get("/opportunities?success_rate_from=3")["total"] == 2
    assert manager.get("/opportunities?status=unassigned,won")["total"] == 5
    assert manager.get("/opportunities?status=won")["total"] == 0
    for bad in ("statsu=won", "status=nonsense", "limit=0", "limit=201", "sort=description"):
        manager.get(f"/opportunities?{bad}", 422)
    for q, count in (
        ("长城", 5),
        ("贸", 5),
        ("bjcc", 5),
        ("line cx", 1),
        ("城长", 0),
        ("cx 长城", 1),
    ):
        assert manager.get(f"/opportunities?q={q}")["total"] == count, q


def test_a_repeated_key_has_one_effect(harness: Harness, people: People) -> None:
    manager = harness.as_(people.manager)

    def create(_: int) -> tuple[int, str]:
        response = manager.request("POST", "/opportunities", FORM, idempotency_key="k1")
        return response.status_code, (response.get_json() or {}).get("id", "")

    with ThreadPoolExecutor(8) as threads:
        responses = list(threads.map(create, range(20)))
    assert {status for status, _ in responses} <= {201, 409}
    assert len({ident for status, ident in responses if status == 201}) == 1
    assert manager.get("/opportunities")["total"] == 1
    other = FORM | {"success_rate": 1}
    manager.post("/opportunities", other, 422, idempotency_key="k1")
    harness.as_(people.colleague).post("/opportunities", other, 201, idempotency_key="k1")


def test_resync_publishes_the_present_state_and_all_moves(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    path = f"/opportunities/{developing['id']}"
    harness.as_(people.manager).post(f"{path}/stage", {"stage": "proposal"})
    published = {
        event["type"]: event["data"]
        for event in harness.published()
        if "audit" not in event["type"]
    }
    with harness.session() as session:
        snapshots = list(harness.service.snapshots(session))
    again = [event for event in snapshots if event.type != "marketing.stage-changed.v1"]
    assert [event.type.split(".")[1] for event in again] == [
        "opportunity-stage-changed", "opportunity-stage-changed", "opportunity-changed",
    ]  # fmt: skip
    for event in again[1:]:
        assert plain(event.data) == published[event.type]


def test_every_order_of_the_list_comes_from_an_index(harness: Harness) -> None:
    assert unserved_sorts(harness, OPPORTUNITIES, select(Opportunity)) == []
