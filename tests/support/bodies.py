"""Request bodies for operations, generated from their contracts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

Json = dict[str, Any]

_BY_FORMAT = {
    "uuid": str(uuid4()),
    "date": "2026-12-13",
    "date-time": "2026-12-13T08:00:00Z",
    "email": "x@example.com",
}
_BY_TYPE: Json = {"string": "x", "boolean": True, "array": [], "object": {}}


def body_of(operation: Json, document: Json) -> Any:
    """A body with an operation's required fields, or else with one field; None if it takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    return _example(content["application/json"]["schema"], document)


def _example(schema: Json, document: Json) -> Any:
    if "$ref" in schema:
        return _example(document["components"]["schemas"][schema["$ref"].split("/")[-1]], document)
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], document)
    if "example" in schema:
        return schema["example"]
    if "enum" in schema:
        return schema["enum"][0]
    if fields := schema.get("properties"):
        names = schema.get("required") or list(fields)[:1]
        return {name: _example(fields[name], document) for name in names}
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    kind = schema.get("type", "string")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return _BY_TYPE[kind]
