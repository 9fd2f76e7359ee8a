"""Every list that people work with can be exported, under a permission of its own."""

import json
from pathlib import Path
from typing import Any

CONTRACTS = Path(__file__).parents[2] / "contracts/openapi"

# Names to pick from, what operators look at, one's own things, and the history of one record.
NOT_EXPORTED = {
    "list_people", "list_departments", "list_roles", "list_churn_scans", "list_notifications",
    "list_dead_letters", "list_my_sessions", "list_saved_views",
}  # fmt: skip


def test_every_list_has_an_export() -> None:
    lists, exports = set(), set()
    for file in sorted(CONTRACTS.glob("*.json")):
        if file.stem == "reporting":  # reports are files themselves
            continue
        document = json.loads(file.read_text())
        for path, methods in document["paths"].items():
            operation = methods.get("get")
            if operation and path.endswith("/export"):
                exports.add(path.removesuffix("/export"))
                assert operation["x-permission"].endswith(":export"), path
            elif path.endswith("/changes"):
                continue
            elif operation and _is_page(document, operation, NOT_EXPORTED):
                lists.add(path)
    assert lists == exports


def _is_page(document: dict[str, Any], operation: dict[str, Any], besides: set[str]) -> bool:
    content = operation["responses"].get("200", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    is_page = "next_cursor" in document["components"]["schemas"].get(name, {}).get("properties", {})
    return is_page and operation["operationId"] not in besides
