"""Who reads which requests, and for which customers they may be created."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

FORM = {"type": "other", "summary": "s", "description": "d"}


def _numbers(harness: Harness, user: Any, query: str = "") -> set[str]:
    return {item["number"] for item in harness.as_(user).get(f"/requests{query}")["items"]}


def test_account_managers_see_requests_they_created_or_handle_or_of_their_customers(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    mine, theirs = make_customer(staff.manager), make_customer(staff.colleague)
    of_mine = make_request(customer=mine)
    given = make_request("assigned", customer=theirs, assignee=staff.manager)
    foreign = make_request(customer=theirs)
    assert _numbers(harness, staff.manager) == {of_mine["number"], given["number"]}
    harness.as_(staff.manager).get(f"/requests/{foreign['id']}", 404)
    harness.as_(staff.manager).get(f"/requests/{foreign['id']}/rounds", 404)
    for action in ("take", "withdraw", "feedback", "handle"):
        body = {"reason": "x"} if action == "withdraw" else {}
        if action == "feedback":
            body = {"result": "x", "satisfaction": 1}
        if action == "handle":
            body = {"handling": "x"}
        harness.as_(staff.manager).post(f"/requests/{foreign['id']}/{action}", body, 404)


def test_everybody_else_who_reads_requests_sees_all(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    made = {make_request()["number"], make_request("handled")["number"]}
    for reader in (staff.agent, staff.director, staff.other_director, staff.executive):
        assert _numbers(harness, reader) == made


def test_the_scope_follows_the_customers_present_manager(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    customer = make_customer(staff.manager)
    request = make_request(customer=customer)
    moved = customer | {"manager_id": str(staff.colleague.id)}
    harness.deliver("customer.customer-changed.v1", moved, subject=customer["id"], version=2)
    harness.as_(staff.manager).get(f"/requests/{request['id']}", 404)
    harness.as_(staff.colleague).get(f"/requests/{request['id']}")


def test_full_sharing_lets_every_customer_role_read_but_not_write(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    theirs = make_customer(staff.colleague)
    request = make_request(customer=theirs)
    harness.deliver(
        "auth.setting-changed.v1", {"key": "customer_sharing", "value": "full"}, subject="x"
    )
    manager, path = harness.as_(staff.manager), f"/requests/{request['id']}"
    manager.get(path)
    manager.post("/requests", FORM | {"customer_id": theirs["id"]}, 422)
    for action, body in (
        ("take", {}),
        ("handle", {"handling": "x"}),
        ("feedback", {"result": "x", "satisfaction": 1}),
        ("withdraw", {"reason": "x"}),
    ):
        # An agent takes and handles it first; the manager is refused at every step.
        if action == "handle":
            harness.as_(staff.agent).post(f"{path}/take")
        if action == "feedback":
            harness.as_(staff.agent).post(f"{path}/handle", {"handling": "x"})
        problem = manager.post(f"{path}/{action}", body, 403)
        assert problem["code"] == "forbidden", action
    harness.as_(harness.user("marketing_specialist")).get("/requests", 403)


def test_an_account_manager_names_own_customers_only(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    mine, theirs, nobodys = (
        make_customer(staff.manager),
        make_customer(staff.colleague),
        make_customer(),
    )
    manager = harness.as_(staff.manager)
    manager.post("/requests", FORM | {"customer_id": mine["id"]}, 201)
    for customer in (theirs, nobodys):
        problem = manager.post("/requests", FORM | {"customer_id": customer["id"]}, 422)
        assert problem["errors"][0]["code"] == "unknown-reference"


@pytest.mark.parametrize("who", ["agent", "director", "other_director"])
def test_agents_and_directors_name_any_known_customer(
    harness: Harness, staff: Any, make_customer: Any, who: str
) -> None:
    client = harness.as_(getattr(staff, who))
    client.post("/requests", FORM | {"customer_id": make_customer(staff.manager)["id"]}, 201)
    client.post("/requests", FORM | {"customer_id": make_customer()["id"]}, 201)
    client.post("/requests", FORM | {"customer_id": str(new_id())}, 422)


def test_deleted_and_merged_customers_are_unknown(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    agent = harness.as_(staff.agent)
    gone = make_customer(staff.manager)
    harness.deliver(
        "customer.customer-deleted.v1", {"id": gone["id"]}, subject=gone["id"], version=2
    )
    agent.post("/requests", FORM | {"customer_id": gone["id"]}, 422)
    merged = make_customer(merged_into=str(new_id()))
    agent.post("/requests", FORM | {"customer_id": merged["id"]}, 422)


def test_requests_may_be_created_for_a_lost_customer(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    lost = make_customer(staff.manager, status="lost")
    harness.as_(staff.manager).post("/requests", FORM | {"customer_id": lost["id"]}, 201)


def test_the_previous_request_must_be_readable_and_of_the_same_customer(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    mine, theirs = make_customer(staff.manager), make_customer(staff.colleague)
    before, foreign = make_request("archived", customer=mine), make_request(customer=theirs)
    body = FORM | {"customer_id": mine["id"]}
    manager = harness.as_(staff.manager)
    again = manager.post("/requests", body | {"previous_request_id": before["id"]}, 201)
    assert again["previous_request_id"] == before["id"]
    problem = manager.post("/requests", body | {"previous_request_id": foreign["id"]}, 422)
    assert problem["errors"][0]["code"] == "unknown-reference"
    problem = harness.as_(staff.agent).post(
        "/requests", body | {"previous_request_id": foreign["id"]}, 422
    )
    assert problem["errors"][0]["code"] == "other-customer"


def test_the_archive_is_found_by_customer_type_text_and_period(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    great_wall = make_customer(staff.manager)
    other = make_customer(staff.manager, name="上海明珠", number="KH-2026-000002")
    one = make_request("archived", customer=great_wall, summary="打印机卡纸", type="after_sales")
    two = make_request("archived", customer=other)
    make_request("handled", customer=other)
    archive = "?status=archived"
    assert _numbers(harness, staff.agent, archive) == {one["number"], two["number"]}
    for query in (
        f"&customer_id={great_wall['id']}",
        "&type=after_sales",
        "&q=卡纸",
        "&q=长城",
        "&q=dyj",
        f"&q={one['number']}",
        f"&archived_at_to={one['archived_at'].replace('+', '%2B')}",
    ):
        assert _numbers(harness, staff.agent, archive + query) == {one["number"]}, query
    assert _numbers(harness, staff.agent, f"{archive}&archived_at_from=2199-01-01T00:00:00Z") == (
        set()
    )


def test_archived_requests_are_read_only(harness: Harness, staff: Any, make_request: Any) -> None:
    request = make_request("archived")
    path, change = f"/requests/{request['id']}", {"summary": "Else"}
    harness.as_(staff.agent).expect(409, "PATCH", path, change, if_match="*")
    harness.as_(staff.director).expect(405, "DELETE", f"/requests/{request['id']}")


def test_an_unknown_request_is_not_found(harness: Harness, staff: Any) -> None:
    harness.as_(staff.agent).get(f"/requests/{new_id()}", 404)
    harness.as_(staff.agent).post(f"/requests/{new_id()}/take", {}, 404)


def test_executives_only_read(harness: Harness, staff: Any, make_request: Any) -> None:
    request = make_request()
    executive = harness.as_(staff.executive)
    executive.get(f"/requests/{request['id']}")
    executive.post(f"/requests/{request['id']}/take", {}, 403)
    executive.post(f"/requests/{request['id']}/close", {"reason": "withdrawn"}, 403)
    harness.as_(staff.agent).post(
        f"/requests/{request['id']}/assign", {"assignee_id": str(staff.agent.id)}, 403
    )


def test_a_custom_role_acts_within_its_scope(
    harness: Harness, staff: Any, make_customer: Any, make_request: Any
) -> None:
    harness.identity.policy["roles"]["team_lead"] = {
        "service-request:read": "all",
        "service-request:assign": "team",
        "service-request:cancel": "team",
        "service-request:close": "own",
    }
    lead = harness.as_(harness.user("team_lead", department=staff.director.department_id))
    ours = make_request(customer=make_customer(staff.manager))
    theirs = make_request(customer=make_customer(None))
    for request, status in ((ours, 200), (theirs, 403)):
        path = f"/requests/{request['id']}"
        lead.post(f"{path}/assign", {"assignee_id": str(staff.colleague.id)}, status)
        lead.post(f"{path}/close", {"reason": "withdrawn"}, 403)
        lead.post(f"{path}/cancel", {"reason": "x"}, status)
    again = make_request(customer=make_customer(staff.manager))
    west = staff.other_director.department_id
    outsider = harness.user("account_manager", department=west, name="outsider")
    harness.user("team_lead", department=west)
    body = {"assignee_id": str(outsider.id)}
    lead.post(f"/requests/{again['id']}/assign", body, 422)
    names = lead.get(f"/requests/{again['id']}/assignee-candidates")["items"]
    # Nobody leads the agent, so anyone who assigns within a team may choose them.
    assert {item["display_name"] for item in names} == {"Agent", "Colleague", "Manager"}


def test_marketing_specialists_and_administrators_see_no_requests(harness: Harness) -> None:
    for role in ("marketing_specialist", "admin"):
        harness.as_(harness.user(role)).get("/requests", 403)
    harness.as_(None).get("/requests", 401)
