"""One's own profile."""

from __future__ import annotations

from typing import Any

import pytest


def test_users_change_their_own_contact_data(world: Any) -> None:
    user = world.person("li.wei")
    client = world.as_("li.wei")
    seen = client.request("GET", "/me")
    form = {"email": "li.wei@example.com", "phone": "010-1", "locale": "en"}
    changed = client.expect(200, "PATCH", "/me", form, if_match=seen.headers["ETag"])
    assert form.items() <= changed.items() and changed["version"] == user.version + 1
    assert changed == client.get("/me")
    event = world.harness.published("auth.user-changed.v1")[-1]
    assert (event["subject"], event["aggregateversion"]) == (str(user.id), changed["version"])
    [entry] = [e for e in world.audited("changed") if e["record_id"] == str(user.id)]
    assert entry["actor_id"] == str(user.id)
    assert {change["field"] for change in entry["changes"]} == set(form)
    # Neither the token nor the sessions end by it.
    world.policy()
    client.expect(412, "PATCH", "/me", {"phone": None}, if_match=seen.headers["ETag"])
    client.expect(428, "PATCH", "/me", {"phone": None})
    client.expect(200, "PATCH", "/me", {"phone": None}, if_match=changed["version"])
    client.expect(200, "PATCH", "/me", {"phone": ""}, if_match="*")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "The Boss"),
        ("roles", ["admin"]),
        ("department_id", None),
        ("must_change_password", False),
        ("regions", ["east"]),
        ("email", "nowhere"),
        ("locale", "fr"),
    ],
)
def test_invalid_and_administrators_fields_are_refused(world: Any, field: str, value: Any) -> None:
    user = world.person("li.wei")
    refused = world.as_("li.wei").expect(422, "PATCH", "/me", {field: value}, if_match=user.version)
    assert [error["pointer"] for error in refused["errors"]] == [f"/{field}"]


def test_the_first_password_must_be_changed_first(world: Any) -> None:
    world.person("li.wei", must_change_password=True)
    refused = world.as_("li.wei").expect(403, "PATCH", "/me", {"locale": "en"}, if_match=1)
    assert refused["code"] == "password-change-required"
