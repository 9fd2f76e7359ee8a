"""The board, and the counts of opportunities."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kehu_chassis.data import counts
from kehu_chassis.testing import Harness
from kehu_marketing.features.opportunities.models import Opportunity

from .conftest import People


def _stages(board: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["stage"]: column for column in board["items"]}


def test_the_board_has_every_open_stage_with_its_sums_and_first_cards(
    harness: Harness, people: People, make: Any
) -> None:
    first = make("developing", expected_amount="100.00")
    make("developing", expected_amount="50.50", assignee=people.colleague)
    make("developing", expected_amount=None)
    make("developing", expected_amount="7.00", currency="USD")
    make("won", expected_amount="1.00")
    make(expected_amount="2.00")
    manager = harness.as_(people.manager)
    manager.post(f"/opportunities/{first['id']}/stage", {"stage": "proposal"})
    board = harness.as_(people.director).get("/opportunities/board?limit=1")
    open_stages = [
        stage["code"] for stage in manager.get("/stages")["items"] if stage["type"] == "open"
    ]
    assert [column["stage"] for column in board["items"]] == open_stages
    columns = _stages(board)
    assert columns["proposal"]["amounts"] == [{"currency": "CNY", "count": 1, "amount": "100.00"}]
    assert [card["id"] for card in columns["proposal"]["opportunities"]] == [first["id"]]
    assert columns["proposal"]["opportunities"][0]["assignee_name"] == "Manager"
    assert columns["proposal"]["next_cursor"] is None
    qualified = columns["qualification"]
    assert qualified["count"] == 3
    assert qualified["amounts"] == [
        {"currency": "CNY", "count": 2, "amount": "50.50"},
        {"currency": "USD", "count": 1, "amount": "7.00"},
    ]
    assert len(qualified["opportunities"]) == 1
    assert all(
        column["count"] == 0
        for stage, column in columns.items()
        if stage not in ("proposal", "qualification")
    )


def test_the_list_continues_a_column(harness: Harness, people: People, make: Any) -> None:
    made = [make("developing", region="north") for _ in range(3)]
    make("developing", region="south")
    client = harness.as_(people.director)
    column = _stages(client.get("/opportunities/board?limit=2&region=north"))["qualification"]
    query = "status=developing&stage=qualification&sort=kanban_rank&limit=2&region=north"
    rest = client.get(f"/opportunities?{query}&cursor={column['next_cursor']}")
    seen = [*column["opportunities"], *rest["items"]]
    assert [card["id"] for card in seen] == [card["id"] for card in reversed(made)]
    only = client.get("/opportunities/board?stage=qualification&region=south")
    assert [(column["stage"], column["count"]) for column in only["items"]] == [
        ("qualification", 1)
    ]


def test_a_board_shows_what_its_reader_may_read(
    harness: Harness, people: People, make: Any
) -> None:
    make("developing", assignee=people.manager)
    make("developing", creator=people.colleague, assignee=people.colleague)
    for user, seen in (
        (people.manager, 1), (people.director, 2), (people.executive, 2), (people.outsider, 0),
    ):  # fmt: skip
        column = _stages(harness.as_(user).get("/opportunities/board"))["qualification"]
        assert (column["count"], len(column["opportunities"])) == (seen, seen), user.username
    harness.as_(harness.user("service_agent")).get("/opportunities/board", 403)
    harness.as_(harness.user("service_agent")).get("/opportunities/counts?by=status", 403)


@pytest.mark.parametrize("cap", [counts.COUNT_CAP, 2])
def test_opportunities_are_counted_by_status_stage_and_assignee(
    harness: Harness, people: People, make: Any, monkeypatch: pytest.MonkeyPatch, cap: int
) -> None:
    """Beyond the cap in all, each value is counted up to the cap."""
    monkeypatch.setattr(counts, "COUNT_CAP", cap)
    for _ in range(3):
        make(region="north")
    make("developing", assignee=people.colleague)
    make("developing", assignee=people.manager, region="north")
    make("won", assignee=people.manager)
    client = harness.as_(people.director)

    def counted(by: str, query: str = "") -> list[tuple[Any, int, bool]]:
        found = client.get(f"/opportunities/counts?by={by}&{query}")
        assert found["by"] == by
        return [(one["value"], one["count"], one["capped"]) for one in found["items"]]

    three = (min(3, cap), cap < 3)
    assert counted("status") == [
        ("unassigned", *three), ("developing", 2, False), ("won", 1, False), ("lost", 0, False),
        ("voided", 0, False),
    ]  # fmt: skip
    assert counted("stage") == [
        (None, *three), ("qualification", 2, False), ("won", 1, False)
    ]  # fmt: skip
    assert set(counted("assignee_id")) == {
        (None, *three),
        (str(people.manager.id), 2, False),
        (str(people.colleague.id), 1, False),
    }
    assert counted("status", "region=north") == [
        ("unassigned", *three), ("developing", 1, False), ("won", 0, False), ("lost", 0, False),
        ("voided", 0, False),
    ]  # fmt: skip
    named = client.get("/opportunities/counts?by=assignee_id&status=won")["items"]
    assert [(one["value"], one["name"]) for one in named] == [(str(people.manager.id), "Manager")]
    assert client.get("/opportunities/counts")["by"] == "status"
    client.get("/opportunities/counts?by=region", 422)
    mine = harness.as_(people.outsider).get("/opportunities/counts?by=status")
    assert {one["count"] for one in mine["items"]} == {0}


def test_sums_are_exact(harness: Harness, people: People, make: Any) -> None:
    made = make("developing")
    with harness.session() as session:
        opportunity = session.get_one(Opportunity, UUID(made["id"]))
        opportunity.expected_amount = Decimal("9999999999999999.99")
    column = _stages(harness.as_(people.manager).get("/opportunities/board"))["qualification"]
    assert column["amounts"][0]["amount"] == "9999999999999999.99"
