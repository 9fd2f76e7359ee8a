"""The policy: its content and polling it."""

from __future__ import annotations

import json
from typing import Any

from kehu_chassis.identity.policy import Policy


def test_the_policy_holds_the_built_in_roles(world: Any) -> None:
    contract = json.loads((world.harness.contracts.path / "roles.json").read_text())
    policy = world.policy()
    assert policy["roles"] == {role["name"]: role["permissions"] for role in contract}
    assert Policy.from_document(policy).scope(["sales_director"], "customer:read") == "team"


def test_polling_with_an_etag_is_cheap(world: Any) -> None:
    http = world.harness.app.test_client()
    first = http.get("/auth/policy")
    tag = first.headers["ETag"]
    again = http.get("/auth/policy", headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    user = world.person("li.wei")
    assert http.get("/auth/policy", headers={"If-None-Match": tag}).status_code == 304
    world.administrator().post(f"/users/{user.id}/disable")
    changed = http.get("/auth/policy", headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["ETag"] != tag
    assert changed.get_json()["void_users"] == {str(user.id): 2}


def test_the_policy_is_not_in_the_contract(world: Any) -> None:
    contract = json.loads((world.harness.contracts.path / "openapi/auth.json").read_text())
    assert "/.well-known/jwks.json" in contract["paths"]
    assert not [path for path in contract["paths"] if path.startswith("/auth")]
    for operations in contract["paths"].values():
        for name, operation in operations.items():
            assert name == "parameters" or operation["x-permission"] != "internal"
