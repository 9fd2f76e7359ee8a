"""The board: cards move among the open stages, to right above another card."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

from .conftest import People

STAGES = (
    "qualification", "needs_analysis", "value_proposition", "decision_makers", "proposal",
    "negotiation",
)  # fmt: skip


def _board(client: Any, stage: str) -> list[str]:
    page = client.get(f"/opportunities?status=developing&stage={stage}&sort=kanban_rank&limit=200")
    return [item["id"] for item in page["items"]]


def test_every_open_stage_is_reached_from_every_other(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, path = harness.as_(people.manager), f"/opportunities/{developing['id']}"
    moves = [(a, b) for a in STAGES for b in STAGES if a != b]
    for before, after in moves:
        if manager.get(path)["stage"] != before:
            manager.post(f"{path}/stage", {"stage": before})
        moved = manager.post(f"{path}/stage", {"stage": after})
        assert (moved["stage"], moved["status"], moved["success_rate"]) == (after, "developing", 40)
        assert moved["kanban_rank"] == developing["kanban_rank"]


def test_a_closing_stage_changes_nothing_by_moving(
    harness: Harness, people: People, developing: dict[str, Any]
) -> None:
    manager, path = harness.as_(people.manager), f"/opportunities/{developing['id']}"
    for stage in ("won", "lost", "lost_to_competitor"):
        problem = manager.post(f"{path}/stage", {"stage": stage, "success_rate": 1}, 409)
        assert (problem["code"], problem["params"]) == ("stage-not-open", {"stage": stage})
    [error] = manager.post(f"{path}/stage", {"stage": "Proposal"}, 422)["errors"]
    assert (error["pointer"], error["code"]) == ("/stage", "unknown-reference")
    assert manager.get(path) == developing


def test_a_new_card_lies_on_top_of_all(harness: Harness, people: People, make: Any) -> None:
    ids = [make("developing")["id"] for _ in range(4)]
    manager = harness.as_(people.manager)
    assert _board(manager, "qualification") == ids[::-1]
    manager.post(f"/opportunities/{ids[0]}/stage", {"stage": STAGES[0], "above_id": ids[3]})
    newest = make("developing")["id"]
    assert _board(manager, "qualification")[:2] == [newest, ids[0]]


def test_a_card_is_put_above_a_visible_card_of_the_stage_only(
    harness: Harness, people: People, make: Any
) -> None:
    mine, beside, elsewhere = make("developing"), make("developing"), make("developing")
    unassigned, won, lost, voided = (make(s) for s in ("unassigned", "won", "lost", "voided"))
    foreign = make("developing", creator=people.colleague, assignee=people.colleague)
    manager, path = harness.as_(people.manager), f"/opportunities/{mine['id']}"
    manager.post(f"/opportunities/{elsewhere['id']}/stage", {"stage": "proposal"})
    for other in (elsewhere, unassigned, won, lost, voided, foreign, mine, {"id": str(new_id())}):
        body = {"stage": "qualification", "success_rate": 3, "above_id": other["id"]}
        [error] = manager.post(f"{path}/stage", body, 422)["errors"]
        assert (error["pointer"], error["code"]) == ("/above_id", "unknown-reference")
    assert manager.get(path) == mine
    body = {"stage": "proposal", "above_id": beside["id"]}  # which is in another stage than that
    manager.post(f"{path}/stage", body, 422)
    manager.post(f"{path}/stage", {"stage": "qualification", "above_id": beside["id"]})
    moved = manager.post(f"{path}/stage", {"stage": "proposal", "above_id": elsewhere["id"]})
    assert moved["stage"] == "proposal"
    assert _board(manager, "proposal") == [mine["id"], elsewhere["id"]]
    # The director sees the foreign card, and between whose cards it comes to lie.
    body = {"stage": "qualification", "above_id": foreign["id"]}
    harness.as_(people.director).post(f"{path}/stage", body)
    assert _board(harness.as_(people.director), "qualification")[0] == mine["id"]


def test_cards_of_others_keep_their_place_between(
    harness: Harness, people: People, make: Any
) -> None:
    """The card goes right above the other one, below a card that the caller does not see."""
    lowest = make("developing")["id"]
    foreign = make("developing", creator=people.colleague, assignee=people.colleague)["id"]
    highest = make("developing")["id"]
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    body = {"stage": "qualification", "above_id": lowest}
    manager.post(f"/opportunities/{highest}/stage", body)
    assert _board(director, "qualification") == [foreign, highest, lowest]
    assert _board(manager, "qualification") == [highest, lowest]


@pytest.mark.parametrize("ranks", [(1.0, 1.0, 1.0), (1.0, 1.0000000000000002, 1.0000000000000004)])
def test_room_is_made_without_changing_the_order_or_a_version(
    harness: Harness, people: People, make: Any, ranks: tuple[float, ...]
) -> None:
    ids = [make("developing")["id"] for _ in range(3)]
    mover, elsewhere = make("developing")["id"], make("developing")
    manager, director = harness.as_(people.manager), harness.as_(people.director)
    manager.post(f"/opportunities/{elsewhere['id']}/stage", {"stage": "proposal"})
    with harness.session() as session:
        for ident, rank in zip(ids, ranks, strict=True):
            session.execute(
                text("UPDATE opportunity SET kanban_rank = :rank WHERE id = :id"),
                {"rank": rank, "id": ident},
            )
    before = {i: manager.get(f"/opportunities/{i}") for i in [*ids, elsewhere["id"]]}
    published = len(harness.published())
    body = {"stage": "qualification", "above_id": ids[1]}
    director.post(f"/opportunities/{mover}/stage", body)
    assert _board(manager, "qualification") == [ids[0], mover, *ids[1:]]
    # What is published is the card that was moved, and its entry in the audit trail.
    news = harness.published()[published:]
    moved = [e["subject"] for e in news if "audit" not in e["type"]]
    audited = [e["data"]["record_id"] for e in news if "audit" in e["type"]]
    assert (moved, audited) == ([mover], [mover])
    for ident, shown in before.items():
        after = manager.get(f"/opportunities/{ident}")
        assert after | {"kanban_rank": 0} == shown | {"kanban_rank": 0}
    assert manager.get(f"/opportunities/{elsewhere['id']}") == before[elsewhere["id"]]


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda m: m[0] != m[1]),
        min_size=1, max_size=12,
    ),
    crowded=st.booleans(),
)  # fmt: skip
def test_any_moves_leave_the_board_in_the_expected_order(
    harness: Harness, people: People, make: Any, moves: list[tuple[int, int]], crowded: bool
) -> None:
    with harness.session() as session:
        session.execute(text("DELETE FROM opportunity"))
    manager = harness.as_(people.manager)
    ids = [make("developing")["id"] for _ in range(5)]
    board = {STAGES[0]: ids[::-1], STAGES[1]: []}
    for ident in ids[:2]:
        manager.post(f"/opportunities/{ident}/stage", {"stage": STAGES[1]})
        board[STAGES[0]].remove(ident)
        board[STAGES[1]].insert(0, ident)
    if crowded:
        with harness.session() as session:
            session.execute(text("UPDATE opportunity SET kanban_rank = 0.0"))
        board = {stage: _board(manager, stage) for stage in board}
    for mover, target in moves:
        stage = next(s for s, cards in board.items() if ids[target] in cards)
        body = {"stage": stage, "above_id": ids[target]}
        moved = manager.post(f"/opportunities/{ids[mover]}/stage", body)
        assert moved["stage"] == stage
        for cards in board.values():
            if ids[mover] in cards:
                cards.remove(ids[mover])
        board[stage].insert(board[stage].index(ids[target]), ids[mover])
        assert {s: _board(manager, s) for s in board} == board


def test_the_pipeline_is_shown_to_everybody_who_is_signed_in(
    harness: Harness, people: People
) -> None:
    items = harness.as_(harness.user("service_agent")).get("/stages")["items"]
    assert [(i["code"], i["type"], i["probability"]) for i in items] == [
        ("qualification", "open", 10), ("needs_analysis", "open", 20),
        ("value_proposition", "open", 40), ("decision_makers", "open", 50),
        ("proposal", "open", 65), ("negotiation", "open", 80), ("won", "won", 100),
        ("lost", "lost", 0), ("lost_to_competitor", "lost", 0),
    ]  # fmt: skip
    assert [i["position"] for i in items] == sorted(i["position"] for i in items)
    assert all(i["label_zh"] and i["label_en"] for i in items)
    harness.as_(people.manager).get("/stages?x=1", 422)
