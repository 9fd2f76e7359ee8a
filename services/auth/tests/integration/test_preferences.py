"""How a person likes to see the application."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

DEFAULTS = {
    "theme": "system", "density": "comfortable", "shortcuts": True, "columns": {}, "version": 0,
}  # fmt: skip


@pytest.fixture
def client(world: Any) -> Any:
    world.person("li.wei")
    return world.as_("li.wei")


def _change(client: Any, status: int = 200, match: str | int = "*", **changes: Any) -> Any:
    return client.expect(status, "PATCH", "/me/preferences", changes, if_match=match)


def test_preferences_are_the_defaults_until_changed(world: Any, client: Any) -> None:
    assert client.get("/me/preferences") == DEFAULTS
    changed = _change(client, match=0, theme="dark", shortcuts=False)
    assert changed == DEFAULTS | {"theme": "dark", "shortcuts": False, "version": 1}
    assert client.get("/me/preferences") == changed
    assert client.get("/me")["preferences"] == changed, "known with the first answer about oneself"
    world.person("zhao.min")
    assert world.as_("zhao.min").get("/me/preferences") == DEFAULTS
    assert _change(client, theme="dark")["version"] == 1, "nothing changed"


def test_columns_of_other_lists_stay(client: Any) -> None:
    _change(client, columns={"customers": ["name", "level"], "requests": ["number"]})
    changed = _change(client, columns={"customers": ["name"], "requests": None})
    assert changed["columns"] == {"customers": ["name"]}


def test_of_two_tabs_the_later_one_is_told(client: Any) -> None:
    tag = client.request("GET", "/me/preferences").headers["ETag"]
    client.expect(200, "PATCH", "/me/preferences", {"theme": "dark"}, if_match=tag)
    client.expect(412, "PATCH", "/me/preferences", {"theme": "light"}, if_match=tag)
    client.expect(428, "PATCH", "/me/preferences", {"theme": "light"})
    with ThreadPoolExecutor(4) as pool:
        work = [
            pool.submit(client.request, "PATCH", "/me/preferences", {"columns": {n: ["x"]}},
                        if_match="*")
            for n in "abcd"
        ]  # fmt: skip
        assert [job.result().status_code for job in work] == [200] * 4
    assert client.get("/me/preferences")["columns"].keys() == set("abcd")


@pytest.mark.parametrize(
    "changes",
    [
        {"theme": "pink"},
        {"density": None},
        {"shortcuts": "yes"},
        {"columns": []},
        {"columns": {"customers": ["x"] * 61}},
        {"columns": {"customers": ["x" * 61]}},
        {"columns": {"x" * 61: ["x"]}},
        {"columns": {"": ["x"]}},
        {"columns": {"customers": [1]}},
        {"columns": {f"list{n}": ["x"] for n in range(51)}},
        {"user_id": "0199c2a4-1111-7000-8000-000000000001"},
        {"version": 7},
    ],
)
def test_what_does_not_fit_is_refused(client: Any, changes: dict[str, Any]) -> None:
    _change(client, 422, **changes)
    assert client.get("/me/preferences") == DEFAULTS


def test_many_changes_do_not_grow_beyond_the_limit(client: Any) -> None:
    _change(client, columns={f"list{n}": ["x"] for n in range(50)})
    refused = _change(client, 422, columns={"another": ["x"]})
    assert refused["errors"][0]["pointer"] == "/columns"
    _change(client, columns={"list1": None, "another": ["x"]})
