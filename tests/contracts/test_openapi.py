"""What every operation of the OpenAPI documents has in common."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kehu_cli.catalogue import CONTRACTS

# A key has no path of its own.
WITHOUT_PATH = {"rotate_keys"}
# Ids of records; all others are those of people.
NOT_PEOPLE = {
    "id", "customer_id", "department_id", "opportunity_id", "parent_id", "previous_id",
    "previous_request_id", "primary_contact_id", "record_id", "reports_to_id",
    "shared_with_department_id", "warning_id",
}  # fmt: skip


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((CONTRACTS / "openapi").glob("*.json")):
        for methods in json.loads(Path(path).read_text())["paths"].values():
            for operation in methods.values():
                if isinstance(operation, dict) and "operationId" in operation:
                    yield operation["operationId"], operation


CREATING = {name: one for name, one in operations() if "201" in one["responses"]}


@pytest.mark.parametrize("name", sorted(CREATING.keys() - WITHOUT_PATH))
def test_a_created_record_is_located(name: str) -> None:
    assert "Location" in CREATING[name]["responses"]["201"].get("headers", {})


def shown() -> Iterator[tuple[str, set[str], dict[str, Any]]]:
    """Every schema of a response: its name, all its fields, and those that are ids."""
    for path in sorted((CONTRACTS / "openapi").glob("*.json")):
        document = json.loads(path.read_text())
        schemas = document["components"]["schemas"]
        responses = [
            operation["responses"]
            for methods in document["paths"].values()
            for operation in methods.values()
            if isinstance(operation, dict) and "responses" in operation
        ]
        for name in _used(responses, schemas):
            fields = schemas[name].get("properties", {})
            ids = {field: one for field, one in fields.items() if one.get("format") == "uuid"}
            yield f"{path.stem} {name}", set(fields), ids


def _used(value: Any, schemas: dict[str, Any]) -> set[str]:
    """The names of the schemas to which a document's part refers, directly or not."""
    found: set[str] = set()
    new = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(value)))
    while new:
        found |= new
        parts = json.dumps([schemas[name] for name in new])
        new = set(re.findall(r'"#/components/schemas/([^"]+)"', parts)) - found
    return found


SHOWN = {name: (fields, ids) for name, fields, ids in shown()}


@pytest.mark.parametrize("name", sorted(name for name in SHOWN if SHOWN[name][1]))
def test_every_person_is_shown_with_a_name(name: str) -> None:
    fields, ids = SHOWN[name]
    people = set(ids) - NOT_PEOPLE
    assert {f"{ident.removesuffix('_id')}_name" for ident in people} <= fields
