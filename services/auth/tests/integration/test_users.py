"""Users, as administrators manage them and others select them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kehu_chassis.data.database import new_id

FORM = {
    "username": "Zhang.Wei",
    "display_name": "张伟",
    "password": "by the administrator",
    "email": "zhang.wei@example.com",
    "phone": "13800000000",
    "roles": ["service_agent", "account_manager", "service_agent"],
    "regions": ["east"],
}


@pytest.fixture
def admin(world: Any) -> Any:
    return world.administrator()


def test_creating_a_user(world: Any, admin: Any) -> None:
    made = admin.post("/users", FORM, 201)
    assert made["username"] == "zhang.wei" and made["version"] == 1
    assert made["roles"] == ["account_manager", "service_agent"]
    assert made["must_change_password"] is True and made["enabled"] is True
    assert made["locale"] == "zh" and made["industries"] == [] and made["department_id"] is None
    assert admin.get(f"/users/{made['id']}") == made
    assert not {"password", "password_hash", "epoch", "voided_at", "search_text"} & made.keys()
    event = world.harness.published("auth.user-changed.v1")[-1]
    assert event["subject"] == made["id"] and event["aggregateversion"] == 1
    assert event["data"] == {
        "id": made["id"],
        "username": "zhang.wei",
        "display_name": "张伟",
        "email": "zhang.wei@example.com",
        "roles": ["account_manager", "service_agent"],
        "department_id": None,
        "regions": ["east"],
        "industries": [],
        "locale": "zh",
        "enabled": True,
    }
    [entry] = [e for e in world.audited("created") if e["record_type"] == "user"]
    assert "argon2" not in str(entry) and "by the administrator" not in str(entry)
    assert world.login("zhang.wei", FORM["password"])["user"]["must_change_password"] is True


def test_without_a_password_nobody_signs_in_until_one_is_given(world: Any, admin: Any) -> None:
    form = {name: value for name, value in FORM.items() if name != "password"}
    made = admin.post("/users", form, 201)
    world.login("zhang.wei", "anything at all", 401)
    body = {"password": FORM["password"]}
    admin.post(f"/users/{made['id']}/reset-password", body)
    world.login("zhang.wei", FORM["password"])


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"username": "zhang wei"}, "/username", "bad-username"),
        ({"username": "x" * 65}, "/username", "wrong-length"),
        ({"username": " "}, "/username", "too-short"),
        ({"password": "short"}, "/password", "wrong-length"),
        ({"password": "Password1"}, "/password", "password-too-common"),
        ({"roles": []}, "/roles", "wrong-length"),
        ({"roles": ["admin", "emperor"]}, "/roles/1", "unknown-reference"),
        ({"department_id": "01990b1e-7f6a-7c3e-8a51-0c2f6f3d1b01"}, "/department_id", None),
        ({"email": "nonsense"}, "/email", "wrong-type"),
        ({"locale": "fr"}, "/locale", "not-a-choice"),
        ({"enabled": False}, "/enabled", "unknown-field"),
        ({"epoch": 7}, "/epoch", "unknown-field"),
        ({"id": "01990b1e-7f6a-7c3e-8a51-0c2f6f3d1b01"}, "/id", "unknown-field"),
        ({"password_hash": "x"}, "/password_hash", "unknown-field"),
    ],
)
def test_bad_fields_are_named(admin: Any, change: Any, pointer: str, code: str | None) -> None:
    [error] = admin.expect(422, "POST", "/users", FORM | change)["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code or "unknown-reference")


def test_a_user_name_is_unique_however_it_is_written(admin: Any) -> None:
    admin.post("/users", FORM, 201)
    again = admin.post("/users", FORM | {"username": "ＺＨＡＮＧ.wei"}, 409)
    assert again["code"] == "username-taken"


def test_changing_a_user(world: Any, admin: Any) -> None:
    made = admin.post("/users", FORM, 201)
    path = f"/users/{made['id']}"
    admin.expect(428, "PATCH", path, {"phone": None})
    changed = admin.expect(200, "PATCH", path, {"phone": None}, if_match=1)
    assert changed["phone"] is None and changed["version"] == 2
    assert changed["email"] == FORM["email"]
    admin.expect(412, "PATCH", path, {"phone": "1"}, if_match=1)
    for body in ({"username": "x"}, {"enabled": False}, {"password": "something else"}):
        admin.expect(422, "PATCH", path, body, if_match=2)
    admin.expect(422, "PATCH", path, {"roles": ["emperor"]}, if_match=2)
    assert admin.get(path) == changed


def test_disabling_and_enabling(admin: Any) -> None:
    made = admin.post("/users", FORM, 201)
    path = f"/users/{made['id']}"
    assert admin.post(f"{path}/enable", status=409)["params"]["state"] == "enabled"
    admin.expect(412, "POST", f"{path}/disable", if_match=9)
    admin.post(f"{path}/disable")
    assert admin.post(f"{path}/disable", status=409)["params"]["state"] == "disabled"
    admin.post(f"{path}/enable")
    missing = "/users/01990b1e-7f6a-7c3e-8a51-0c2f6f3d1b01"
    for action in ("disable", "enable", "sign-out"):
        admin.post(f"{missing}/{action}", status=404)
    admin.post(f"{missing}/reset-password", {"password": "long enough"}, 404)
    admin.get(missing, 404)


def test_resetting_a_password(world: Any, admin: Any) -> None:
    user = world.person("li.wei")
    tokens = world.login("li.wei")
    path = f"/users/{user.id}/reset-password"
    admin.post(path, {"password": "li.wei"}, 422)
    reset = admin.post(path, {"password": "by the administrator"})
    assert reset["must_change_password"] is True and "password" not in reset
    world.refresh(tokens["refresh_token"], 401)
    world.login("li.wei", status=401)
    world.login("li.wei", "by the administrator")


def test_finding_users(world: Any, admin: Any) -> None:
    east = admin.post("/departments", {"name": "East"}, 201)["id"]
    admin.post("/users", FORM | {"department_id": east}, 201)
    world.person("wang.fang", "sales_director", display_name="王芳")

    def names(query: str) -> list[str]:
        found = [user["username"] for user in admin.get(f"/users?{query}")["items"]]
        return [name for name in found if name != "admin"]  # the one made at first start

    assert names("") == ["boss", "wang.fang", "zhang.wei"]
    assert names("q=张") == names("q=zw") == names("q=ZHANG") == ["zhang.wei"]
    assert names("role=sales_director,admin") == ["boss", "wang.fang"]
    assert names(f"department_id={east}") == ["zhang.wei"]
    assert names("sort=-username&limit=2") == ["zhang.wei", "wang.fang"]
    # Not by fields that colleagues may not see of each other.
    assert names("q=13800000000") == names("q=example.com") == []
    admin.get("/users?colour=red", 422)


def test_everybody_selects_people_by_name(world: Any, admin: Any) -> None:
    east = admin.post("/departments", {"name": "East"}, 201)["id"]
    zhang = admin.post("/users", FORM | {"department_id": east}, 201)
    gone = world.person("gone", "service_agent")
    admin.post(f"/users/{gone.id}/disable")
    agent = world.person("li.wei", "service_agent")
    client = world.as_("li.wei")
    assert client.get("/people?role=service_agent&sort=-display_name")["items"] == [
        {
            "id": zhang["id"],
            "display_name": "张伟",
            "roles": ["account_manager", "service_agent"],
            "department_id": east,
            "department": "East",
            "enabled": True,
        },
        {
            "id": str(agent.id),
            "display_name": "Li.Wei",
            "roles": ["service_agent"],
            "department_id": None,
            "department": None,
            "enabled": True,
        },
    ]
    assert [p["display_name"] for p in client.get("/people?q=张")["items"]] == ["张伟"]
    world.nobody.get("/people", 401)


def test_everybody_finds_the_names_behind_ids(world: Any, admin: Any) -> None:
    east = admin.post("/departments", {"name": "East"}, 201)["id"]
    zhang = admin.post("/users", FORM | {"department_id": east}, 201)
    admin.post(f"/users/{zhang['id']}/disable")
    agent = world.person("li.wei", "service_agent")
    client = world.as_("li.wei")
    gone, here = client.get(f"/people?id={zhang['id']},{agent.id},{new_id()}&sort=-display_name")[
        "items"
    ]
    # No login name, no address, and no role that a disabled person had.
    assert gone == {
        "id": zhang["id"],
        "display_name": "张伟",
        "roles": [],
        "department_id": east,
        "department": "East",
        "enabled": False,
    }
    assert (here["id"], here["enabled"]) == (str(agent.id), True)
    assert client.get(f"/people?id={zhang['id']}&role=account_manager")["items"] == []
    assert client.get("/people?q=张")["items"] == []
    client.get("/people?id=x", 422)
    world.nobody.get(f"/people?id={zhang['id']}", 401)


@pytest.mark.parametrize(
    ("username", "display_name", "found", "hidden"),
    [
        (
            "secret.login",
            "张伟",
            ["张", "张伟", "zw", "ZW", "ｚｗ"],
            ["secret", "login", "t.l"],
        ),
        ("zw", "张伟", ["zw", "伟"], []),
        ("zw.x", "张伟", ["zw"], ["zw.x", "x"]),
        ("wei", "Zhang Wei", ["wei", "zhang we", "g w"], []),
        ("li", "li li", ["li", "li l"], []),
        ("王芳", "张伟", ["zw"], ["王", "wf", "王芳"]),
    ],
)
def test_people_are_found_by_what_everybody_sees(
    world: Any, admin: Any, username: str, display_name: str, found: list[str], hidden: list[str]
) -> None:
    """Login names are what attackers need; `/people` neither shows them nor searches them."""
    world.person(username, display_name=display_name)
    for query in (*found, *hidden):
        people = admin.get(f"/people?q={query}")
        assert people["total"] == (query in found), query
        assert len(people["items"]) == people["total"]
    assert admin.get(f"/users?q={username}")["total"] == 1


def test_only_administrators_manage_users(world: Any) -> None:
    user = world.person("li.wei", "sales_director", "executive", "service_agent")
    client = world.as_("li.wei")
    for method, path in (
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", f"/users/{user.id}"),
        ("PATCH", f"/users/{user.id}"),
        ("POST", f"/users/{user.id}/disable"),
        ("POST", f"/users/{user.id}/reset-password"),
        ("GET", "/roles"),
        ("GET", "/permissions"),
        ("GET", "/departments"),
        ("GET", "/audit-entries"),
        ("GET", "/settings"),
        ("PUT", "/settings/churn_months"),
        ("POST", "/keys/rotate"),
    ):
        assert client.expect(403, method, path, {})["code"] == "forbidden"
        world.nobody.expect(401, method, path, {})


# The last administrator stays.


def _only_boss(admin: Any) -> Any:
    # The administrator made at first start is one too.
    for user in admin.get("/users?role=admin")["items"]:
        if user["username"] != "boss":
            admin.post(f"/users/{user['id']}/disable")
    return admin.get("/users?username=boss")["items"][0]


def test_the_last_administrator_cannot_be_removed(world: Any, admin: Any) -> None:
    boss = _only_boss(admin)
    path = f"/users/{boss['id']}"
    assert admin.post(f"{path}/disable", status=409)["code"] == "last-administrator"
    body = {"roles": ["executive"]}
    refused = admin.expect(409, "PATCH", path, body, if_match=boss["version"])
    assert refused["code"] == "last-administrator"
    admin.expect(200, "PATCH", path, {"roles": ["executive", "admin"]}, if_match=boss["version"])
    form = {"username": "nobody", "display_name": "Cannot sign in", "roles": ["admin"]}
    admin.post("/users", form, 201)
    assert admin.post(f"{path}/disable", status=409)["code"] == "last-administrator"
    other = world.person("other", "admin")
    admin.post(f"{path}/disable")
    assert world.as_("other").get(f"/users/{other.id}")["enabled"] is True


@pytest.mark.parametrize("how", ["disable", "demote"])
def test_two_administrators_cannot_remove_each_other(world: Any, how: str) -> None:
    first, second = world.administrator("first"), world.administrator("second")
    users = {u["username"]: u for u in first.get("/users?role=admin")["items"]}
    for name, user in users.items():
        if name not in ("first", "second"):
            first.post(f"/users/{user['id']}/disable")
    start = threading.Barrier(2)

    def remove(client: Any, victim: Any) -> int:
        path = f"/users/{victim['id']}"
        start.wait(10)
        if how == "disable":
            return client.request("POST", f"{path}/disable", {}).status_code
        body = {"roles": ["executive"]}
        return client.request("PATCH", path, body, if_match=victim["version"]).status_code

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(remove, first, users["second"])
        other = pool.submit(remove, second, users["first"])
        assert sorted([one.result(30), other.result(30)]) == [200, 409]


def test_concurrent_users_of_one_name_conflict(world: Any, admin: Any) -> None:
    start = threading.Barrier(2)

    def create(_: int) -> int:
        start.wait(10)
        return admin.request("POST", "/users", FORM).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, range(2))) == [201, 409]
