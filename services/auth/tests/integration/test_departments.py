"""The tree of departments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from kehu_auth.features.departments import service
from kehu_chassis.actor import SYSTEM
from kehu_chassis.problems import Problem


@pytest.fixture
def admin(world: Any) -> Any:
    return world.administrator()


def _make(admin: Any, name: str, parent: Any = None) -> Any:
    return admin.post("/departments", {"name": name, "parent_id": parent and parent["id"]}, 201)


def test_departments_form_a_tree(world: Any, admin: Any) -> None:
    sales = _make(admin, "Sales")
    east = _make(admin, "  East   coast ", sales)
    assert east["name"] == "East coast" and east["parent_id"] == sales["id"]
    path = f"/departments/{east['id']}"
    moved = admin.expect(200, "PATCH", path, {"parent_id": None, "name": "东区"}, if_match=1)
    assert moved["parent_id"] is None and moved["version"] == 2
    assert admin.get(path) == moved
    events = world.harness.published("auth.department-changed.v1")
    assert [(e["subject"], e["aggregateversion"]) for e in events] == [
        (sales["id"], 1),
        (east["id"], 1),
        (east["id"], 2),
    ]
    assert events[-1]["data"] == {"id": east["id"], "name": "东区", "parent_id": None}
    assert [d["name"] for d in admin.get("/departments?q=dq")["items"]] == ["东区"]
    assert admin.get(f"/departments?parent_id={sales['id']}")["items"] == []


def test_siblings_have_different_names(admin: Any) -> None:
    sales = _make(admin, "Sales")
    _make(admin, "East", sales)
    _make(admin, "East")
    for body in ({"name": "EAST"}, {"name": "ｅast", "parent_id": sales["id"]}):
        assert admin.post("/departments", body, 409)["code"] == "department-exists"
    west = _make(admin, "West")
    admin.expect(409, "PATCH", f"/departments/{west['id']}", {"name": "east"}, if_match=1)
    admin.expect(200, "PATCH", f"/departments/{west['id']}", {"name": "WEST"}, if_match=1)


def test_no_circles(admin: Any) -> None:
    top = _make(admin, "Top")
    middle = _make(admin, "Middle", top)
    bottom = _make(admin, "Bottom", middle)
    for above in (top, middle, bottom):
        body = {"parent_id": above["id"]}
        [error] = admin.expect(422, "PATCH", f"/departments/{top['id']}", body, if_match=1)[
            "errors"
        ]
        assert (error["pointer"], error["code"]) == ("/parent_id", "circular")
    missing = {"name": "x", "parent_id": "01990b1e-7f6a-7c3e-8a51-0c2f6f3d1b01"}
    assert admin.post("/departments", missing, 422)["errors"][0]["code"] == "unknown-reference"


def test_concurrent_moves_make_no_circle(world: Any, admin: Any) -> None:
    one, other = _make(admin, "One"), _make(admin, "Other")
    below_one, below_other = _make(admin, "Below", one), _make(admin, "Below", other)

    def move(department: Any, below: Any) -> Any:
        ident, parent = UUID(department["id"]), UUID(below["id"])
        return lambda session: service.update(session, SYSTEM, ident, parent_id=parent)

    with pytest.raises(Problem) as caught:
        world.overlapping(move(one, below_other), move(other, below_one))
    assert caught.value.errors[0]["code"] == "circular"


def test_only_an_empty_department_is_deleted(world: Any, admin: Any) -> None:
    sales = _make(admin, "Sales")
    east = _make(admin, "East", sales)
    user = world.person("li.wei", department_id=east["id"])
    path = f"/departments/{east['id']}"
    for full in (f"/departments/{sales['id']}", path):
        assert admin.expect(409, "DELETE", full, if_match=1)["code"] == "department-not-empty"
    admin.expect(200, "PATCH", f"/users/{user.id}", {"department_id": None}, if_match=1)
    admin.expect(428, "DELETE", path)
    admin.expect(412, "DELETE", path, if_match=7)
    admin.expect(204, "DELETE", path, if_match=1)
    admin.get(path, 404)
    [event] = world.harness.published("auth.department-deleted.v1")
    assert event["subject"] == east["id"] and event["aggregateversion"] == 2
    assert [e["record_id"] for e in world.audited("deleted")] == [east["id"]]
