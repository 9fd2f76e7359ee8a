"""E5: the sales funnel."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

from .conftest import OPEN, STAGES

PATH = "/sales-funnel"
pytestmark = pytest.mark.usefixtures("pipeline")


def _stages(harness: Harness, user: Any, query: str = "") -> dict[str, Any]:
    items = harness.as_(user).get(PATH + query)["items"]
    return {item["stage"]: item for item in items}


def test_an_empty_funnel_has_nine_stages(harness: Harness, staff: Any) -> None:
    report = harness.as_(staff.executive).get(f"{PATH}?year=1999")
    assert [item["stage"] for item in report["items"]] == list(STAGES)
    assert report["opportunities"] == 0
    assert {item["conversion_to_next"] for item in report["items"]} == {None}
    assert {item["count"] for item in report["items"]} == {0}


def test_count_and_amount_by_stage_and_currency(
    harness: Harness, staff: Any, make_opportunity: Any
) -> None:
    make_opportunity("qualification", expected_amount="10.00")
    make_opportunity("qualification", expected_amount=None)
    make_opportunity("qualification", expected_amount="7.00", currency="USD")
    make_opportunity("won", expected_amount="100.00", amount="80.00")
    make_opportunity("lost", expected_amount="50.00")
    make_opportunity(None)
    make_opportunity(None, status="voided")
    stages = _stages(harness, staff.executive)
    assert stages["qualification"]["count"] == 3
    assert stages["qualification"]["amounts"] == [
        {"currency": "CNY", "count": 2, "amount": "10.00"},
        {"currency": "USD", "count": 1, "amount": "7.00"},
    ]
    assert stages["won"]["amounts"] == [{"currency": "CNY", "count": 1, "amount": "80.00"}]
    assert stages["lost"]["amounts"] == [{"currency": "CNY", "count": 1, "amount": "50.00"}]
    assert harness.as_(staff.executive).get(PATH)["opportunities"] == 5


def test_conversion_from_stage_to_stage(
    harness: Harness, staff: Any, make_opportunity: Any, move: Any
) -> None:
    won = make_opportunity("won")
    move(won, *OPEN, "won")
    jumped = make_opportunity("negotiation")
    move(jumped, "qualification", "negotiation")
    lost = make_opportunity("lost_to_competitor")
    move(lost, "qualification", "needs_analysis", "lost_to_competitor")
    back = make_opportunity("qualification")
    move(back, "qualification", "value_proposition", "qualification")
    stages = _stages(harness, staff.executive)
    reached = [stages[stage]["reached"] for stage in (*OPEN, "won")]
    assert reached == [4, 4, 3, 2, 2, 2, 1]
    conversion = [stages[stage]["conversion_to_next"] for stage in (*OPEN, "won")]
    assert conversion == [1.0, 0.75, pytest.approx(2 / 3, abs=1e-6), 1.0, 1.0, 0.5, None]
    assert stages["lost_to_competitor"]["reached"] == 1
    assert stages["lost_to_competitor"]["conversion_to_next"] is None
    client = harness.as_(staff.executive)
    for stage, figures in stages.items():
        rows = client.get(f"{PATH}/rows?reached_stage={stage}")
        assert (stage, rows["total"]) == (stage, figures["reached"])


def test_a_state_without_its_moves_still_counts(
    harness: Harness, staff: Any, make_opportunity: Any
) -> None:
    make_opportunity("proposal")
    make_opportunity("lost")
    stages = _stages(harness, staff.executive)
    assert [stages[stage]["reached"] for stage in (*OPEN, "won")] == [2, 1, 1, 1, 1, 0, 0]
    rows = harness.as_(staff.executive).get(f"{PATH}/rows?reached_stage=qualification")
    assert rows["total"] == 2


def test_moves_without_their_opportunity_wait_for_it(
    harness: Harness, staff: Any, make_opportunity: Any, move: Any
) -> None:
    ident = str(new_id())
    move({"id": ident}, "qualification", "needs_analysis")
    assert harness.as_(staff.executive).get(PATH)["opportunities"] == 0
    make_opportunity("needs_analysis", id=ident)
    stages = _stages(harness, staff.executive)
    assert stages["needs_analysis"]["reached"] == 1
    assert stages["qualification"]["stays"] == 1


def test_time_in_stage(harness: Harness, staff: Any, make_opportunity: Any, move: Any) -> None:
    for days in (1, 2, 9):
        move(make_opportunity("needs_analysis"), "qualification", "needs_analysis", days=days)
    stages = _stages(harness, staff.executive)
    first = stages["qualification"]
    assert (first["stays"], first["average_seconds"], first["median_seconds"]) == (
        3,
        4 * 86_400,
        2 * 86_400,
    )
    assert stages["needs_analysis"]["stays"] == 0
    assert stages["needs_analysis"]["average_seconds"] is None


def test_a_director_sees_what_the_team_created_or_is_assigned(
    harness: Harness, staff: Any, make_opportunity: Any
) -> None:
    ours, theirs = str(staff.manager.id), str(staff.outsider.id)
    make_opportunity("proposal", number="A", assignee_id=ours, created_by=ours)
    make_opportunity("proposal", number="B", assignee_id=theirs, created_by=ours)
    make_opportunity("proposal", number="C", assignee_id=theirs, created_by=theirs)
    unled = harness.user("account_manager", department=harness.department("Unled"))
    make_opportunity("proposal", number="D", assignee_id=theirs, created_by=str(unled.id))
    for reader, numbers in (
        (staff.director, {"A", "B", "D"}),
        (staff.other_director, {"B", "C", "D"}),
        (staff.executive, {"A", "B", "C", "D"}),
    ):
        rows = harness.as_(reader).get(f"{PATH}/rows")
        assert {row["number"] for row in rows["items"]} == numbers
        assert harness.as_(reader).get(PATH)["opportunities"] == len(numbers)


def test_period_and_filters(harness: Harness, staff: Any, make_opportunity: Any) -> None:
    make_opportunity(
        "proposal", created_at="2025-12-31T16:00:00Z", source="fair", region="华北", industry="it"
    )
    make_opportunity(
        "proposal",
        created_at="2025-12-31T15:59:59Z",
        assignee_id=str(staff.outsider.id),
        currency="USD",
        source="web",
        region="华东",
        industry="food",
    )
    client = harness.as_(staff.executive)
    for query in (
        "year=2026",
        "from=2026-01-01&to=2026-01-01",
        f"assignee_id={staff.manager.id}",
        "source=fair",
        "source=ＦＡＩＲ",
        "region=华北",
        "industry=it",
        "currency=CNY",
    ):
        assert client.get(f"{PATH}?{query}")["opportunities"] == 1, query
        rows = client.get(f"{PATH}/rows?{query}")["items"]
        assert [row["source"] for row in rows] == ["fair"], query
    assert client.get(f"{PATH}/rows?stage=won")["total"] == 0
    assert client.get(f"{PATH}/rows?status=developing&stage=proposal,won")["total"] == 2


def test_deleted_opportunities_are_gone_whichever_event_comes_first(
    harness: Harness, staff: Any, make_opportunity: Any
) -> None:
    first = make_opportunity("proposal", version=2)
    deleted = "marketing.opportunity-deleted.v1"
    harness.deliver(deleted, {"id": first["id"]}, subject=first["id"], version=3)
    ident = str(new_id())
    harness.deliver(deleted, {"id": ident}, subject=ident, version=3)
    make_opportunity("proposal", id=ident, version=2)
    assert harness.as_(staff.executive).get(PATH)["opportunities"] == 0
    assert harness.as_(staff.executive).get(f"{PATH}/rows")["items"] == []
