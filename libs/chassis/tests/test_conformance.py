"""What a service returns is what its document promises; the harness finds what is not."""

from __future__ import annotations

from typing import Any

import pytest

from kehu_chassis.testing import Harness, User
from kehu_chassis.testing.conformance import Conformance
from kehu_chassis.web import document


@pytest.fixture
def conformance(harness: Harness) -> Conformance:
    return Conformance(harness.app)


def test_an_undeclared_problem_is_found(harness: Harness, conformance: Conformance) -> None:
    response = harness.as_(None).request("GET", "/notes/late")
    conformance.check("GET", "/api/v1/notes/notes/late", response)
    with pytest.raises(AssertionError, match="too-late is not declared"):
        conformance.check("GET", "/api/v1/notes/notes/break", response)


def test_a_response_without_a_promised_field_is_found(
    harness: Harness, boss: User, conformance: Conformance
) -> None:
    made = harness.as_(boss).post("/notes", {"title": "x"}, 201)
    path = f"/notes/{made['id']}"
    response = harness.as_(boss).request("GET", path)
    conformance.check("GET", f"/api/v1/notes{path}", response)
    response.data = b"{}"
    with pytest.raises(AssertionError, match='"title" is a required property'):
        conformance.check("GET", f"/api/v1/notes{path}", response)


def test_codes_follow_from_the_declaration_of_an_operation(harness: Harness) -> None:
    codes: dict[str, Any] = {
        operation["operationId"]: operation["x-problems"]
        for item in document(harness.app)["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert codes["get_note"] == {
        "401": ["invalid-token", "session-ended", "unauthenticated"],
        "403": ["forbidden", "password-change-required"],
        "404": ["not-found"],
        "422": ["validation-failed"],
        "500": ["internal-error"],
        "503": ["dependency-down"],
    }
    assert codes["update_note"]["428"] == ["precondition-required"]
    assert codes["archive_note"]["409"] == ["conflict", "idempotency-key-running", "wrong-state"]
    assert "invalid-cursor" in codes["list_notes"]["422"]
    assert "403" not in codes["me"] and "401" not in codes["be_late"]
