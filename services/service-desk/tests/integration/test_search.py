"""The search box over service requests."""

from __future__ import annotations

from typing import Any

from kehu_chassis.testing import Harness

from .conftest import Staff


def _found(harness: Harness, user: Any, query: str) -> list[str]:
    return [one["id"] for one in harness.as_(user).get(f"/search?q={query}")["items"]]


def test_requests_are_found_the_best_first(
    harness: Harness, staff: Staff, make_customer: Any, make_request: Any
) -> None:
    pearl = make_customer(staff.manager, name="明珠电器", number="KH-2026-000077")
    of_pearl = make_request(customer=pearl, summary="Ink", contact="王小芳 138-0013-8000")
    inside = make_request(summary="Letter of 明珠")
    prefix = make_request(summary="明珠 complains")
    for query, wanted in (
        ("明珠", [prefix, inside, of_pearl]), ("小芳", [of_pearl]), ("13800138000", [of_pearl]),
        ("kh2026000077", [of_pearl]), (inside["number"].lower(), [inside]),
        (inside["number"].replace("-", ""), [inside]), ("%25%25", []), ("__", []), ("zzz", []),
    ):  # fmt: skip
        assert _found(harness, staff.agent, query) == [one["id"] for one in wanted], query
    [hit] = harness.as_(staff.agent).get("/search?q=小芳")["items"]
    assert hit == {
        "type": "request", "id": of_pearl["id"], "number": of_pearl["number"], "name": "Ink",
        "detail": "明珠电器", "match": "王小芳 138-0013-8000", "customer_id": pearl["id"],
    }  # fmt: skip


def test_only_what_one_may_read_is_found(
    harness: Harness, staff: Staff, make_customer: Any, make_request: Any
) -> None:
    made = make_request(
        "assigned", customer=make_customer(staff.manager), summary="Pearl", assignee=staff.agent
    )
    for query in ("Pearl", made["number"]):
        for user in (staff.manager, staff.agent, staff.director, staff.executive):
            assert _found(harness, user, query) == [made["id"]], (query, user.username)
        assert _found(harness, staff.colleague, query) == [], query
    harness.as_(harness.user("marketing_specialist", name="m")).get("/search?q=Pearl", 403)


def test_what_was_typed_has_two_characters(harness: Harness, staff: Staff) -> None:
    for query in ("", "?q=a", f"?q={'x' * 101}"):
        harness.as_(staff.agent).get(f"/search{query}", 422)
