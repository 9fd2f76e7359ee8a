"""Users and the audit trail as files, for administrators only."""

import csv
import io
from typing import Any


def test_users_and_the_audit_trail_are_exported_by_administrators(world: Any) -> None:
    admin = world.administrator()
    world.person("chief", "executive")
    users = admin.request("GET", "/users/export?sort=username")
    assert users.status_code == 200, users.text
    rows = list(csv.DictReader(io.StringIO(users.text.removeprefix("\ufeff"))))
    assert [row["用户名"] for row in rows] == ["admin", "boss", "chief"]
    assert not [value for row in rows for value in row.values() if "$argon2" in value]
    assert admin.request("GET", "/audit-entries/export?format=xlsx").status_code == 200
    [first, second] = world.audited("exported")
    assert {first["record_type"], second["record_type"]} == {"users", "audit-entries"}
    executive = world.as_("chief")
    for path in ("/users/export", "/audit-entries/export"):
        assert executive.request("GET", path).status_code == 403


def test_all_unknown_references_of_a_user_are_named(world: Any) -> None:
    form = {
        "username": "new",
        "display_name": "New",
        "password": "correct horse battery",
        "roles": ["nothing"],
        "department_id": "00000000-0000-0000-0000-000000000001",
    }
    refused = world.administrator().request("POST", "/users", form)
    assert refused.status_code == 422, refused.text
    pointers = {error["pointer"].split("/")[1] for error in refused.get_json()["errors"]}
    assert pointers == {"roles", "department_id"}
