"""Users and the audit trail as files, for administrators only."""

import csv
import io

from kehu_chassis.testing import Harness


def test_users_and_the_audit_trail_are_exported_by_administrators(harness: Harness) -> None:
    admin = harness.as_(harness.user("admin", name="root"))
    users = admin.request("GET", "/users/export?sort=username")
    assert users.status_code == 200
    rows = list(csv.DictReader(io.StringIO(users.text.removeprefix("\ufeff"))))
    assert all("password" not in name for name in rows[0]) if rows else True
    assert admin.request("GET", "/audit-entries/export?format=xlsx").status_code == 200
    executive = harness.as_(harness.user("executive", name="boss"))
    for path in ("/users/export", "/audit-entries/export"):
        assert executive.request("GET", path).status_code == 403
