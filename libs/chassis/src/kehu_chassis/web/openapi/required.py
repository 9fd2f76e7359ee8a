"""Which fields are always there, so that generated clients need not check for each.

A response has every field of its schema; those that a schema lists in ``sometimes`` may be left
out. Of a field of a request and another one that it is ``x-instead-of``, exactly one is required;
``if``, ``then`` and ``else`` say so to validators, and confuse no generator.
"""

from __future__ import annotations

import json
import re
from typing import Any

from kehu_chassis.web.openapi.labels import operations

Json = dict[str, Any]
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
_SOMETIMES = "x-sometimes"


def mark_sometimes(_converter: Any, field: Any, **_options: Any) -> Json:
    """An attribute function of apispec: mark the fields that a response may leave out."""
    missable = field.name in getattr(field.parent, "sometimes", ())
    return {_SOMETIMES: True} if missable else {}


def complete(spec: Json) -> None:
    """Require all fields of responses, and write conditional requirements."""
    schemas = spec["components"]["schemas"]
    sent: set[str] = set()
    returned: set[str] = set()
    for operation in operations(spec):
        _reach(operation.get("requestBody"), schemas, sent)
        _reach(operation["responses"], schemas, returned)
    for name, schema in schemas.items():
        fields = schema.get("properties", {})
        if name in returned - sent - {"Problem"}:
            always = [field for field in fields if _SOMETIMES not in fields[field]]
            schema.pop("required", None)
            if always:
                schema["required"] = always
        for field in fields.values():
            field.pop(_SOMETIMES, None)
            _separate_null(field)
        for field, described in fields.items():
            schema |= _condition(field, described)


def _separate_null(field: Json) -> None:
    """Write a nullable enumeration so that generators name one type for its codes."""
    if None in field.get("enum", ()):
        codes = [code for code in field.pop("enum") if code is not None]
        (kind,) = set(field.pop("type")) - {"null"}
        field["anyOf"] = [{"type": kind, "enum": codes}, {"type": "null"}]


def _reach(part: Any, schemas: Json, found: set[str]) -> None:
    for name in _REFERENCE.findall(json.dumps(part)):
        if name not in found:
            found.add(name)
            _reach(schemas[name], schemas, found)


def _condition(name: str, field: Json) -> Json:
    other = field.get("x-instead-of")
    if other is None:
        return {}
    return {"if": _given(other), "then": {"not": _given(name)}, "else": _given(name)}


def _given(name: str) -> Json:
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
