"""Lists: every row once, in order, for every type of column, despite concurrent changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from kehu_sample.features.notes.models import Note
from kehu_sample.features.notes.schemas import LISTING
from sqlalchemy import select, text

from kehu_chassis.data import listing, walking
from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.harness import Client
from kehu_chassis.testing.plans import sorts_rows

START = datetime(2026, 1, 1, tzinfo=UTC)
SORTS = ("title", "amount", "due_on", "remind_at", "rank", "pinned", "topic_id", "created_at")


@pytest.fixture
def client(harness: Harness, boss: User) -> Client:
    return harness.as_(boss)


@pytest.fixture
def notes(harness: Harness) -> list[Note]:
    """Twenty-three notes, with ties and with empty values in every nullable column."""
    rows = []
    for number in range(23):
        full = number % 4 != 3
        rows.append(
            Note(
                title=("客户", "a", "B", "😀" * 60)[number % 4] + str(number // 8),
                status="archived" if number % 5 == 0 else "open",
                amount=Decimal(number % 3) + Decimal("0.10") if full else None,
                due_on=date(2026, 1, 1 + number % 3) if full else None,
                remind_at=START + timedelta(microseconds=number % 3) if full else None,
                rank=number % 3 - 1 if full else None,
                pinned=number % 2 == 0 if full else None,
                topic_id=new_id() if full else None,
                created_at=START + timedelta(seconds=number // 2),
            )
        )
    with harness.session() as session:
        session.add_all(rows)
    return rows


def pages(client: Client, query: str = "", limit: int = 5) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        page = client.get(f"/notes?limit={limit}{query}{cursor}")
        yield page
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def ids(client: Client, query: str = "", limit: int = 5) -> list[str]:
    return [item["id"] for page in pages(client, query, limit) for item in page["items"]]


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("column", SORTS)
def test_pages_of_every_column_type(
    client: Client, harness: Harness, notes: list[Note], column: str, direction: str
) -> None:
    """All rows once, empty values at the end, ties by id in the same direction."""
    field = getattr(Note, column)
    order = field.desc() if direction else field.asc()
    tie = Note.id.desc() if direction else Note.id.asc()
    with harness.session() as session:
        statement = select(Note.id).order_by(order.nulls_last(), tie)
        expected = [str(value) for value in session.scalars(statement)]
    for limit in (1, 4, 22, 23, 24):
        assert ids(client, f"&sort={direction}{column}", limit) == expected


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sort as with an index, of which three rows are walked."""
    monkeypatch.setattr(LISTING, "_walked", set(SORTS))
    monkeypatch.setattr(walking, "WALK", 3)


@pytest.mark.parametrize("query", ["", "&status=archived", "&q=b"])
@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("column", ["title", "amount", "pinned", "created_at"])
def test_walked_and_collected_pages_are_the_same(
    request: pytest.FixtureRequest,
    client: Client,
    notes: list[Note],
    column: str,
    direction: str,
    query: str,
) -> None:
    query = f"{query}&sort={direction}{column}"
    limits = (2, 7, 30)
    expected = [ids(client, query, limit) for limit in limits]
    total = client.get(f"/notes?limit=1{query}")["total"]
    assert all(len(found) == total for found in expected)
    request.getfixturevalue("walks")
    assert [ids(client, query, limit) for limit in limits] == expected
    assert client.get(f"/notes?limit=1{query}")["total"] == total


def test_what_is_frequent_is_counted_at_the_beginning_only(
    client: Client, notes: list[Note], walks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNT_WALK", 10)
    page = client.get("/notes?limit=1&status=open")
    assert (page["total"], page["total_capped"]) == (8, True)
    page = client.get("/notes?limit=5&status=archived")  # few: collected, and counted exactly
    assert (page["total"], page["total_capped"]) == (5, False)


def test_lists_have_records_by_id(client: Client, notes: list[Note]) -> None:
    chosen = [str(note.id) for note in notes[3:6]]
    assert sorted(ids(client, f"&id={','.join(chosen)}")) == sorted(chosen)
    assert ids(client, f"&id={chosen[0]}&status=archived") == []
    client.get("/notes?id=7", status=422)
    client.get(f"/notes?id={','.join([chosen[0]] * 201)}", status=422)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        # A day of the company, in Shanghai, ends at 16:00 UTC.
        ("remind_at_from=2026-01-01", 2),
        ("remind_at_to=2026-01-01", 2),
        ("remind_at_from=2026-01-01&remind_at_to=2026-01-01", 1),
        ("remind_at_from=2026-01-02&remind_at_to=2026-01-02", 1),
        ("remind_at_from=2026-01-01T16:00:00Z&remind_at_to=2026-01-02", 1),
        ("remind_at_to=2026-01-02", 3),
    ],
)
def test_moments_are_filtered_by_days_of_the_company(
    client: Client, harness: Harness, query: str, count: int
) -> None:
    moments = ("2025-12-31T15:59:59.999999", "2026-01-01T15:59:59.999999", "2026-01-01T16:00:00")
    with harness.session() as session:
        for moment in moments:
            remind_at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
            session.add(Note(title="a", remind_at=remind_at))
    assert client.get(f"/notes?{query}")["total"] == count


@pytest.mark.parametrize("day", ["2026-02-30", "9999-12-31", "2026-1-1", "20260101"])
def test_days_that_are_none_are_refused(client: Client, day: str) -> None:
    client.get(f"/notes?remind_at_to={day}", status=422)


@pytest.mark.parametrize("sort", ["amount", "-amount", "created_at", "-created_at"])
def test_one_index_serves_both_directions_of_a_sort(harness: Harness, sort: str) -> None:
    statement = select(Note)
    assert sorts_rows(harness, LISTING, statement, sort)
    with harness.session() as session:
        session.execute(text(f"CREATE INDEX ON note ({sort.removeprefix('-')}, id)"))
    assert not sorts_rows(harness, LISTING, statement, sort)


def test_the_first_page_has_the_total(client: Client, notes: list[Note]) -> None:
    first, *others = list(pages(client, limit=10))
    assert (first["total"], first["total_capped"], len(first["items"])) == (23, False, 10)
    assert all(page["total"] is None and page["total_capped"] is None for page in others)
    assert [len(page["items"]) for page in others] == [10, 3]
    assert client.get("/notes?limit=1&status=archived")["total"] == 5


def test_the_total_is_capped(
    client: Client, notes: list[Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNT_CAP", 22)
    page = client.get("/notes?limit=10")
    assert (page["total"], page["total_capped"]) == (22, True)
    monkeypatch.setattr(listing, "COUNT_CAP", 23)
    page = client.get("/notes")
    assert (page["total"], page["total_capped"]) == (23, False)


def test_the_exact_total_is_counted_on_request(
    client: Client, notes: list[Note], walks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNT_CAP", 2)
    monkeypatch.setattr(listing, "COUNT_WALK", 10)
    for query, total in (("", 23), ("&status=archived", 5), ("&q=zzz", 0)):
        page = client.get(f"/notes?limit=1&exact_total=true{query}")
        assert (page["total"], page["total_capped"]) == (total, False), query
    # It concerns neither the rows nor the cursor.
    first = client.get("/notes?limit=10&exact_total=true")
    following = client.get(f"/notes?limit=10&cursor={first['next_cursor']}")
    assert len(following["items"]) == 10 and following["total"] is None


def test_an_empty_list_has_one_page(client: Client) -> None:
    assert client.get("/notes") == {
        "items": [], "next_cursor": None, "total": 0, "total_capped": False,
    }  # fmt: skip


def test_concurrent_changes_do_not_shift_pages(
    client: Client, harness: Harness, notes: list[Note]
) -> None:
    first = client.get("/notes?limit=5&sort=title")
    with harness.session() as session:
        session.add(Note(title="0 first of all"))
        session.delete(session.get_one(Note, UUID(first["items"][-1]["id"])))
    rest = ids(client, f"&sort=title&cursor={first['next_cursor']}", limit=200)
    assert len(rest) == 18
    assert not {item["id"] for item in first["items"]} & set(rest)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=open", 18),
        ("status=open,archived", 23),
        ("pinned=true", 12),
        ("pinned=true,false", 18),
        ("amount_from=1.10", 12),
        ("amount_from=1.10&amount_to=1.10", 6),
        ("amount_to=-5", 0),
        ("rank_from=0&rank_to=0", 6),
        ("due_on_from=2026-01-02&due_on_to=2026-01-02", 6),
        ("remind_at_to=2026-01-01T08:00:00%2B08:00", 6),
        ("owner_id=00000000-0000-0000-0000-000000000001", 0),
        ("status=archived&pinned=true&limit=1", 3),
    ],
)
def test_filters(client: Client, notes: list[Note], query: str, count: int) -> None:
    assert client.get(f"/notes?{query}")["total"] == count


def test_a_cursor_belongs_to_its_list(client: Client, notes: list[Note]) -> None:
    cursor = client.get("/notes?limit=2&sort=rank&status=open")["next_cursor"]
    good = f"sort=rank&status=open&cursor={cursor}"
    assert client.get(f"/notes?{good}")["total"] is None
    assert len(client.get(f"/notes?limit=7&{good}")["items"]) == 7, "the limit may change"
    for other in (
        f"sort=-rank&status=open&cursor={cursor}",
        f"sort=title&status=open&cursor={cursor}",
        f"sort=rank&cursor={cursor}",
        f"sort=rank&status=open&q=a&cursor={cursor}",
        f"sort=rank&status=archived&cursor={cursor}",
        f"sort=rank&status=open&rank_from=0&cursor={cursor}",
    ):
        assert client.get(f"/notes?{other}", 422)["code"] == "invalid-cursor", other


@pytest.mark.parametrize(
    "cursor", ["x", "%20", "====", "bnVsbA", "W10", "e30", "WzEsMiwzXQ", "%E5%AE%A2", "A" * 1999]
)
def test_a_malformed_cursor_is_rejected(client: Client, notes: list[Note], cursor: str) -> None:
    assert client.get(f"/notes?cursor={cursor}", 422)["code"] == "invalid-cursor"


FORGERIES: list[Any] = [
    None, 7, -1.5, True, "x", "", [], {}, [1], {"a": 1}, "\x00", "\ud800", 10**30, 1e308, "NaN",
    "1e999999", "sNaN", "2026-13-01", "0001-01-01T00:00:00+14:00", "2026-01-01", "x" * 900,
]  # fmt: skip


@pytest.mark.parametrize("column", SORTS)
def test_forged_cursor_values_are_harmless(client: Client, notes: list[Note], column: str) -> None:
    """The fingerprint can be copied from a valid cursor; a forged value must be harmless."""
    valid = client.get(f"/notes?limit=1&sort={column}")["next_cursor"]
    fingerprint, _value, ident = json.loads(base64.urlsafe_b64decode(valid + "=="))
    for value in FORGERIES:
        for last in (ident, "no-id", 7, None):
            raw = json.dumps([fingerprint, value, last]).encode()
            forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")
            response = client.request("GET", f"/notes?sort={column}&cursor={forged}")
            assert response.status_code in (200, 422), (value, last, response.text)


def test_a_cursor_may_hold_a_long_name(client: Client, harness: Harness) -> None:
    with harness.session() as session:
        session.add_all([Note(title="😀" * 300 + str(number)) for number in range(3)])
    assert len(ids(client, "&sort=title", limit=1)) == 3


def test_only_readable_records_are_listed_and_counted(harness: Harness, notes: list[Note]) -> None:
    member = harness.as_(harness.user("member"))
    mine = member.post("/notes", {"title": "mine"}, 201)
    page = member.get("/notes")
    assert [item["id"] for item in page["items"]] == [mine["id"]] and page["total"] == 1


def test_the_query_schema_has_all_parameters() -> None:
    fields = set(LISTING.query().fields)
    assert {"limit", "cursor", "sort", "q", "status", "amount_from", "amount_to"} <= fields


def test_a_page_can_be_mapped() -> None:
    page = listing.Page([1, 2], "c", 2, False).map(str)
    assert (page.items, page.next_cursor, page.total) == (["1", "2"], "c", 2)
