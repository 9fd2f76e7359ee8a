"""Saved views: one's own, shared ones, and defaults."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kehu_auth.features.saved_views import rules
from kehu_auth.features.saved_views.models import DefaultView

FORM = {
    "list_name": "opportunities",
    "name": "Mine this month",
    "filters": {"status": ["developing"], "assignee_id": "me", "won": False, "q": "北京"},
    "sort": "-created_at",
    "columns": ["number", "customer_name"],
}


@pytest.fixture
def east(world: Any) -> Any:
    """A department, and one below it."""
    boss = world.administrator("root")
    east = boss.post("/departments", {"name": "East"}, 201)["id"]
    return east, boss.post("/departments", {"name": "Shanghai", "parent_id": east}, 201)["id"]


def _make(client: Any, status: int = 201, **form: Any) -> Any:
    return client.post("/saved-views", FORM | form, status)


def _names(client: Any, query: str = "") -> list[str]:
    return [view["name"] for view in client.get(f"/saved-views{query}")["items"]]


def _share(client: Any, view: Any, status: int = 200, match: Any = "*", **body: Any) -> Any:
    path = f"/saved-views/{view['id']}/sharing"
    return client.expect(status, "PUT", path, body, if_match=match)


def test_a_view_is_saved_changed_and_deleted(world: Any) -> None:
    person = world.person("li.wei")
    client = world.as_("li.wei")
    made = _make(client)
    path = f"/saved-views/{made['id']}"
    assert FORM.items() <= made.items() and made["created_by"] == str(person.id)
    assert (made["created_by_name"], made["is_default"]) == ("Li.Wei", False)
    assert client.get(path) == made and client.get("/saved-views")["items"] == [made]
    changed = client.expect(200, "PATCH", path, {"name": "Ours", "sort": None}, if_match=1)
    assert (changed["name"], changed["sort"], changed["version"]) == ("Ours", None, 2)
    client.expect(412, "PATCH", path, {"name": "x"}, if_match=1)
    client.expect(428, "DELETE", path)
    client.expect(204, "DELETE", path, if_match=2)
    client.get(path, 404)


def test_views_are_listed_by_list(world: Any) -> None:
    world.person("li.wei")
    client = world.as_("li.wei")
    _make(client, name="b")
    _make(client, name="a")
    _make(client, name="c", list_name="customers")
    assert _names(client) == ["a", "b", "c"]
    assert _names(client, "?list_name=customers") == ["c"]


def test_views_of_others_appear_to_be_missing(world: Any) -> None:
    for name in ("li.wei", "zhao.min"):
        world.person(name, "sales_director")
    view = _make(world.as_("li.wei"))
    other, path = world.as_("zhao.min"), f"/saved-views/{view['id']}"
    assert _names(other) == []
    other.get(path, 404)
    other.expect(404, "PATCH", path, {"name": "x"}, if_match="*")
    other.expect(404, "DELETE", path, if_match="*")
    other.expect(404, "PUT", f"{path}/default")
    other.expect(404, "DELETE", f"{path}/default")
    other.expect(404, "DELETE", f"{path}/sharing", if_match="*")
    _share(other, view, 404, shared_with_role="executive")


def test_a_view_is_shared_with_a_role(world: Any) -> None:
    for name, role in (("d", "sales_director"), ("m", "account_manager"), ("a", "service_agent")):
        world.person(name, role)
    director, manager, agent = world.as_("d"), world.as_("m"), world.as_("a")
    view = _share(director, _make(director), shared_with_role="account_manager")
    assert (view["shared_with_role"], view["version"]) == ("account_manager", 2)
    [seen] = manager.get("/saved-views")["items"]
    assert (seen["id"], seen["created_by_name"]) == (view["id"], "D")
    assert _names(agent) == []
    path = f"/saved-views/{view['id']}"
    manager.expect(404, "PATCH", path, {"name": "x"}, if_match="*")
    manager.expect(404, "DELETE", path, if_match="*")
    director.expect(200, "DELETE", f"{path}/sharing", if_match=2)
    assert _names(manager) == [] and _names(director) == [FORM["name"]]


def test_a_view_is_shared_with_a_department_and_those_below(world: Any, east: Any) -> None:
    top, below = east
    world.person("d", "sales_director", department_id=below)
    world.person("m", department_id=below)
    world.person("n", department_id=top)
    world.person("o")
    director = world.as_("d")
    view = _share(director, _make(director), shared_with_department_id=str(top))
    assert _names(world.as_("m")) == _names(world.as_("n")) == [FORM["name"]]
    assert _names(world.as_("o")) == []
    _share(director, view, shared_with_department_id=str(below))
    assert _names(world.as_("m")) == [FORM["name"]] and _names(world.as_("n")) == []


def test_a_deleted_department_ends_the_sharing(world: Any, east: Any) -> None:
    world.person("d", "sales_director")
    director = world.as_("d")
    view = _share(director, _make(director), shared_with_department_id=str(east[1]))
    world.as_("root").expect(204, "DELETE", f"/departments/{east[1]}", if_match="*")
    assert director.get(f"/saved-views/{view['id']}")["shared_with_department_id"] is None


def test_views_of_somebody_who_left_are_not_shown(world: Any) -> None:
    world.person("d", "sales_director")
    world.person("m")
    manager, director = world.as_("m"), world.as_("d")
    view = _share(director, _make(director), shared_with_role="account_manager")
    manager.expect(200, "PUT", f"/saved-views/{view['id']}/default")
    boss = world.administrator()
    boss.post(f"/users/{view['created_by']}/disable")
    assert _names(manager) == []
    boss.post(f"/users/{view['created_by']}/enable")
    assert manager.get(f"/saved-views/{view['id']}")["is_default"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/shared_with_role"),
        ({"shared_with_role": "nobody"}, "/shared_with_role"),
        ({"shared_with_role": None}, "/shared_with_role"),
        (
            {"shared_with_department_id": "0199c2a4-1111-7000-8000-000000000001"},
            "/shared_with_department_id",
        ),
        (
            {
                "shared_with_role": "executive",
                "shared_with_department_id": "0199c2a4-1111-7000-8000-000000000001",
            },
            "/shared_with_role",
        ),
    ],
)
def test_sharing_names_one_role_or_department(world: Any, body: Any, pointer: str) -> None:
    world.person("d", "sales_director")
    director = world.as_("d")
    refused = _share(director, _make(director), 422, **body)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]


@pytest.mark.parametrize("role", ["account_manager", "marketing_specialist", "service_agent"])
def test_sharing_needs_a_permission_and_the_version(world: Any, role: str) -> None:
    world.person("m", role)
    world.person("d", "sales_director")
    client, director = world.as_("m"), world.as_("d")
    assert _share(client, _make(client), 403, shared_with_role=role)["code"] == "forbidden"
    view = _make(director)
    _share(director, view, 412, match=7, shared_with_role=role)
    path = f"/saved-views/{view['id']}/sharing"
    director.expect(428, "PUT", path, {"shared_with_role": role})


def test_each_list_has_at_most_one_default_for_a_person(world: Any) -> None:
    world.person("li.wei")
    client = world.as_("li.wei")
    one, two = _make(client, name="one"), _make(client, name="two")
    customers = _make(client, name="customers", list_name="customers")
    for view in (one, two, customers):
        assert client.expect(200, "PUT", f"/saved-views/{view['id']}/default")["is_default"]
    shown = {v["name"]: v["is_default"] for v in client.get("/saved-views")["items"]}
    assert shown == {"one": False, "two": True, "customers": True}
    client.expect(200, "DELETE", f"/saved-views/{one['id']}/default")
    assert client.get(f"/saved-views/{two['id']}")["is_default"]
    path = f"/saved-views/{two['id']}"
    assert not client.expect(200, "DELETE", f"{path}/default")["is_default"]
    client.expect(200, "PUT", f"{path}/default")
    client.expect(204, "DELETE", path, if_match="*")
    assert not any(
        v["is_default"] for v in client.get("/saved-views?list_name=opportunities")["items"]
    )


def test_of_two_defaults_at_once_one_remains(world: Any) -> None:
    world.person("li.wei")
    client = world.as_("li.wei")
    views = [_make(client, name=str(n)) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        work = [
            pool.submit(client.request, "PUT", f"/saved-views/{v['id']}/default") for v in views
        ]
        assert {job.result().status_code for job in work} == {200}
    assert sum(v["is_default"] for v in client.get("/saved-views")["items"]) == 1
    with world.harness.session() as session:
        assert session.query(DefaultView).count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("list_name", ""),
        ("list_name", "x" * 61),
        ("name", "\u200b"),
        ("name", "x" * 101),
        ("filters", None),
        ("filters", []),
        ("filters", {"q": "x" * rules.MAX_FILTERS}),
        ("filters", {"x" * 101: 1}),
        ("filters", {"q": "\x00"}),
        ("sort", "x" * 101),
        ("columns", ["x"] * 61),
        ("columns", ["x" * 61]),
        ("shared_with_role", "executive"),
        ("created_by", "0199c2a4-1111-7000-8000-000000000001"),
    ],
)
def test_what_does_not_fit_is_refused(world: Any, field: str, value: Any) -> None:
    world.person("li.wei")
    _make(world.as_("li.wei"), 422, **{field: value})


def test_a_person_has_a_limited_number_of_views(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_PER_PERSON", 2)
    world.person("li.wei")
    client = world.as_("li.wei")
    with ThreadPoolExecutor(5) as pool:
        work = [pool.submit(client.request, "POST", "/saved-views", FORM) for _ in range(5)]
        assert sorted(job.result().status_code for job in work) == [201, 201, 409, 409, 409]
    assert _make(client, 409)["code"] == "too-many-views"
