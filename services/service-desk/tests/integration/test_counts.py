"""Requests are counted for tabs, and name their people."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis.data import counts
from kehu_chassis.testing import Harness


@pytest.mark.parametrize("cap", [counts.COUNT_CAP, 1])
def test_requests_are_counted_by_status_and_assignee(
    harness: Harness, staff: Any, make_request: Any, monkeypatch: pytest.MonkeyPatch, cap: int
) -> None:
    monkeypatch.setattr(counts, "COUNT_CAP", cap)
    make_request()
    make_request("assigned", assignee=staff.manager, priority="urgent")
    make_request("assigned", assignee=staff.agent)
    make_request("archived", assignee=staff.agent)
    two = min(2, cap)

    def counted(user: Any, query: str) -> dict[str | None, int]:
        found = harness.as_(user).get(f"/requests/counts?{query}")["items"]
        return {one["name"] or one["value"]: one["count"] for one in found}

    assert counted(staff.director, "") == {
        "created": 1, "assigned": two, "handled": 0, "archived": 1, "cancelled": 0,
    }  # fmt: skip
    by_person = counted(staff.director, "by=assignee_id")
    assert by_person == {"Agent": two, "Manager": 1, None: 1}
    assert counted(staff.director, "by=assignee_id&priority=urgent") == {"Manager": 1}
    assert sum(counted(staff.colleague, "").values()) == 0
    harness.as_(harness.user("admin")).get("/requests/counts", 403)


def test_every_person_of_a_request_is_named(
    harness: Harness, staff: Any, make_request: Any
) -> None:
    request = make_request("archived", creator=staff.manager, assignee=staff.agent)
    director = harness.as_(staff.director)
    shown = director.get(f"/requests/{request['id']}")
    assert director.get("/requests")["items"] == [shown]
    names = [shown[f"{name}_name"] for name in ("created_by", "assignee", "handler", "updated_by")]
    assert names == ["Manager", "Agent", "Agent", "Agent"]
    [round_] = director.get(f"/requests/{request['id']}/rounds")["items"]
    assert (round_["handler_name"], round_["feedback_by_name"]) == ("Agent", "Agent")
    assert "created_by_name" not in round_
