"""System settings."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kehu_chassis.records import system_settings


@pytest.fixture
def admin(world: Any) -> Any:
    return world.administrator()


def test_every_setting_of_the_contract_is_listed(world: Any, admin: Any) -> None:
    listed = {item["key"]: item for item in admin.get("/settings")["items"]}
    contract = system_settings.catalogue(world.harness.contracts.path)
    assert list(listed) == list(contract)
    for key, item in listed.items():
        assert item["value"] == item["default"] == contract[key]["default"]
        assert item["version"] == 0 and item["description"]["zh"]


def test_changing_a_setting_is_published_and_audited(world: Any, admin: Any) -> None:
    path = "/settings/churn_months"
    admin.expect(428, "PUT", path, {"value": 7})
    changed = admin.expect(200, "PUT", path, {"value": 7}, if_match=0)
    assert changed["value"] == 7 and changed["version"] == 1
    admin.expect(412, "PUT", path, {"value": 8}, if_match=0)
    admin.expect(200, "PUT", path, {"value": 6}, if_match=1)
    assert admin.get(path)["version"] == 2
    events = world.harness.published("auth.setting-changed.v1")
    assert [(e["subject"], e["aggregateversion"], e["data"]["value"]) for e in events] == [
        ("churn_months", 1, 7),
        ("churn_months", 2, 6),
    ]
    first, second = (e for e in world.audited("changed") if e["record_type"] == "setting")
    assert first["record_id"] == "churn_months"
    assert first["changes"] == [{"field": "value", "old": 6, "new": 7}]
    assert second["changes"] == [{"field": "value", "old": 7, "new": 6}]
    with world.harness.session() as session:
        assert system_settings.get(session, "churn_months") == 6


@pytest.mark.parametrize(
    ("key", "body", "pointer"),
    [
        ("churn_months", {}, "/value"),
        ("churn_months", {"value": 0}, "/value"),
        ("churn_months", {"value": None}, "/value"),
        ("churn_months", {"value": 7, "key": "x"}, "/key"),
        ("customer_sharing", {"value": "nobody"}, "/value"),
        ("churn_months_by_level", {"value": {"ordinary": 99}}, "/value/ordinary"),
        ("churn_months_by_level", {"value": {"Key Account": 9}}, "/value"),
    ],
)
def test_invalid_values_are_refused(admin: Any, key: str, body: Any, pointer: str) -> None:
    refused = admin.expect(422, "PUT", f"/settings/{key}", body, if_match=0)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert "{" not in refused["errors"][0]["detail"]
    assert admin.get(f"/settings/{key}")["version"] == 0


def test_unknown_settings_are_not_found(admin: Any) -> None:
    admin.get("/settings/colour", 404)
    admin.expect(404, "PUT", "/settings/colour", {"value": "red"}, if_match=0)


def test_of_two_concurrent_changes_one_is_stale(admin: Any) -> None:
    start = threading.Barrier(2)

    def change(value: int) -> int:
        start.wait(10)
        path, body = "/settings/churn_months", {"value": value}
        return admin.request("PUT", path, body, if_match=0).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change, (7, 8))) == [200, 412]
