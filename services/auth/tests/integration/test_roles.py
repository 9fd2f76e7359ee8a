"""Roles and the catalogue of permissions."""

from __future__ import annotations

import json
from typing import Any

from kehu_auth.features.roles import service
from kehu_auth.features.roles.models import Role


def test_the_built_in_roles_are_there(world: Any) -> None:
    admin = world.administrator()
    found = {role["name"]: role for role in admin.get("/roles")["items"]}
    assert len(found) == 6 and all(role["built_in"] for role in found.values())
    assert found["sales_director"]["label_zh"] == "销售主管"
    assert found["account_manager"]["permissions"]["customer:update"] == "own"
    one = found["executive"]
    assert admin.get(f"/roles/{one['id']}") == one


def test_a_new_release_brings_its_roles_up_to_date(world: Any, tmp_path: Any) -> None:
    contract = json.loads((world.harness.contracts.path / "roles.json").read_text())
    contract[1]["permissions"]["opportunity:admire"] = "all"
    contract.append({"name": "guest", "label": {"en": "Guest", "zh": "访客"}, "permissions": {}})
    (tmp_path / "roles.json").write_text(json.dumps(contract))
    with world.harness.session() as session:
        before = {role.name: role.version for role in session.query(Role)}
        service.seed(session, tmp_path)
    roles = world.policy()["roles"]
    assert roles["executive"]["opportunity:admire"] == "all" and roles["guest"] == {}
    with world.harness.session() as session:
        after = {role.name: role.version for role in session.query(Role)}
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"executive", "guest"}


def test_the_catalogue_names_what_each_permission_opens(world: Any) -> None:
    items = {p["name"]: p for p in world.administrator().get("/permissions")["items"]}
    assert items["key:rotate"]["operations"] == [
        {
            "service": "auth",
            "method": "POST",
            "path": "/api/v1/auth/keys/rotate",
            "summary": "Make a new signing key; tokens signed by the old one stay valid until they"
            " expire.",
        }
    ]
    assert "public" not in items and "authenticated" not in items


def test_administrators_hold_every_permission_of_this_service(world: Any) -> None:
    items = world.administrator().get("/permissions")["items"]
    ours = {p["name"] for p in items if any(o["service"] == "auth" for o in p["operations"])}
    ours -= {"saved-view:share"}  # not about administration: several roles share views
    roles = world.policy()["roles"]
    assert ours <= set(roles["admin"])
    resources = {name.split(":")[0] for name in ours} - {"dead-letter"}
    assert resources == {"user", "role", "department", "setting", "audit", "key"}
    for role, held in roles.items():
        if role != "admin":
            assert not ours & set(held)
    # And none that no operation requires.
    granted = {name for name in roles["admin"] if name.split(":")[0] in resources}
    assert granted <= ours


def test_the_widest_scope_of_several_roles_counts(world: Any) -> None:
    world.person("li.wei", "account_manager", "sales_director", "executive")
    mine = world.as_("li.wei").get("/me")["permissions"]
    assert mine["opportunity:read"] == "all"
    assert mine["opportunity:update"] == "team"
    assert mine["opportunity:create"] == "own"
    assert "user:read" not in mine
