"""The search box over opportunities."""

from __future__ import annotations

from typing import Any

from kehu_chassis.testing import Harness

from .conftest import People


def _found(harness: Harness, user: Any, query: str) -> list[str]:
    return [one["id"] for one in harness.as_(user).get(f"/search?q={query}")["items"]]


def test_opportunities_are_found_the_best_first(
    harness: Harness, people: People, make: Any
) -> None:
    exact = make(customer_name="明珠", summary="Copy paper")
    prefix = make(customer_name="明珠电器", summary="Ink")
    other = make(
        customer_name="Other", summary="Ink for 明珠", contact_name="王小芳",
        contact_phone="138-0013-8000",
    )  # fmt: skip
    for query, wanted in (
        ("明珠", [exact, prefix, other]), ("copy", [exact]), ("小芳", [other]),
        ("%2B8613800138000", [other]), (prefix["number"].lower(), [prefix]),
        (prefix["number"].replace("-", ""), [prefix]), ("%25%25", []), ("__", []), ("\\\\", []),
        ("zzz", []),
    ):  # fmt: skip
        assert _found(harness, people.manager, query) == [one["id"] for one in wanted], query
    [hit] = harness.as_(people.manager).get("/search?q=13800138000")["items"]
    assert hit == {
        "type": "opportunity", "id": other["id"], "number": other["number"], "name": "Other",
        "detail": "Ink for 明珠", "match": "138-0013-8000", "customer_id": None,
    }  # fmt: skip


def test_only_what_one_may_read_is_found(harness: Harness, people: People, make: Any) -> None:
    made = make(customer_name="Pearl", contact_phone="5550001")
    for query in ("Pearl", "5550001", made["number"]):
        for user in (people.manager, people.director, people.executive):
            assert _found(harness, user, query) == [made["id"]], (query, user.username)
        for user in (people.colleague, people.outsider, people.other_director):
            assert _found(harness, user, query) == [], (query, user.username)
    harness.as_(harness.user("service_agent", name="agent")).get("/search?q=Pearl", 403)


def test_what_was_typed_has_two_characters(harness: Harness, people: People) -> None:
    for query in ("", "?q=a", f"?q={'x' * 101}"):
        harness.as_(people.manager).get(f"/search{query}", 422)
