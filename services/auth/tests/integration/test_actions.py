"""The actions that responses show are those that are not refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from kehu_auth.features.departments.models import Department
from kehu_auth.features.users.models import User
from kehu_chassis.records.system_settings import SettingRow
from kehu_chassis.testing.operations import untrue

BODIES = {
    "update_user": {"display_name": "Somebody"},
    "reset_password": {"password": "another good password"},
    "update_department": {"name": "Another"},
    "change_setting": {"value": 7},
}


@pytest.fixture
def admin(world: Any) -> Any:
    return world.administrator()


def _is_first(user: dict[str, Any]) -> bool:
    """Whether the service's first start made the user."""
    return bool(user["username"] == "admin")


@pytest.mark.parametrize("state", ["last administrator", "administrator", "enabled", "disabled"])
def test_what_is_shown_of_a_user_is_true(world: Any, admin: Any, state: str) -> None:
    if state == "last administrator":
        user, first = sorted(admin.get("/users?role=admin")["items"], key=_is_first)
        admin.post(f"/users/{first['id']}/disable")
    else:
        user = admin.post("/users", {
            "username": "one", "display_name": "One", "password": "a rather good password",
            "roles": ["admin" if state == "administrator" else "service_agent"],
        }, 201)  # fmt: skip
    if state == "disabled":
        admin.post(f"/users/{user['id']}/disable")
    world.person("somebody", "sales_director")
    actions = admin.get(f"/users/{user['id']}")["actions"]
    listed = {one["id"]: one["actions"] for one in admin.get("/users")["items"]}
    assert listed[user["id"]] == actions
    assert ("disable_user" in actions) == (state in ("administrator", "enabled"))
    ids = {"user_id": user["id"]}
    assert untrue(world.harness, admin, User, ids, BODIES, shown=actions) == []
    assert untrue(world.harness, world.as_("somebody"), User, ids, BODIES) == []


@pytest.mark.parametrize("state", ["empty", "with a person", "with a department"])
def test_what_is_shown_of_a_department_is_true(world: Any, admin: Any, state: str) -> None:
    made = admin.post("/departments", {"name": "East"}, 201)
    if state == "with a person":
        world.person("somebody", department_id=UUID(made["id"]))
    if state == "with a department":
        admin.post("/departments", {"name": "Shanghai", "parent_id": made["id"]}, 201)
    actions = admin.get(f"/departments/{made['id']}")["actions"]
    assert ("delete_department" in actions) == (state == "empty")
    ids = {"department_id": made["id"]}
    assert untrue(world.harness, admin, Department, ids, BODIES, shown=actions) == []


def test_what_is_shown_of_a_setting_is_true(world: Any, admin: Any) -> None:
    actions = admin.get("/settings/churn_months")["actions"]
    assert actions == ["change_setting"]
    ids = {"key": "churn_months"}
    assert untrue(world.harness, admin, SettingRow, ids, BODIES, shown=actions) == []


def test_what_only_is_read_has_no_actions(admin: Any) -> None:
    assert {tuple(role["actions"]) for role in admin.get("/roles")["items"]} == {()}
    assert "actions" not in admin.get("/me")
