"""The life of a service request over HTTP: states, rounds, people, events."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update

from kehu_chassis import clock
from kehu_chassis.data.database import new_id
from kehu_chassis.identity.directory import Person
from kehu_chassis.testing import Harness, User
from kehu_service_desk.features.requests import jobs, rules
from kehu_service_desk.features.requests.models import ServiceRequest

from .conftest import UNAVAILABLE

ACTIONS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "assign": ({}, {"created", "assigned"}),
    "take": ({}, {"created"}),
    "handle": ({"handling": "x"}, {"assigned"}),
    "feedback": ({"result": "x", "satisfaction": 4}, {"handled"}),
    "close": ({"reason": "not_solvable"}, {"created", "assigned", "handled"}),
    "cancel": ({"reason": "x"}, {"created", "assigned", "handled"}),
    "withdraw": ({"reason": "x"}, {"created"}),
}


def test_a_request_goes_from_creation_to_the_archive(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    customer = make_customer(staff.manager)
    desk, director = harness.as_(staff.agent), harness.as_(staff.director)
    body = {
        "customer_id": customer["id"],
        "type": "complaint",
        "summary": "Two boxes arrived wet",
        "description": "They want new ones.",
        "contact": "王芳",
    }
    made = desk.post("/requests", body, 201)
    assert made["status"] == "created"
    assert made["number"].startswith("FW-")
    assert made["priority"] == "normal"
    assert made["customer_name"] == customer["name"]
    assert made["customer_number"] == customer["number"]
    assert made["created_by"] == str(staff.agent.id)
    path = f"/requests/{made['id']}"

    assigned = director.post(f"{path}/assign", {"assignee_id": str(staff.manager.id)})
    assert (assigned["status"], assigned["assignee_id"]) == ("assigned", str(staff.manager.id))
    assert assigned["assigned_at"]

    handled = harness.as_(staff.manager).post(f"{path}/handle", {"handling": "Sent new ones"})
    assert (handled["status"], handled["handler_id"]) == ("handled", str(staff.manager.id))
    assert handled["handled_at"]

    done = desk.post(f"{path}/feedback", {"result": "Happy", "satisfaction": 3})
    assert (done["status"], done["satisfaction"], done["result"]) == ("archived", 3, "Happy")
    assert done["archived_at"]
    assert done["close_reason"] is None
    states = [e["data"]["status"] for e in harness.published("service-desk.request-changed.v1")]
    assert states == ["created", "assigned", "handled", "archived"]
    versions = [e["aggregateversion"] for e in harness.published("service-desk.request-changed.v1")]
    assert versions == sorted(set(versions))
    last = harness.published("service-desk.request-changed.v1")[-1]
    assert last["aggregateversion"] == done["version"]
    assert last["data"]["rounds"] == 1


def test_low_satisfaction_opens_another_round_and_every_round_is_kept(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("handled", assignee=staff.manager)
    path, manager = f"/requests/{request['id']}", harness.as_(staff.manager)
    again = manager.post(
        f"{path}/feedback",
        {"result": "Still wet", "satisfaction": 2, "contact": "王芳", "channel": "phone"},
    )
    assert (again["status"], again["assignee_id"]) == ("assigned", str(staff.manager.id))
    assert again["handling"] is None
    assert again["satisfaction"] is None
    manager.post(f"{path}/handle", {"handling": "Drove there"})
    manager.post(f"{path}/feedback", {"result": "Dry now", "satisfaction": 5})
    rounds = manager.get(f"{path}/rounds")["items"]
    assert [(r["number"], r["handling"], r["satisfaction"], r["result"]) for r in rounds] == [
        (1, "Sent new ones", 2, "Still wet"),
        (2, "Drove there", 5, "Dry now"),
    ]
    assert (rounds[0]["contact"], rounds[0]["channel"]) == ("王芳", "phone")
    assert rounds[0]["feedback_by"] == str(staff.manager.id)
    final = manager.get(path)
    assert (final["status"], final["rounds"]) == ("archived", 2)


def test_the_assignee_and_their_director_are_notified_of_another_round(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("handled", assignee=staff.manager)
    harness.as_(staff.agent).post(
        f"/requests/{request['id']}/feedback", {"result": "No", "satisfaction": 1}
    )
    received = harness.as_(staff.director).get("/notifications")["items"]
    assert [n["code"] for n in received] == ["request-in-another-round"]
    assert received[0]["params"]["round"] == 2
    assert received[0]["record_id"] == request["id"]
    codes = [n["code"] for n in harness.as_(staff.manager).get("/notifications")["items"]]
    assert codes == ["request-reopened", "request-assigned"]
    assert harness.as_(staff.other_director).get("/notifications")["items"] == []


def test_the_director_of_the_customers_manager_is_notified_if_the_assignee_has_none(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("handled", assignee=staff.agent)
    harness.as_(staff.agent).post(
        f"/requests/{request['id']}/feedback", {"result": "No", "satisfaction": 1}
    )
    assert harness.as_(staff.director).get("/notifications")["total"] == 1
    assert harness.as_(staff.other_director).get("/notifications")["total"] == 0


@pytest.mark.parametrize(("satisfaction", "status"), [(2, "assigned"), (3, "archived")])
def test_the_boundary_is_satisfaction_three(
    harness: Harness, staff: Any, make_request: Any, satisfaction: int, status: str
) -> None:
    request = make_request("handled")
    after = harness.as_(staff.agent).post(
        f"/requests/{request['id']}/feedback", {"result": "x", "satisfaction": satisfaction}
    )
    assert after["status"] == status


def test_the_boundary_is_a_setting(harness: Harness, staff: Any, make_request: Any) -> None:
    harness.deliver(
        "auth.setting-changed.v1",
        {"key": "satisfaction_reopen_below", "value": 5},
        subject="satisfaction_reopen_below",
    )
    request = make_request("handled")
    rounds = harness.as_(staff.agent).get(f"/requests/{request['id']}/rounds")
    assert (rounds["reopen_below"], rounds["no_answer_days"]) == (5, 14)
    after = harness.as_(staff.agent).post(
        f"/requests/{request['id']}/feedback", {"result": "x", "satisfaction": 4}
    )
    assert after["status"] == "assigned"


@UNAVAILABLE
def test_reopening_goes_back_to_created_if_the_assignee_is_not_available(
    harness: Harness, staff: Any, make_request: Any, change: dict[str, Any]
) -> None:
    request = make_request("handled", assignee=staff.manager)
    with harness.session() as session:
        session.execute(update(Person).where(Person.id == staff.manager.id).values(change))
    after = harness.as_(staff.agent).post(
        f"/requests/{request['id']}/feedback", {"result": "x", "satisfaction": 1}
    )
    assert (after["status"], after["assignee_id"]) == ("created", None)
    harness.as_(staff.agent).post(f"/requests/{request['id']}/take")


@pytest.mark.parametrize("action", list(ACTIONS))
def test_an_action_is_refused_in_every_state_but_its_own(
    harness: Harness, staff: Any, make_request: Any, action: str
) -> None:
    body, allowed = ACTIONS[action]
    if action == "assign":
        body = {"assignee_id": str(staff.manager.id)}
    who = staff.director if action in ("assign", "close", "cancel") else staff.agent
    for status in rules.STATUSES:
        request = make_request(status)
        expected = 200 if status in allowed else 409
        response = harness.as_(who).expect(
            expected, "POST", f"/requests/{request['id']}/{action}", body
        )
        if expected == 409:
            assert response["code"] == "wrong-state"
            assert response["params"]["state"] == status


def test_anyone_who_may_handle_takes_a_created_request(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request(creator=staff.manager)
    taken = harness.as_(staff.agent).post(f"/requests/{request['id']}/take")
    assert (taken["status"], taken["assignee_id"]) == ("assigned", str(staff.agent.id))
    assert harness.as_(staff.agent).get("/notifications")["total"] == 0


def test_of_several_concurrent_takers_one_gets_the_request(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request()
    agents = [harness.user("service_agent") for _ in range(4)]
    together = Barrier(4)

    def take(agent: User) -> int:
        together.wait(timeout=30)
        return harness.as_(agent).request("POST", f"/requests/{request['id']}/take", {}).status_code

    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(take, agents))
    assert codes == [200, 409, 409, 409]


@pytest.mark.parametrize("role", ["sales_director", "executive", "marketing_specialist"])
def test_only_account_managers_and_agents_are_assigned(
    harness: Harness, staff: Any, make_request: Any, role: str
) -> None:
    request = make_request()
    problem = harness.as_(staff.director).post(
        f"/requests/{request['id']}/assign", {"assignee_id": str(harness.user(role).id)}, 422
    )
    assert problem["errors"][0]["pointer"] == "/assignee_id"


def test_disabled_and_unknown_people_are_not_assigned(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request()
    gone = harness.user("service_agent", enabled=False)
    for person in (gone.id, new_id()):
        harness.as_(staff.director).post(
            f"/requests/{request['id']}/assign", {"assignee_id": str(person)}, 422
        )


def test_reassigning_notifies_the_new_assignee_and_repeating_it_changes_nothing(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("assigned", assignee=staff.manager)
    path, body = f"/requests/{request['id']}/assign", {"assignee_id": str(staff.agent.id)}
    given = harness.as_(staff.director).post(path, body)
    assert given["assignee_id"] == str(staff.agent.id)
    again = harness.as_(staff.director).post(path, body)
    assert again["version"] == given["version"]
    assert harness.as_(staff.agent).get("/notifications")["total"] == 1
    harness.as_(staff.manager).post(f"/requests/{request['id']}/handle", {"handling": "x"}, 403)


def test_the_previous_assignee_is_notified_too(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("assigned", assignee=staff.agent)
    body = {"assignee_id": str(staff.manager.id)}
    for _ in range(2):
        harness.as_(staff.director).post(f"/requests/{request['id']}/assign", body)
    codes = [item["code"] for item in harness.as_(staff.agent).get("/notifications")["items"]]
    assert codes == ["request-reassigned", "request-assigned"]


def test_the_candidates_are_those_who_may_be_assigned_least_busy_first(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("assigned", assignee=staff.agent)
    items = harness.as_(staff.director).get(f"/requests/{request['id']}/assignee-candidates")
    names = [(item["display_name"], item["open_requests"]) for item in items["items"]]
    assert names == [("Colleague", 0), ("Manager", 0), ("Agent", 1)]


def test_only_the_assignee_handles(harness: Harness, staff: Any, make_request: Any) -> None:
    request = make_request("assigned", assignee=staff.agent)
    path = f"/requests/{request['id']}/handle"
    for other in (staff.manager, staff.director, harness.user("service_agent")):
        harness.as_(other).post(path, {"handling": "x"}, 403)
    harness.as_(staff.agent).post(path, {"handling": "x"})


def test_feedback_comes_from_creator_assignee_or_an_agent(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("handled", creator=staff.director, assignee=staff.colleague)
    body = {"result": "x", "satisfaction": 5}
    path = f"/requests/{request['id']}/feedback"
    # The manager of the customer reads it, the other director too, and neither may.
    harness.as_(staff.manager).post(path, body, 403)
    harness.as_(staff.other_director).post(path, body, 403)
    for giver in (staff.director, staff.colleague, harness.user("service_agent")):
        request = make_request("handled", creator=staff.director, assignee=staff.colleague)
        harness.as_(giver).post(f"/requests/{request['id']}/feedback", body)


def test_the_creator_withdraws_only_while_nobody_has_it_and_only_their_own(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request(creator=staff.manager)
    path = f"/requests/{request['id']}"
    harness.as_(staff.agent).post(f"{path}/withdraw", {"reason": "x"}, 403)
    harness.as_(staff.manager).post(f"{path}/cancel", {"reason": "x"}, 403)
    gone = harness.as_(staff.manager).post(f"{path}/withdraw", {"reason": "By mistake"})
    assert (gone["status"], gone["cancel_reason"]) == ("cancelled", "By mistake")
    assert gone["cancelled_at"]


def test_closing_leaves_no_satisfaction(harness: Harness, staff: Any, make_request: Any) -> None:
    request = make_request("handled")
    closed = harness.as_(staff.director).post(
        f"/requests/{request['id']}/close", {"reason": "no_answer"}
    )
    assert (closed["status"], closed["close_reason"]) == ("archived", "no_answer")
    assert closed["satisfaction"] is None
    harness.as_(staff.director).post(
        f"/requests/{make_request()['id']}/close", {"reason": "bored"}, 422
    )


def test_unanswered_requests_are_archived_after_fourteen_days(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    due, fresh, open_ = make_request("handled"), make_request("handled"), make_request("assigned")
    ago = clock.now() - timedelta(days=14)
    with harness.session() as session:
        old = update(ServiceRequest).where(ServiceRequest.id == due["id"])
        session.execute(old.values(handled_at=ago).execution_options(state_published=True))
        young = update(ServiceRequest).where(ServiceRequest.id == fresh["id"])
        later = young.values(handled_at=ago + timedelta(minutes=1))
        session.execute(later.execution_options(state_published=True))
    assert harness.run_job("archive-unanswered-requests") == {"archived": 1}
    desk = harness.as_(staff.agent)
    closed = desk.get(f"/requests/{due['id']}")
    assert (closed["status"], closed["close_reason"]) == ("archived", "no_answer")
    assert desk.get(f"/requests/{fresh['id']}")["status"] == "handled"
    assert desk.get(f"/requests/{open_['id']}")["status"] == "assigned"
    assert harness.published("service-desk.request-changed.v1")[-1]["data"]["id"] == due["id"]
    assert harness.run_job("archive-unanswered-requests") == {"archived": 0}
    harness.deliver(
        "auth.setting-changed.v1",
        {"key": "request_no_answer_days", "value": 13},
        subject="request_no_answer_days",
    )
    assert harness.run_job("archive-unanswered-requests") == {"archived": 1}


def test_the_archiving_job_has_one_audit_entry_however_many_batches_it_takes(
    harness: Harness, make_request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_BATCH", 1)
    for _ in range(2):
        make_request("handled")
    with harness.session() as session:
        old = update(ServiceRequest).values(handled_at=clock.now() - timedelta(days=15))
        session.execute(old.execution_options(state_published=True))
    assert harness.run_job("archive-unanswered-requests") == {"archived": 2}
    entries = [e["data"] for e in harness.published("service-desk.audit-recorded.v1")]
    assert [e["changes"] for e in entries if e["action"] == "archived-unanswered"] == [
        [{"field": "status", "old": "handled", "new": "2 archived"}]
    ]


def test_stale_versions_are_refused(harness: Harness, staff: Any, make_request: Any) -> None:
    request = make_request()
    path, agent = f"/requests/{request['id']}/take", harness.as_(staff.agent)
    problem = agent.post(path, {}, 412, if_match=request["version"] + 1)
    assert problem["code"] == "stale-version"
    agent.post(path, {}, 200, if_match=request["version"])


def test_person_version_and_state_are_checked_in_this_order(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("assigned", creator=staff.director, assignee=staff.colleague)
    path, stale = f"/requests/{request['id']}", request["version"] + 1
    for action, body, somebody, permitted in (
        ("feedback", {"result": "x", "satisfaction": 5}, staff.manager, staff.colleague),
        ("withdraw", {"reason": "x"}, staff.agent, staff.director),
        ("take", {}, None, staff.agent),
    ):
        if somebody is not None:
            harness.as_(somebody).post(f"{path}/{action}", body, 403, if_match=stale)
        harness.as_(permitted).post(f"{path}/{action}", body, 412, if_match=stale)
        harness.as_(permitted).post(f"{path}/{action}", body, 409, if_match=request["version"])
    harness.as_(staff.manager).post(f"{path}/handle", {"handling": "x"}, 403, if_match=stale)
    harness.as_(staff.colleague).post(f"{path}/handle", {"handling": "x"}, 412, if_match=stale)


def test_a_repeated_create_with_one_key_makes_one_request(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    body = {
        "customer_id": make_customer()["id"],
        "type": "other",
        "summary": "s",
        "description": "d",
    }
    agent = harness.as_(staff.agent)
    first = agent.post("/requests", body, 201, idempotency_key="one")
    again = agent.post("/requests", body, 201, idempotency_key="one")
    assert first["id"] == again["id"]
    assert agent.get("/requests")["total"] == 1


def test_bad_fields_are_named(harness: Harness, staff: Any, make_customer: Any) -> None:
    good = {
        "customer_id": make_customer()["id"],
        "type": "other",
        "summary": "s",
        "description": "d",
    }
    for field, value in (
        ("type", "gossip"),
        ("priority", "extreme"),
        ("summary", " "),
        ("summary", "x" * 501),
        ("description", ""),
        ("customer_id", "not-an-id"),
        ("status", "archived"),
        ("contact", "x" * 201),
    ):
        problem = harness.as_(staff.agent).post("/requests", good | {field: value}, 422)
        assert [error["pointer"] for error in problem["errors"]] == [f"/{field}"]


def test_satisfaction_is_a_whole_number_from_one_to_five(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    path = f"/requests/{make_request('handled')['id']}/feedback"
    for satisfaction in (0, 6, "3", 3.5, True, None):
        body = {"result": "x", "satisfaction": satisfaction}
        harness.as_(staff.agent).post(path, body, 422)


def test_snapshots_hold_every_request(harness: Harness, make_request: Any) -> None:
    made = {make_request("handled")["id"], make_request()["id"]}
    with harness.session() as session:
        events = list(harness.service.snapshots(session))
    assert {event.subject for event in events} == made


def test_changes_by_people_reach_the_audit_trail(harness: Harness, make_request: Any) -> None:
    request = make_request("assigned")
    entries = [e["data"] for e in harness.published("service-desk.audit-recorded.v1")]
    of_request = [e for e in entries if e["record_id"] == request["id"]]
    assert [e["action"] for e in of_request] == ["created", "changed"]
    assert {e["record_type"] for e in entries} == {"service_request"}


def test_bad_feedback_is_audited_with_its_text_and_author(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("handled", assignee=staff.manager)
    again = harness.as_(staff.agent).post(
        f"/requests/{request['id']}/feedback", {"result": "Still wet", "satisfaction": 1}
    )
    assert again["version"] == request["version"] + 1
    entries = [e["data"] for e in harness.published("service-desk.audit-recorded.v1")]
    handled, rated = [e for e in entries if e["record_type"] == "request_round"]
    assert handled["actor_id"] == str(staff.manager.id)
    assert {"field": "handling", "old": None, "new": "Sent new ones"} in handled["changes"]
    assert rated["actor_id"] == str(staff.agent.id)
    for name, new in (
        ("satisfaction", 1),
        ("result", "Still wet"),
        ("feedback_by", str(staff.agent.id)),
    ):
        assert {"field": name, "old": None, "new": new} in rated["changes"]
    reopened = next(e for e in reversed(entries) if e["record_type"] == "service_request")
    assert {change["field"] for change in reopened["changes"]} == {
        "status", "handling", "handler_id", "handled_at", "assigned_at",
    }  # fmt: skip
