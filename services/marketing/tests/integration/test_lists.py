"""The list of opportunities: filters, ranges, orders, pages, search."""

from __future__ import annotations

from typing import Any

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

from .conftest import People

SORTS = (
    "created_at", "number", "customer_name", "success_rate", "expected_amount",
    "expected_close_date", "closed_at", "kanban_rank",
)  # fmt: skip


def _found(client: Any, query: str) -> set[str]:
    page = client.get(f"/opportunities?{query}")
    assert (page["total"], page["total_capped"]) == (len(page["items"]), False)
    return {item["id"] for item in page["items"]}


def test_every_filter_finds_its_opportunities(harness: Harness, people: People, make: Any) -> None:
    plain = make()
    north = make(region="north", industry="trade", source="exhibition")
    south = make(region="south", industry="trade", source="referral")
    developing = make("developing", assignee=people.colleague)
    won = make("won", creator=people.director)
    director, every = harness.as_(people.director), [plain, north, south, developing, won]
    for query, wanted in (
        ("", every),
        ("status=unassigned", [plain, north, south]),
        ("status=developing,won", [developing, won]),
        ("stage=qualification", [developing]),
        ("stage=qualification,won", [developing, won]),
        (f"assignee_id={people.colleague.id}", [developing]),
        (f"assignee_id={people.colleague.id},{people.manager.id}", [developing, won]),
        (f"created_by={people.director.id}", [won]),
        (f"customer_id={new_id()}", []),
        ("region=north", [north]),
        ("region=north,south", [north, south]),
        ("industry=trade", [north, south]),
        ("industry=trade&source=referral", [south]),
        ("source=exhibition&region=south", []),
        ("source=Exhibition", []),
    ):
        assert _found(director, query) == {one["id"] for one in wanted}, query
    assert _found(harness.as_(people.colleague), "") == {developing["id"]}
    assert _found(harness.as_(people.colleague), "status=unassigned") == set()


def test_ranges_include_both_ends(harness: Harness, people: People, make: Any) -> None:
    low = make(success_rate=10, expected_amount="1.00", expected_close_date="2026-01-31")
    high = make(success_rate=90, expected_amount="9.99", expected_close_date="2026-12-31")
    none = make("lost", success_rate=50, expected_amount=None, expected_close_date=None)
    manager = harness.as_(people.manager)
    closed = none["closed_at"].replace("+", "%2B")
    created = high["created_at"].replace("+", "%2B")
    for query, wanted in (
        ("success_rate_from=10&success_rate_to=90", [low, high]),  # that of a lost one is 0
        ("success_rate_from=11", [high]),
        ("success_rate_to=0", [none]),
        ("expected_amount_from=1.00", [low, high]),
        ("expected_amount_from=1.01&expected_amount_to=9.99", [high]),
        ("expected_amount_to=0.99", []),
        ("expected_close_date_from=2026-01-31&expected_close_date_to=2026-12-30", [low]),
        ("expected_close_date_from=2026-12-31", [high]),
        (f"closed_at_from={closed}&closed_at_to={closed}", [none]),
        ("closed_at_to=2000-01-01T00:00:00Z", []),
        (f"created_at_from={created}", [high, none]),
        (f"created_at_to={created}", [low, high]),
    ):
        assert _found(manager, query) == {one["id"] for one in wanted}, query


def test_every_order_pages_through_all_once_with_the_empty_ones_last(
    harness: Harness, people: People, make: Any
) -> None:
    for number, (name, amount, date) in enumerate(
        [("乙", "5.00", None), ("甲", None, "2026-05-01"), ("B", "5.00", None), ("a", None, None)]
    ):
        make(
            "lost" if number == 2 else "unassigned", customer_name=name, success_rate=7 * number,
            expected_amount=amount, expected_close_date=date,
        )  # fmt: skip
    manager = harness.as_(people.manager)
    for sort in SORTS:
        for descending in (False, True):
            query = f"/opportunities?limit=1&sort={'-' if descending else ''}{sort}"
            page = manager.get(query)
            assert page["total"] == 4
            seen = page["items"]
            while page["next_cursor"]:
                page = manager.get(f"{query}&cursor={page['next_cursor']}")
                seen += page["items"]
            assert len({item["id"] for item in seen}) == len(seen) == 4, sort
            values = [item[sort] for item in seen]
            filled = [value for value in values if value is not None]
            assert values == filled + [None] * (4 - len(filled)), sort
            if sort != "customer_name":  # whose order is the database's
                assert filled == sorted(filled, reverse=descending), sort
    newest_first = manager.get("/opportunities")["items"]
    assert newest_first == manager.get("/opportunities?sort=-created_at")["items"]


def test_search_covers_the_present_number_name_summary_and_phone(
    harness: Harness, people: People, make: Any
) -> None:
    made = make(
        customer_name="上海明珠",
        summary="Copy paper",
        contact_phone="010-6588",
        description="hidden",
    )
    make(customer_name="Other", summary="Ink")
    manager, path = harness.as_(people.manager), f"/opportunities/{made['id']}"
    for q in ("明珠", "shmz", "COPY", "py pa", "6588", made["number"], "paper 上海"):
        assert _found(manager, f"q={q}") == {made["id"]}, q
    for q in ("hidden", "珠明", "paperx", "%25", "_"):
        assert _found(manager, f"q={q}") == set(), q
    manager.expect(200, "PATCH", path, {"customer_name": "Pearl"}, if_match="*")
    assert _found(manager, "q=明珠") == set()
    assert _found(manager, "q=pearl") == {made["id"]}
    body = {"assignee_id": str(people.manager.id)}
    harness.as_(people.director).post(f"{path}/assign", body)
    manager.expect(200, "PATCH", f"{path}/progress", {"contact_phone": "7777"}, if_match="*")
    assert _found(manager, "q=7777") == {made["id"]}
    assert _found(manager, "q=6588") == set()
    assert _found(harness.as_(people.outsider), "q=pearl") == set()


def test_invalid_queries_are_refused(harness: Harness, people: People) -> None:
    manager = harness.as_(people.manager)
    for query, pointer in (
        ("status=open", "/status/0"),
        ("status=won,open", "/status/1"),
        ("status=", "/status/0"),
        ("assignee_id=me", "/assignee_id/0"),
        ("success_rate_from=high", "/success_rate_from"),
        ("expected_amount_to=1.00001", "/expected_amount_to"),
        ("expected_close_date_from=soon", "/expected_close_date_from"),
        ("created_at_from=2026-02-30T00:00:00Z", "/created_at_from"),
        ("sort=stage", "/sort"),
        ("sort=--number", "/sort"),
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        (f"region={','.join(['x'] * 51)}", "/region"),
        (f"q={'x' * 101}", "/q"),
        ("status=won&status=lost", "/status"),
        ("page=2", "/page"),
    ):
        problem = manager.get(f"/opportunities?{query}", 422)
        assert [error["pointer"] for error in problem["errors"]] == [pointer], query
    assert manager.get("/opportunities?cursor=x", 422)["code"] == "invalid-cursor"
