"""E2: how customers are composed."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis.data.database import new_id
from kehu_chassis.testing import Harness

PATH = "/customer-composition"


def _items(harness: Harness, user: Any, query: str) -> list[tuple[Any, int, float]]:
    items = harness.as_(user).get(PATH + query)["items"]
    return [(item["value"], item["count"], item["share"]) for item in items]


@pytest.mark.parametrize(
    ("by", "common", "rare"),
    [
        ("level", "ordinary", "key_account"),
        ("region", "华北", None),
        ("industry", "retail", None),
        ("satisfaction", 3, 5),
        ("credit", 3, 1),
    ],
)
def test_customers_are_counted_by_each_dimension(
    harness: Harness, staff: Any, make_customer: Any, by: str, common: Any, rare: Any
) -> None:
    for _ in range(3):
        make_customer(staff.manager, **{by: common})
    special = make_customer(staff.manager, **{by: rare})
    shown = str(rare) if rare is not None else None
    assert _items(harness, staff.executive, f"?by={by}") == [
        (str(common), 3, 0.75),
        (shown, 1, 0.25),
    ]
    query = f"?missing={by}" if rare is None else f"?{by}={rare}"
    rows = harness.as_(staff.executive).get(f"{PATH}/rows{query}")["items"]
    assert [row["id"] for row in rows] == [special["id"]]
    assert harness.as_(staff.executive).get(f"{PATH}/rows")["total"] == 4


def test_only_normal_customers_count_by_default(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    make_customer(staff.manager)
    make_customer(staff.manager, status="lost")
    make_customer(staff.manager, merged_into=str(new_id()))
    gone = make_customer(staff.manager)
    harness.deliver(
        "customer.customer-deleted.v1", {"id": gone["id"]}, subject=gone["id"], version=2
    )
    client = harness.as_(staff.executive)
    for query, count in (("", 1), ("?status=lost", 1), ("?status=normal,lost", 2)):
        assert client.get(PATH + query)["total"] == count
        assert client.get(f"{PATH}/rows{query}")["total"] == count


def test_the_period_is_when_they_were_created(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    make_customer(staff.manager, created_at="2025-12-31T16:00:00Z")
    make_customer(staff.manager, created_at="2025-12-31T15:59:59Z")
    client = harness.as_(staff.executive)
    assert client.get(f"{PATH}?year=2026")["total"] == 1
    assert client.get(f"{PATH}/rows?year=2026")["total"] == 1
    empty = client.get(f"{PATH}?year=1999")
    assert (empty["total"], empty["items"]) == (0, [])


def test_a_director_counts_the_team_and_customers_without_manager(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    make_customer(staff.manager)
    make_customer(staff.outsider)
    make_customer(None)
    for director in (staff.director, staff.other_director):
        assert harness.as_(director).get(PATH)["total"] == 2
        assert harness.as_(director).get(f"{PATH}/rows")["total"] == 2
    assert harness.as_(staff.executive).get(PATH)["total"] == 3


def test_moving_a_person_moves_what_their_director_sees(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    make_customer(staff.manager)
    user = harness.example("auth.user-changed.v1") | {
        "id": str(staff.manager.id),
        "roles": ["account_manager"],
        "department_id": str(staff.other_director.department_id),
    }
    harness.deliver("auth.user-changed.v1", user, subject=user["id"], version=2)
    assert harness.as_(staff.director).get(PATH)["total"] == 0
    assert harness.as_(staff.other_director).get(PATH)["total"] == 1


def test_a_director_without_department_sees_what_belongs_to_nobody(
    harness: Harness, staff: Any, make_customer: Any
) -> None:
    make_customer(staff.manager)
    make_customer(None)
    assert harness.as_(harness.user("sales_director")).get(PATH)["total"] == 1


def test_unknown_dimensions_are_refused(harness: Harness, staff: Any) -> None:
    harness.as_(staff.executive).get(f"{PATH}?by=name", 422)
    harness.as_(staff.executive).get(f"{PATH}?status=merged", 422)
    harness.as_(staff.executive).get(f"{PATH}/rows?missing=name", 422)
