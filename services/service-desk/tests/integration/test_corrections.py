"""Creators correct their requests while these are open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness, User

CHANGED = "service-desk.request-changed.v1"


def _correct(
    harness: Harness, who: User, request: Any, expected: int = 200, match: Any = "*", **changes: Any
) -> Any:
    path = f"/requests/{request['id']}"
    return harness.as_(who).expect(expected, "PATCH", path, changes, if_match=match)


def test_the_creator_corrects_every_field(
    harness: Harness, staff: Any, make_request: Any, make_customer: Any
) -> None:
    request = make_request(creator=staff.agent)
    other = make_customer(staff.colleague, name="上海外滩有限公司", number="KH-2026-000002")
    before = make_request(creator=staff.agent, customer=other)
    form = {
        "customer_id": other["id"],
        "type": "after_sales",
        "summary": "Three boxes arrived wet",
        "description": "They want three.",
        "contact": "王芳",
        "priority": "high",
        "previous_request_id": before["id"],
    }
    corrected = _correct(harness, staff.agent, request, match=request["version"], **form)
    assert form.items() <= corrected.items()
    assert corrected["customer_name"] == other["name"]
    kept = ("number", "status", "created_by", "created_at", "assignee_id")
    assert [corrected[name] for name in kept] == [request[name] for name in kept]
    client = harness.as_(staff.agent)
    assert client.get(f"/requests/{request['id']}") == corrected
    for query in ("Three boxes", "王芳", "外滩"):
        found = [item["id"] for item in client.get(f"/requests?q={query}")["items"]]
        assert request["id"] in found
    assert client.get("/requests?q=北京")["items"] == []
    event = harness.published(CHANGED)[-1]
    assert event["data"]["type"] == "after_sales" and event["data"]["customer_id"] == other["id"]
    assert event["aggregateversion"] == corrected["version"]
    [entry] = [
        e["data"]
        for e in harness.published("service-desk.audit-recorded.v1")
        if e["data"]["action"] == "changed" and e["data"]["record_id"] == request["id"]
    ]
    fields = {change["field"]: (change["old"], change["new"]) for change in entry["changes"]}
    assert fields["summary"] == ("Two boxes arrived wet", "Three boxes arrived wet")
    # The new customer's manager reads it, the other's no more.
    harness.as_(staff.colleague).get(f"/requests/{request['id']}")
    harness.as_(staff.manager).get(f"/requests/{request['id']}", 404)


@pytest.mark.parametrize("status", ["created", "assigned", "handled"])
def test_requests_are_corrected_while_open(
    harness: Harness, staff: Any, make_request: Any, status: str
) -> None:
    request = make_request(status)
    assert _correct(harness, staff.agent, request, summary="Else")["status"] == status


@pytest.mark.parametrize("status", ["archived", "cancelled"])
def test_afterwards_they_stay_as_they_are(
    harness: Harness, staff: Any, make_request: Any, status: str
) -> None:
    request = make_request(status)
    refused = _correct(harness, staff.agent, request, 409, summary="Else")
    assert (refused["code"], refused["params"]["state"]) == ("wrong-state", status)


def test_nobody_else_corrects_a_request(harness: Harness, staff: Any, make_request: Any) -> None:
    request = make_request("assigned", creator=staff.agent, assignee=staff.manager)
    agent = harness.user("service_agent", name="another")
    for who in (staff.director, staff.manager, staff.executive, agent):
        _correct(harness, who, request, 403, summary="Else")
    _correct(harness, staff.colleague, request, 404, summary="Else")


def test_a_correction_needs_the_version(harness: Harness, staff: Any, make_request: Any) -> None:
    request = make_request()
    harness.as_(staff.agent).expect(428, "PATCH", f"/requests/{request['id']}", {"summary": "x"})
    _correct(harness, staff.agent, request, 412, match=9, summary="x")
    tag = harness.as_(staff.agent).request("GET", f"/requests/{request['id']}").headers["ETag"]
    with ThreadPoolExecutor(4) as pool:
        work = [
            pool.submit(
                harness.as_(staff.agent).request,
                "PATCH", f"/requests/{request['id']}", {"summary": str(n)}, if_match=tag,
            )
            for n in range(4)
        ]  # fmt: skip
        assert sorted(job.result().status_code for job in work) == [200, 412, 412, 412]


def test_references_are_checked_as_for_a_new_request(
    harness: Harness, staff: Any, make_request: Any, make_customer: Any
) -> None:
    mine, theirs = make_customer(staff.manager), make_customer(staff.colleague)
    request = make_request(creator=staff.manager, customer=mine)
    before = make_request(creator=staff.manager, customer=mine)
    foreign = make_request(creator=staff.agent, customer=theirs)
    for changes in (
        {"customer_id": theirs["id"]},
        {"customer_id": str(new_id())},
        {"previous_request_id": foreign["id"]},
        {"previous_request_id": request["id"]},
        {"customer_id": None},
        {"type": "joke"},
        {"summary": ""},
    ):
        refused = _correct(harness, staff.manager, request, 422, **changes)
        [error] = refused["errors"]
        assert error["pointer"] == "/" + next(iter(changes)), refused
    _correct(harness, staff.manager, request, 422, status="archived")
    _correct(harness, staff.manager, request, previous_request_id=before["id"])
    # Another customer makes the previous request one of somebody else.
    another = make_customer(staff.manager, name="上海外滩有限公司")
    refused = _correct(harness, staff.manager, request, 422, customer_id=another["id"])
    assert refused["errors"][0]["code"] == "other-customer"
    both = {"customer_id": another["id"], "previous_request_id": None}
    _correct(harness, staff.manager, request, **both)


def test_whoever_reads_a_request_reads_who_changed_it(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("assigned", creator=staff.agent, assignee=staff.agent)
    _correct(harness, staff.agent, request, summary="Else")
    path = f"/requests/{request['id']}/changes"
    for who in (staff.agent, staff.manager, staff.executive):
        corrected, assigned, created = harness.as_(who).get(path)["items"]
        assert corrected["changes"] == [
            {"field": "summary", "old": "Two boxes arrived wet", "new": "Else"}
        ]
        assert (corrected["actor_name"], assigned["actor_name"]) == ("Agent", "Director")
        assert created["action"] == "created"
    harness.as_(staff.colleague).get(path, 404)
    harness.as_(harness.user("marketing_specialist")).get(path, 403)
