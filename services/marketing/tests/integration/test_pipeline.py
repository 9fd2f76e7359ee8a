"""From assignment to the last open stage: plans, stages, the board, progress."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

from .conftest import FORM, People


def test_assign_needs_an_enabled_account_manager_of_the_team(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    path = f"/opportunities/{made['id']}/assign"
    director = harness.as_(people.director)
    gone = harness.user("account_manager", enabled=False)
    for bad in (gone.id, people.director.id, people.outsider.id, new_id()):
        problem = director.post(path, {"assignee_id": str(bad)}, 422)
        assert problem["errors"][0]["pointer"] == "/assignee_id"
    harness.as_(people.manager).post(path, {"assignee_id": str(people.manager.id)}, 403)
    assigned = director.post(path, {"assignee_id": str(people.colleague.id)})
    assert (assigned["status"], assigned["stage"]) == ("developing", "qualification")
    assert assigned["assigned_at"] is not None
    again = director.post(path, {"assignee_id": str(people.manager.id)})
    assert again["assignee_id"] == str(people.manager.id)
    events = harness.published("marketing.opportunity-assigned.v1")
    assert [e["data"]["previous_assignee_id"] for e in events] == [None, str(people.colleague.id)]


def test_candidates_best_match_first(harness: Harness, people: People) -> None:
    from kehu_chassis.identity.directory import Person

    with harness.session() as session:
        session.get_one(Person, people.colleague.id).regions = ["north"]
    made = harness.as_(people.manager).post("/opportunities", FORM | {"region": "north"}, 201)
    items = harness.as_(people.director).get(f"/opportunities/{made['id']}/assignee-candidates")[
        "items"
    ]
    assert [i["id"] for i in items] == [str(people.colleague.id), str(people.manager.id)]


def test_plan_is_kept_while_developing_only(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    manager = harness.as_(people.manager)
    path = f"/opportunities/{made['id']}/plan-items"
    step = {"date": "2026-12-13", "content": "Visit"}
    manager.post(path, step, 403)  # created by them, assigned to nobody yet
    harness.as_(people.director).post(
        f"/opportunities/{made['id']}/assign", {"assignee_id": str(people.manager.id)}
    )
    item = manager.post(path, step, 201)
    one = f"{path}/{item['id']}"
    manager.expect(428, "PATCH", one, {"content": "Call"})
    item = manager.expect(200, "PATCH", one, {"content": "Call"}, if_match=1)
    problem = manager.expect(
        409, "PATCH", one, {"content": "Call", "date": "2027-01-01"}, if_match=2
    )
    assert problem["code"] == "date-is-fixed"
    harness.as_(people.colleague).expect(404, "PATCH", one, {"content": "x"}, if_match=2)
    done = manager.expect(200, "PUT", f"{one}/result", {"result": "Liked it"}, if_match=2)
    assert done["state"] == "executed"
    again = manager.expect(200, "PUT", f"{one}/result", {"result": "Liked it"}, if_match=3)
    assert (again["version"], again["executed_at"]) == (3, done["executed_at"])
    other = manager.expect(409, "PUT", f"{one}/result", {"result": "Hated it"}, if_match=3)
    assert other["code"] == "plan-item-executed"
    for method, body in (("PATCH", {"content": "x"}), ("DELETE", None)):
        assert manager.expect(409, method, one, body, if_match=3)["code"] == "plan-item-executed"
    other = manager.post(path, step, 201)
    manager.expect(204, "DELETE", f"{path}/{other['id']}", if_match=1)
    pending = manager.post(path, step, 201)
    manager.post(f"/opportunities/{made['id']}/win", {})
    items = {i["id"]: i for i in manager.get(path)["items"]}
    assert items[pending["id"]]["state"] == "not_executed"
    assert items[item["id"]]["state"] == "executed"
    audited = [e["data"] for e in harness.published("marketing.audit-recorded.v1")]
    (closed,) = [e for e in audited if e["record_id"] == pending["id"] and e["action"] == "changed"]
    assert closed["changes"] == [{"field": "state", "old": "pending", "new": "not_executed"}]
    assert items[pending["id"]]["version"] == 2
    manager.post(path, step, 409)
    manager.expect(409, "PUT", f"{path}/{pending['id']}/result", {"result": "x"}, if_match="*")


def test_stages_move_among_the_open_ones(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager = harness.as_(people.manager)
    path = f"/opportunities/{developing['id']}"
    moved = manager.post(f"{path}/stage", {"stage": "proposal"})
    assert (moved["stage"], moved["success_rate"]) == ("proposal", 40)
    moved = manager.post(f"{path}/stage", {"stage": "needs_analysis", "success_rate": 30})
    assert moved["success_rate"] == 30
    for closing in ("won", "lost", "lost_to_competitor"):
        assert manager.post(f"{path}/stage", {"stage": closing}, 409)["code"] == "stage-not-open"
    manager.post(f"{path}/stage", {"stage": "nonsense"}, 422)
    harness.as_(people.executive).post(f"{path}/stage", {"stage": "proposal"}, 403)
    changes = manager.get(f"{path}/history")["stage_changes"]
    assert [c["to_stage"] for c in changes] == ["qualification", "proposal", "needs_analysis"]
    assert changes[0]["seconds_in_from_stage"] is None
    assert changes[1]["seconds_in_from_stage"] >= 0
    stages = manager.get("/stages")["items"]
    assert len(stages) == 9
    assert [s["type"] for s in stages] == ["open"] * 6 + ["won", "lost", "lost"]


def test_kanban_order(harness: Harness, people: People) -> None:
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    ids = []
    for _ in range(3):
        made = manager.post("/opportunities", FORM, 201)
        director.post(
            f"/opportunities/{made['id']}/assign", {"assignee_id": str(people.manager.id)}
        )
        ids.append(made["id"])

    def order() -> list[str]:
        page = manager.get("/opportunities?status=developing&sort=kanban_rank")
        return [item["id"] for item in page["items"]]

    assert order() == ids[::-1]
    body = {"stage": "qualification", "above_id": ids[1]}
    manager.post(f"/opportunities/{ids[0]}/stage", body)
    assert order() == [ids[2], ids[0], ids[1]]
    manager.post(f"/opportunities/{ids[0]}/stage", body | {"above_id": str(new_id())}, 422)


def test_kanban_order_holds_for_any_number_of_moves(harness: Harness, people: People) -> None:
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    ids = []
    manager.post("/opportunities", FORM, 201)  # has rank 0, near which there is endless room
    for _ in range(4):
        made = manager.post("/opportunities", FORM, 201)
        body = {"assignee_id": str(people.manager.id)}
        director.post(f"/opportunities/{made['id']}/assign", body)
        ids.append(made["id"])
    top, *turns, bottom = ids[::-1]
    versions = {i: manager.get(f"/opportunities/{i}")["version"] for i in (top, bottom)}
    for move in range(200):
        above, below = turns[move % 2], turns[(move + 1) % 2]
        # Always right above the lowest card, below the one that was put there before it.
        body = {"stage": "qualification", "above_id": bottom}
        manager.post(f"/opportunities/{above}/stage", body)
        page = manager.get("/opportunities?status=developing&sort=kanban_rank")
        assert [item["id"] for item in page["items"]] == [top, below, above, bottom], move
    for i, version in versions.items():
        assert manager.get(f"/opportunities/{i}")["version"] == version


def test_a_new_card_finds_its_place_by_an_index(harness: Harness) -> None:
    with harness.session() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = session.scalars(text("EXPLAIN SELECT min(kanban_rank) FROM opportunity")).all()
    assert "ix_opportunity_kanban_rank_id" in "".join(plan)


def test_the_director_plans_and_progresses_too(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    director = harness.as_(people.director)
    path = f"/opportunities/{developing['id']}"
    item = director.post(f"{path}/plan-items", {"date": "2026-12-13", "content": "Visit"}, 201)
    one = f"{path}/plan-items/{item['id']}"
    director.expect(200, "PATCH", one, {"content": "Call"}, if_match=1)
    done = director.expect(200, "PUT", f"{one}/result", {"result": "Liked it"}, if_match=2)
    assert done["state"] == "executed"
    body = {"success_rate": 70}
    changed = director.expect(200, "PATCH", f"{path}/progress", body, if_match="*")
    assert changed["success_rate"] == 70
    [kept] = director.get(f"{path}/history")["progress_changes"]
    assert kept["changed_by"] == str(people.director.id)
    harness.as_(people.other_director).expect(404, "PATCH", f"{path}/progress", body, if_match="*")


def test_a_creator_who_is_not_the_assignee_only_reads_from_then_on(
    harness: Harness, people: People, made: dict[str, Any]
) -> None:
    path, creator = f"/opportunities/{made['id']}", harness.as_(people.manager)
    body = {"assignee_id": str(people.colleague.id)}
    harness.as_(people.director).post(f"{path}/assign", body)
    step = {"date": "2026-12-13", "content": "Visit"}
    item = harness.as_(people.colleague).post(f"{path}/plan-items", step, 201)
    one = f"{path}/plan-items/{item['id']}"
    assert creator.get(path)["status"] == "developing"
    assert creator.get(one)["content"] == "Visit"
    creator.post(f"{path}/plan-items", step, 403)
    creator.expect(403, "PATCH", one, {"content": "x"}, if_match=1)
    creator.expect(403, "PUT", f"{one}/result", {"result": "x"}, if_match=1)
    creator.expect(403, "DELETE", one, if_match=1)
    creator.expect(403, "PATCH", f"{path}/progress", {"success_rate": 1}, if_match="*")
    creator.post(f"{path}/stage", {"stage": "proposal"}, 403)
    creator.post(f"{path}/win", {}, 403)
    creator.post(f"{path}/lose", {"reason_code": "price", "reason": "x"}, 403)


def test_progress_keeps_every_change(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager = harness.as_(people.manager)
    path = f"/opportunities/{developing['id']}"
    body = {"expected_amount": "99000.00", "success_rate": 70}
    manager.expect(428, "PATCH", f"{path}/progress", body)
    changed = manager.expect(200, "PATCH", f"{path}/progress", body, if_match=developing["version"])
    assert changed["expected_amount"] == "99000.00"
    kept = manager.get(f"{path}/history")["progress_changes"]
    assert {(c["field"], c["old"], c["new"]) for c in kept} == {
        ("expected_amount", "120000.00", "99000.00"), ("success_rate", 40, 70),
    }  # fmt: skip
    manager.expect(422, "PATCH", f"{path}/progress", {"summary": "x"}, if_match="*")
