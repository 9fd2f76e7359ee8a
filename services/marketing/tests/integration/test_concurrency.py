"""Concurrent requests: one after the other on the locked row, each checked against its state."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from kehu_chassis.testing import Harness, User

from .conftest import FORM, People
from .operations import STEP

Call = Callable[[], Any]


def _waiting(harness: Harness) -> int:
    """How many connections of this database wait for a lock."""
    with harness.session() as session:
        return session.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )  # type: ignore[return-value]


def first_before_others(harness: Harness, opportunity_id: str, *calls: Call) -> list[Any]:
    """Start all calls, let them wait for the opportunity in this order, then release it.

    The first is served first; PostgreSQL promises nothing about the others, once it has changed
    the row.
    """
    with ThreadPoolExecutor(len(calls)) as threads:
        futures = []
        with harness.session() as session:
            session.execute(
                text("SELECT 1 FROM opportunity WHERE id = :id FOR UPDATE"), {"id": opportunity_id}
            )
            for queued, call in enumerate(calls, 1):
                futures.append(threads.submit(call))
                deadline = time.monotonic() + 30
                while _waiting(harness) < queued:
                    assert not futures[-1].done(), futures[-1].result()
                    assert time.monotonic() < deadline, f"{queued} should wait by now"
        return [future.result(timeout=30) for future in futures]


def _call(
    harness: Harness, who: User, method: str, path: str, body: Any = None, **headers: str | int
) -> Call:
    """A request to be sent later; returns its status and its JSON."""

    def send() -> tuple[int, Any]:
        response = harness.as_(who).request(method, path, body, **headers)
        return response.status_code, response.get_json() if response.data else None

    return send


LOSE = {"reason_code": "price", "reason": "Too dear"}


@pytest.mark.parametrize(("first", "second"), [("win", "lose"), ("lose", "win"), ("win", "win")])
def test_an_opportunity_ends_once(
    harness: Harness, people: People, developing: dict[str, Any], first: str, second: str
) -> None:
    path, bodies = f"/opportunities/{developing['id']}", {"win": {}, "lose": LOSE}
    ended, refused = first_before_others(
        harness, developing["id"],
        _call(harness, people.manager, "POST", f"{path}/{first}", bodies[first]),
        _call(harness, people.director, "POST", f"{path}/{second}", bodies[second]),
    )  # fmt: skip
    state = "won" if first == "win" else "lost"
    assert (ended[0], refused[0]) == (200, 409)
    assert refused[1]["params"]["state"] == state
    assert harness.as_(people.manager).get(path)["status"] == state
    assert len(harness.published("marketing.opportunity-won.v1")) == (first == "win")
    assert len(harness.published("marketing.opportunity-stage-changed.v1")) == 2


def test_one_key_wins_once_however_often_it_is_sent(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    path, together = f"/opportunities/{developing['id']}/win", Barrier(4)

    def win(_: int) -> tuple[int, bytes]:
        together.wait(timeout=30)
        response = harness.as_(people.manager).request(
            "POST", path, {"amount": "5.00"}, idempotency_key="once"
        )
        return response.status_code, response.data

    with ThreadPoolExecutor(4) as threads:
        responses = list(threads.map(win, range(4)))
    assert {status for status, _ in responses} <= {200, 409}
    again = harness.as_(people.manager).request(
        "POST", path, {"amount": "5.00"}, idempotency_key="once"
    )
    assert again.status_code == 200
    assert {body for status, body in responses if status == 200} == {again.data}
    assert again.headers["ETag"].startswith(f'"{again.get_json()["version"]}-')
    assert len(harness.published("marketing.opportunity-won.v1")) == 1
    harness.as_(people.manager).post(path, {"amount": "6.00"}, 422, idempotency_key="once")
    harness.as_(people.manager).post(path, {"amount": "5.00"}, 409, idempotency_key="another")


def test_a_refused_request_may_be_sent_again_with_its_key(
    harness: Harness, people: People, make: Any
) -> None:
    made = make("developing", expected_amount=None)
    manager, path = harness.as_(people.manager), f"/opportunities/{made['id']}"
    manager.post(f"{path}/win", {}, 422, idempotency_key="k")
    body = {"expected_amount": "7.00"}
    manager.expect(200, "PATCH", f"{path}/progress", body, if_match="*")
    assert manager.post(f"{path}/win", {}, 200, idempotency_key="k")["amount"] == "7.00"


def test_a_former_assignee_can_no_longer_close_it(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    path = f"/opportunities/{developing['id']}"
    body = {"assignee_id": str(people.colleague.id)}
    assigned, refused = first_before_others(
        harness, developing["id"],
        _call(harness, people.director, "POST", f"{path}/assign", body),
        _call(harness, people.manager, "POST", f"{path}/win", {}),
    )  # fmt: skip
    assert (assigned[0], refused[0]) == (200, 403)
    assert harness.as_(people.manager).get(path)["status"] == "developing"


def test_an_opportunity_closed_meanwhile_is_not_assigned(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    path = f"/opportunities/{developing['id']}"
    body = {"assignee_id": str(people.colleague.id)}
    won, refused = first_before_others(
        harness, developing["id"],
        _call(harness, people.manager, "POST", f"{path}/win", {}),
        _call(harness, people.director, "POST", f"{path}/assign", body),
    )  # fmt: skip
    assert (won[0], refused[0]) == (200, 409)
    assert refused[1]["params"]["state"] == "won"
    (event,) = harness.published("marketing.opportunity-assigned.v1")
    assert event["data"]["assignee_id"] == str(people.manager.id)


def test_concurrent_reassignments_each_name_the_previous_assignee(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    path = f"/opportunities/{made['id']}/assign"
    wanted = [str(person.id) for person in (people.manager, people.colleague)]
    responses = first_before_others(harness, made["id"], *(
        _call(harness, people.director, "POST", path, {"assignee_id": person})
        for person in wanted
    ))  # fmt: skip
    assert [status for status, _ in responses] == [200, 200]
    events = harness.published("marketing.opportunity-assigned.v1")
    assert [event["data"]["assignee_id"] for event in events] == wanted
    assert [event["data"]["previous_assignee_id"] for event in events] == [None, wanted[0]]
    versions = [event["aggregateversion"] for event in events]
    assert versions == sorted(set(versions))


PLANNING: dict[str, tuple[str, str, Any, int, list[tuple[str, str]]]] = {
    "edit": ("PATCH", "/{item}", {"content": "Call"}, 200, [("not_executed", "Call")]),
    "record the result": (
        "PUT",
        "/{item}/result",
        {"result": "Good"},
        200,
        [("executed", "Visit")],
    ),
    "delete": ("DELETE", "/{item}", None, 204, []),
}


@pytest.mark.parametrize("closing_first", [True, False])
@pytest.mark.parametrize("change", PLANNING)
def test_a_plan_item_is_changed_before_the_end_or_not_at_all(
    harness: Harness, people: People, developing: dict[str, Any], closing_first: bool, change: str
) -> None:
    manager, path = harness.as_(people.manager), f"/opportunities/{developing['id']}"
    item = manager.post(f"{path}/plan-items", STEP, 201)
    method, where, body, status, changed = PLANNING[change]
    where = f"{path}/plan-items{where}".format(item=item["id"])
    plan = _call(harness, people.manager, method, where, body, if_match=item["version"])
    win = _call(harness, people.director, "POST", f"{path}/win", {})
    calls = [win, plan] if closing_first else [plan, win]
    responses = first_before_others(harness, developing["id"], *calls)
    # The end sets what was not carried out, which gives the item a new version.
    expected = [200, 412] if closing_first else [status, 200]
    assert [status for status, _ in responses] == expected
    items = manager.get(f"{path}/plan-items")["items"]
    left = [("not_executed", "Visit")] if closing_first else changed
    assert [(item["state"], item["content"]) for item in items] == left


@pytest.mark.parametrize("closing_first", [True, False])
def test_a_plan_item_is_added_before_the_end_or_not_at_all(
    harness: Harness, people: People, developing: dict[str, Any], closing_first: bool
) -> None:
    path = f"/opportunities/{developing['id']}"
    add = _call(harness, people.manager, "POST", f"{path}/plan-items", STEP)
    win = _call(harness, people.director, "POST", f"{path}/win", {})
    calls = [win, add] if closing_first else [add, win]
    responses = first_before_others(harness, developing["id"], *calls)
    assert [status for status, _ in responses] == ([200, 409] if closing_first else [201, 200])
    items = harness.as_(people.manager).get(f"{path}/plan-items")["items"]
    assert [item["state"] for item in items] == ([] if closing_first else ["not_executed"])


@pytest.mark.parametrize("delete_first", [True, False])
def test_concurrent_editing_and_deleting(
    harness: Harness, people: People, made: dict[str, Any], delete_first: bool
) -> None:
    path = f"/opportunities/{made['id']}"
    delete = _call(harness, people.manager, "DELETE", path, if_match=1)
    edit = _call(harness, people.director, "PATCH", path, {"success_rate": 1}, if_match=1)
    calls = [delete, edit] if delete_first else [edit, delete]
    responses = first_before_others(harness, made["id"], *calls)
    expected = [204, 404] if delete_first else [200, 412]
    assert [status for status, _ in responses] == expected
    deleted = harness.published("marketing.opportunity-deleted.v1")
    assert len(deleted) == (1 if delete_first else 0)


def test_of_several_edits_of_one_version_one_is_kept(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    path = f"/opportunities/{made['id']}"
    responses = first_before_others(harness, made["id"], *(
        _call(harness, people.manager, "PATCH", path, {"success_rate": rate}, if_match=1)
        for rate in (1, 2, 3)
    ))  # fmt: skip
    assert [status for status, _ in responses] == [200, 412, 412]
    assert harness.as_(people.manager).get(path)["success_rate"] == 1


@pytest.mark.parametrize("first", ["void", "assign"])
def test_concurrent_voiding_and_assigning(
    harness: Harness, people: People, made: dict[str, Any], first: str
) -> None:
    path = f"/opportunities/{made['id']}"
    bodies = {"void": {"reason": "Twice"}, "assign": {"assignee_id": str(people.manager.id)}}
    order = [first, *(set(bodies) - {first})]
    done, refused = first_before_others(harness, made["id"], *(
        _call(harness, people.director, "POST", f"{path}/{action}", bodies[action])
        for action in order
    ))  # fmt: skip
    assert (done[0], refused[0]) == (200, 409)
    state = {"void": "voided", "assign": "developing"}[first]
    assert refused[1]["params"]["state"] == state


def test_a_customer_is_linked_while_it_is_changed(
    harness: Harness, people: People, make: Any
) -> None:
    """The consumer waits for the row like a request, and changes its present state."""
    made = make("developing")
    path = f"/opportunities/{made['id']}"
    data = harness.example("customer.customer-linked.v1") | {"opportunity_id": made["id"]}

    def link() -> tuple[int, Any]:
        harness.deliver("customer.customer-linked.v1", data, subject=data["id"])
        return 200, None

    responses = first_before_others(
        harness, made["id"],
        _call(harness, people.manager, "POST", f"{path}/stage", {"stage": "proposal"}),
        link,
    )  # fmt: skip
    assert [status for status, _ in responses] == [200, 200]
    shown = harness.as_(people.manager).get(path)
    assert (shown["stage"], shown["customer_id"]) == ("proposal", data["id"])
    last = harness.published("marketing.opportunity-changed.v1")[-1]
    assert last["aggregateversion"] == shown["version"]
    assert (last["data"]["stage"], last["data"]["customer_id"]) == ("proposal", data["id"])


def test_concurrent_creations_get_different_numbers(harness: Harness, people: People) -> None:
    together = Barrier(6)

    def create(_: int) -> str:
        client = harness.as_(people.manager)
        together.wait(timeout=30)
        made: dict[str, Any] = client.post("/opportunities", FORM, 201)
        return str(made["number"])

    with ThreadPoolExecutor(6) as threads:
        numbers = sorted(threads.map(create, range(6)))
    assert [number.rpartition("-")[2] for number in numbers] == [f"{n:06}" for n in range(1, 7)]


def test_concurrent_moves_all_find_a_place(harness: Harness, people: People, make: Any) -> None:
    """Even if every move must make room, which changes the other cards of the stage."""
    ids = [make("developing")["id"] for _ in range(6)]
    with harness.session() as session:
        session.execute(text("UPDATE opportunity SET kanban_rank = 1.0"))
    together = Barrier(6)

    def move(turn: int) -> list[int]:
        client, mine = harness.as_(people.manager), ids[turn]
        together.wait(timeout=30)
        return [
            client.request(
                "POST", f"/opportunities/{mine}/stage",
                {"stage": "qualification", "above_id": ids[(turn + step) % 6]},
            ).status_code
            for step in range(1, 6)
        ]  # fmt: skip

    with ThreadPoolExecutor(6) as threads:
        statuses = [status for one in threads.map(move, range(6)) for status in one]
    assert statuses == [200] * 30
    page = harness.as_(people.manager).get("/opportunities?stage=qualification&sort=kanban_rank")
    ranks = [item["kanban_rank"] for item in page["items"]]
    assert sorted(item["id"] for item in page["items"]) == sorted(ids)
    assert len(set(ranks)) == 6
